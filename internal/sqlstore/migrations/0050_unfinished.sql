-- What is left of operations that take several transactions. The first one adds a row, and
-- the last one removes it: a row that stays was cut short, and a server finishes it.
CREATE TABLE unfinished (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  input TEXT NOT NULL, -- JSON
  change TEXT NOT NULL, -- changes.id of its record; '' for none
  at BIGINT NOT NULL
);
CREATE INDEX unfinished_by_age ON unfinished (at);

-- Of what records say of a channel, only the states go with it.
DROP INDEX change_targets_by_channel;
CREATE INDEX change_targets_by_channel ON change_targets (channel_no) WHERE channel_no <> 0 AND (state_before <> '' OR state_after <> '');
