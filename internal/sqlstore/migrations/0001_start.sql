-- Written for both databases; dialect.go turns the few spellings that differ.
-- Times are microseconds since 1970, 0 for none. A *_key is its text folded to
-- one case, to sort and search by.

-- 'channels' goes up with every change to the list of channels. It is the list's
-- version, and the number of the channel that the change created.
CREATE TABLE counters (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('channels', 0);

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX users_by_name ON users (name_key, id);

CREATE TABLE channels (
  no BIGINT NOT NULL PRIMARY KEY,
  cid TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  avatar TEXT NOT NULL, -- file name, '' for none
  frozen BOOLEAN NOT NULL,
  seq BIGINT NOT NULL, -- of the last message
  message_count BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  last_message_at BIGINT NOT NULL
);
CREATE INDEX channels_by_name ON channels (name_key, cid);

CREATE TABLE messages (
  id TEXT NOT NULL PRIMARY KEY,
  channel BIGINT NOT NULL, -- channels.no
  seq BIGINT NOT NULL,
  sender TEXT NOT NULL,
  text TEXT NOT NULL,
  attachments TEXT NOT NULL, -- JSON list, '' for none
  mentions TEXT NOT NULL, -- JSON list of user ids, '' for none
  created_at BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX messages_in_order ON messages (channel, seq);

-- What was done under an idempotency key, and its outcome.
CREATE TABLE operations (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  result TEXT NOT NULL, -- what the operation answered
  error TEXT NOT NULL, -- or how it failed, JSON, '' for success
  at BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX operations_by_age ON operations (at);
