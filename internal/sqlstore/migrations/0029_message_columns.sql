-- What rules ask for of a message is a column.
ALTER TABLE messages ADD COLUMN type TEXT NOT NULL DEFAULT ''; -- '' for what users send
ALTER TABLE messages ADD COLUMN erased BOOLEAN NOT NULL DEFAULT FALSE; -- only its number is left
ALTER TABLE messages ADD COLUMN pin_expires BIGINT NOT NULL DEFAULT 0; -- 0 for never
UPDATE messages SET type = 'system' WHERE extra LIKE '%"type":"system"%';
UPDATE messages SET type = 'error' WHERE extra LIKE '%"type":"error"%';
UPDATE messages SET erased = TRUE, extra = '{}' WHERE extra LIKE '%"erased":true%';
UPDATE messages SET pinned_at = 0 WHERE extra LIKE '%"pin_expires"%'; -- better none than one without an end
