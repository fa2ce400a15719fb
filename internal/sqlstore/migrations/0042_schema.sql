-- The whole schema, written for SQLite and PostgreSQL alike. dialect.go rewrites the few
-- spellings that differ.
--
-- Times are microseconds since 1970, 0 for none. A *_key is its text folded to sort by,
-- a *_text the same to search in. 'custom' is the callers' own data, and 'extra' is what
-- no rule asks for; both are JSON objects. Columns named channel hold channels.no.

-- Numbers that only go up, and versions of what servers keep in memory.
CREATE TABLE counters (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
-- Goes up with every change to the list of channels. It is the list's version, and the
-- number of the channel that the change created.
INSERT INTO counters (name, value) VALUES ('channels', 0);
-- The end of the back office's log, and the number up to which its events are no longer kept.
INSERT INTO counters (name, value) VALUES ('backoffice', 0);
INSERT INTO counters (name, value) VALUES ('backoffice_floor', 0);
-- The version of the settings.
INSERT INTO counters (name, value) VALUES ('settings', 0);
-- Goes up if somebody asks whether a name is free, so that nobody else takes it at the
-- same time.
INSERT INTO counters (name, value) VALUES ('names', 0);
-- The last number in hosted_logs and in hosted_changes.
INSERT INTO counters (name, value) VALUES ('hosted_logs', 0);
INSERT INTO counters (name, value) VALUES ('hosted_changes', 0);

-- Users

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL, -- numbers count by their value
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  custom TEXT NOT NULL DEFAULT '{}',
  extra TEXT NOT NULL DEFAULT '{}',
  deactivated_at BIGINT NOT NULL DEFAULT 0,
  deleted_at BIGINT NOT NULL DEFAULT 0,
  tokens_after BIGINT NOT NULL DEFAULT 0, -- tokens made before this time are revoked
  name_text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX users_by_name ON users (name_key, id);

-- What is kept of a user who was deleted permanently, besides its bans.
CREATE TABLE tombstones (
  id TEXT NOT NULL PRIMARY KEY,
  deleted_at BIGINT NOT NULL,
  tokens_after BIGINT NOT NULL
);

-- What one user wants of another: 'mute' or 'block'.
CREATE TABLE user_relations (
  user_id TEXT NOT NULL,
  target TEXT NOT NULL,
  kind TEXT NOT NULL,
  until BIGINT NOT NULL, -- 0 if permanent
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, kind, target)
);
CREATE INDEX user_relations_by_target ON user_relations (target);

-- Bans, shadow bans and mutes by the back office.
CREATE TABLE restrictions (
  user_id TEXT NOT NULL,
  channel BIGINT NOT NULL, -- 0 for all
  kind TEXT NOT NULL,
  until BIGINT NOT NULL, -- 0 if permanent
  made_by TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, channel, kind)
);
CREATE INDEX restrictions_by_channel ON restrictions (channel);

-- Channels and who is in them

