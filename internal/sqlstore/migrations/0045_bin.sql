-- Deleted channels that can come back: their rows of channels, and no more. What is in them
-- stays in its tables, under their number, where nothing reaches it without a channel.
CREATE TABLE bin (
  no BIGINT NOT NULL PRIMARY KEY, -- as the columns of channels
  cid TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name_text TEXT NOT NULL,
  avatar TEXT NOT NULL,
  frozen BOOLEAN NOT NULL,
  disabled BOOLEAN NOT NULL,
  cooldown BIGINT NOT NULL,
  custom TEXT NOT NULL,
  extra TEXT NOT NULL,
  seq BIGINT NOT NULL,
  log_floor BIGINT NOT NULL,
  message_count BIGINT NOT NULL,
  member_count BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  last_message_at BIGINT NOT NULL,
  deleted_by TEXT NOT NULL, -- user id; '' if a server or command names nobody
  deleted_at BIGINT NOT NULL,
  change TEXT NOT NULL, -- changes.id; '' for none
  erasing BOOLEAN NOT NULL -- what is in it is being erased, and it can't come back
);
CREATE INDEX bin_by_age ON bin (deleted_at, no);
CREATE INDEX bin_by_change ON bin (change);

-- What records say of a channel goes with it.
CREATE INDEX change_targets_by_channel ON change_targets (channel_no) WHERE channel_no <> 0;
