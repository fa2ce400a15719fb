-- What the staff changed, and was refused. Nothing changes a row of these tables, except to
-- erase a person, and nothing removes one before its time is over.
INSERT INTO counters (name, value) VALUES ('changes', 0);
CREATE TABLE changes (
  no BIGINT NOT NULL PRIMARY KEY, -- 'changes' of counters
  id TEXT NOT NULL UNIQUE,
  operation TEXT NOT NULL,
  actor TEXT NOT NULL, -- user id; '' if a server or command names nobody
  via TEXT NOT NULL, -- the door
  reason TEXT NOT NULL,
  request_id TEXT NOT NULL,
  address TEXT NOT NULL,
  outcome TEXT NOT NULL,
  undoes TEXT NOT NULL, -- id of the change that this one takes back; '' for none
  targets BIGINT NOT NULL, -- how many
  at BIGINT NOT NULL
);
CREATE INDEX changes_by_actor ON changes (actor, no);
CREATE INDEX changes_undoing ON changes (undoes) WHERE undoes <> '';

CREATE TABLE change_targets (
  change BIGINT NOT NULL, -- changes.no
  no BIGINT NOT NULL, -- 1 for the first
  kind TEXT NOT NULL,
  cid TEXT NOT NULL, -- '' for what is in no channel
  channel_no BIGINT NOT NULL, -- channels.no of a channel that may be gone; 0 for none
  user_id TEXT NOT NULL, -- whose data the states are; '' for nobody's
  item TEXT NOT NULL,
  state_before TEXT NOT NULL, -- JSON object; '' for what was not there
  state_after TEXT NOT NULL,
  PRIMARY KEY (change, no)
);
CREATE INDEX change_targets_by_cid ON change_targets (cid, change) WHERE cid <> '';
CREATE INDEX change_targets_by_user ON change_targets (user_id, change) WHERE user_id <> '';

-- The change that an operation with a key made; '' for none.
ALTER TABLE operations ADD COLUMN change TEXT NOT NULL DEFAULT '';