CREATE TABLE channels (
  no BIGINT NOT NULL PRIMARY KEY,
  cid TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL, -- numbers count by their value
  avatar TEXT NOT NULL, -- file name, '' for none
  frozen BOOLEAN NOT NULL,
  seq BIGINT NOT NULL, -- of the last message or event
  message_count BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  last_message_at BIGINT NOT NULL,
  log_floor BIGINT NOT NULL DEFAULT 0, -- events up to this number are no longer kept
  custom TEXT NOT NULL DEFAULT '{}',
  extra TEXT NOT NULL DEFAULT '{}',
  member_count BIGINT NOT NULL DEFAULT 0,
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  cooldown BIGINT NOT NULL DEFAULT 0, -- seconds
  name_text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX channels_by_name ON channels (name_key, cid);
CREATE INDEX channels_by_creation ON channels (created_at, cid);
CREATE INDEX channels_by_type ON channels (type, created_at, cid);

-- Where the log of a deleted channel ended. A channel created under its cid again goes on
-- from there, so that nobody resumes in the wrong one.
CREATE TABLE ended_logs (
  cid TEXT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL
);

CREATE TABLE members (
  channel BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  read_seq BIGINT NOT NULL, -- of the last message that the member has read
  role TEXT NOT NULL DEFAULT 'channel_member',
  custom TEXT NOT NULL DEFAULT '{}',
  extra TEXT NOT NULL DEFAULT '{}',
  updated_at BIGINT NOT NULL DEFAULT 0, -- 0 if never changed
  read_at BIGINT NOT NULL DEFAULT 0,
  pinned_at BIGINT NOT NULL DEFAULT 0,
  archived_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (channel, user_id)
);
CREATE INDEX members_by_user ON members (user_id, channel);

-- What a user has set for one channel, member or not.
CREATE TABLE channel_settings (
  channel BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  hidden BOOLEAN NOT NULL,
  hidden_before BIGINT NOT NULL, -- messages up to this time aren't shown to the user
  muted BOOLEAN NOT NULL,
  muted_until BIGINT NOT NULL, -- 0 if permanent
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (channel, user_id)
);
CREATE INDEX channel_settings_hidden ON channel_settings (channel) WHERE hidden;

-- Messages and what belongs to them

CREATE TABLE messages (
  id TEXT NOT NULL PRIMARY KEY,
  channel BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  sender TEXT NOT NULL,
  text TEXT NOT NULL,
  attachments TEXT NOT NULL, -- JSON list, '' for none
  mentions TEXT NOT NULL, -- JSON list of user ids, '' for none
  created_at BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  edited_at BIGINT NOT NULL DEFAULT 0,
  pinned_at BIGINT NOT NULL DEFAULT 0,
  parent TEXT NOT NULL DEFAULT '', -- the message that it replies to
  custom TEXT NOT NULL DEFAULT '{}',
  extra TEXT NOT NULL DEFAULT '{}',
  updated_at BIGINT NOT NULL DEFAULT 0, -- 0 if never changed
  aside BOOLEAN NOT NULL DEFAULT FALSE, -- not in its channel on Stream's wire: in a thread only, or erased
  text_key TEXT NOT NULL DEFAULT '', -- '' if lower(text) is the same
  shadowed BOOLEAN NOT NULL DEFAULT FALSE, -- the sender was shadow banned: only the sender and the back office may see it
  timed BIGINT NOT NULL DEFAULT 0, -- created_at if the id doesn't tell the hour, else 0, so that ours need no index by time
  type TEXT NOT NULL DEFAULT '', -- '' for what users send
  erased BOOLEAN NOT NULL DEFAULT FALSE, -- only its number is left
  pin_expires BIGINT NOT NULL DEFAULT 0 -- 0 for never
);
CREATE UNIQUE INDEX messages_in_order ON messages (channel, seq);
CREATE INDEX messages_by_parent ON messages (parent, seq) WHERE parent <> '';
CREATE INDEX messages_by_sender ON messages (sender);
CREATE INDEX messages_pinned ON messages (channel, pinned_at) WHERE pinned_at <> 0;
CREATE INDEX messages_timed ON messages (timed) WHERE timed <> 0;
CREATE INDEX messages_timed_ids ON messages (id) WHERE timed <> 0;

-- What a message said before it was changed or deleted.
CREATE TABLE message_versions (
  message TEXT NOT NULL,
  no BIGINT NOT NULL, -- 1 for the first
  channel BIGINT NOT NULL,
  text TEXT NOT NULL,
  attachments TEXT NOT NULL,
  mentions TEXT NOT NULL,
  custom TEXT NOT NULL,
  written_by TEXT NOT NULL, -- who wrote this version
  written_at BIGINT NOT NULL,
  PRIMARY KEY (message, no)
);
CREATE INDEX message_versions_by_channel ON message_versions (channel);

CREATE TABLE reactions (
  channel BIGINT NOT NULL,
  message TEXT NOT NULL,
  user_id TEXT NOT NULL,
  type TEXT NOT NULL,
  score BIGINT NOT NULL DEFAULT 1,
  custom TEXT NOT NULL DEFAULT '{}',
  created_at BIGINT NOT NULL DEFAULT 0,
  updated_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (channel, message, user_id, type)
);
CREATE INDEX reactions_by_message ON reactions (message, created_at);
CREATE INDEX reactions_by_user ON reactions (user_id);

-- Messages that a user deleted for itself.
CREATE TABLE hidden_messages (
  channel BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  message TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (channel, user_id, message)
);

-- What was said about a thread beside its messages.
CREATE TABLE threads (
  parent TEXT NOT NULL PRIMARY KEY, -- messages.id
  channel BIGINT NOT NULL,
  title TEXT NOT NULL,
  custom TEXT NOT NULL,
  created_by TEXT NOT NULL, -- who replied first
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX threads_by_channel ON threads (channel);

-- What users want the moderators to look at: a message, or else a user.
CREATE TABLE flags (
  item TEXT NOT NULL, -- one id for all flags of the same message or user
  user_id TEXT NOT NULL, -- who flagged
  message TEXT NOT NULL, -- '' for a flag of a user
  target TEXT NOT NULL, -- the user; '' for a flag of a message
  channel BIGINT NOT NULL, -- of the message; 0 for a flag of a user
  reason TEXT NOT NULL,
  custom TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (message, target, user_id)
);
CREATE INDEX flags_by_user ON flags (user_id);
CREATE INDEX flags_by_channel ON flags (channel);
CREATE INDEX flags_by_target ON flags (target);

-- What is known of uploaded files; the files are elsewhere.
CREATE TABLE uploads (
  id TEXT NOT NULL PRIMARY KEY, -- the file's name without its extension
  extension TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE, -- SHA-256 of what was uploaded; ends with the id if owner isn't ''
  size BIGINT NOT NULL, -- bytes
  width BIGINT NOT NULL, -- pixels, 0 for videos
  height BIGINT NOT NULL,
  thumbnail TEXT NOT NULL, -- its extension, '' for none
  thumbnail_size BIGINT NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded_at BIGINT NOT NULL,
  touched_at BIGINT NOT NULL, -- when somebody last uploaded it, or was about to refer to it
  owner TEXT NOT NULL DEFAULT '' -- who may delete it: a channel's cid, 'app', or '' for the back office
);
CREATE INDEX uploads_by_touch ON uploads (touched_at);

-- What happened and what was done

-- The logs, except for new messages, which are their own events and share the numbers.
-- The channel 0 is the back office, numbered by a counter.
CREATE TABLE events (
  channel BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  cid TEXT NOT NULL,
  user_id TEXT NOT NULL, -- who did it, or to whom it was done
  message TEXT NOT NULL, -- its id, '' for none
  detail TEXT NOT NULL, -- a reaction's word, or how far somebody read
  at BIGINT NOT NULL,
  PRIMARY KEY (channel, seq)
);
CREATE INDEX events_by_age ON events (at);

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

-- Operations on a hosted chat that have begun. An outcome in operations ends them; one
-- that is still here was cut short, and a retry goes on with its token.
CREATE TABLE attempts (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  token TEXT NOT NULL, -- what the chat knows the change by
  at BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX attempts_by_age ON attempts (at);

-- Work that callers were given a number for.
CREATE TABLE tasks (
  id TEXT NOT NULL PRIMARY KEY,
  status TEXT NOT NULL,
  result TEXT NOT NULL, -- JSON object
  error TEXT NOT NULL, -- JSON object, '' for none
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX tasks_by_age ON tasks (created_at);

-- Settings by kind and name: channel types, roles, block lists, the app's.
CREATE TABLE settings (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON object
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);

-- Who does what only one server may do at a time.
CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  number BIGINT NOT NULL, -- goes up with every new owner
  until BIGINT NOT NULL -- by the database's clock
);

-- Kept for a chat that is hosted elsewhere

-- The logs of its channels. Their entries are events of the channels with negative
-- numbers. The cid '' is the back office.
CREATE TABLE hosted_logs (
  no BIGINT NOT NULL PRIMARY KEY,
  cid TEXT NOT NULL,
  seq BIGINT NOT NULL,
  log_floor BIGINT NOT NULL, -- events up to this number are no longer kept
  begun BIGINT NOT NULL, -- the chat's time since which it has all messages; 0 if it is to begin anew
  newest BIGINT NOT NULL, -- the newest change, by the chat's time, of the messages that it was told of
  searched BIGINT NOT NULL, -- the chat's time up to which changes of any message were looked for
  followed BIGINT NOT NULL, -- when it was last looked at, by the database's clock
  wanted BIGINT NOT NULL -- until when somebody listens, by the database's clock
);
CREATE UNIQUE INDEX hosted_logs_by_cid ON hosted_logs (cid);
CREATE INDEX hosted_logs_wanted ON hosted_logs (wanted);

-- What was last seen of each thing that the logs tell of.
CREATE TABLE hosted_states (
  log BIGINT NOT NULL, -- 0 for users
  subject TEXT NOT NULL,
  state TEXT NOT NULL, -- JSON
  at BIGINT NOT NULL, -- the chat's time of the state
  PRIMARY KEY (log, subject)
);
CREATE INDEX hosted_states_by_age ON hosted_states (at);

-- Channels and users that changed at the chat, which the lists kept in memory may not
-- show yet.
CREATE TABLE hosted_changes (
  subject TEXT NOT NULL PRIMARY KEY,
  no BIGINT NOT NULL
);
CREATE INDEX hosted_changes_by_no ON hosted_changes (no);

-- Webhook calls that were taken.
CREATE TABLE hook_calls (
  id TEXT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL
);
CREATE INDEX hook_calls_by_age ON hook_calls (at);
