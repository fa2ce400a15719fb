-- The logs of channels that a chat elsewhere keeps. Their entries are events of the
-- channels with negative numbers. The cid '' is the back office.
CREATE TABLE hosted_logs (
  no BIGINT NOT NULL PRIMARY KEY,
  cid TEXT NOT NULL,
  seq BIGINT NOT NULL,
  log_floor BIGINT NOT NULL,
  begun BIGINT NOT NULL, -- the chat's time since which it has all messages; 0 if it is to begin anew
  newest BIGINT NOT NULL, -- the newest change, by the chat's time, of the messages that it was told of
  searched BIGINT NOT NULL, -- the chat's time up to which changes of any message were looked for
  followed BIGINT NOT NULL, -- when it was last looked at, by the database's clock
  wanted BIGINT NOT NULL -- until when somebody listens, by the database's clock
);
CREATE UNIQUE INDEX hosted_logs_by_cid ON hosted_logs (cid);
CREATE INDEX hosted_logs_wanted ON hosted_logs (wanted);
INSERT INTO counters (name, value) VALUES ('hosted_logs', 0);

-- What was last seen of each thing that the logs tell of.
CREATE TABLE hosted_states (
  log BIGINT NOT NULL, -- 0 for users
  subject TEXT NOT NULL,
  state TEXT NOT NULL, -- JSON
  at BIGINT NOT NULL, -- the chat's time of the state
  PRIMARY KEY (log, subject)
);
CREATE INDEX hosted_states_by_age ON hosted_states (at);

-- Channels and users that changed at the chat elsewhere, which what is kept of its
-- lists in memory may not show yet.
CREATE TABLE hosted_changes (
  subject TEXT NOT NULL PRIMARY KEY,
  no BIGINT NOT NULL
);
CREATE INDEX hosted_changes_by_no ON hosted_changes (no);
INSERT INTO counters (name, value) VALUES ('hosted_changes', 0);

-- Webhook calls that were taken.
CREATE TABLE hook_calls (
  id TEXT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL
);
CREATE INDEX hook_calls_by_age ON hook_calls (at);

-- Who does what only one may do at a time.
CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  number BIGINT NOT NULL, -- goes up with every new owner
  until BIGINT NOT NULL -- by the database's clock
);
