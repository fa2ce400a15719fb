-- When a message was sent, if its id doesn't tell the hour; 0 if it does, as ours do.
-- So counting by time costs messages of ours no index.
ALTER TABLE messages ADD COLUMN timed BIGINT NOT NULL DEFAULT 0;
UPDATE messages SET timed = created_at WHERE length(id) <> 36 OR substr(id, 15, 1) <> '7';
CREATE INDEX messages_timed ON messages (timed) WHERE timed <> 0;
CREATE INDEX messages_timed_ids ON messages (id) WHERE timed <> 0;
