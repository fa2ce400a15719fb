-- What Stream's API knows of users, channels, members and messages beyond what our
-- own API shows. 'custom' is the callers' own data and 'extra' is what no rule asks
-- for; both are JSON objects.

ALTER TABLE users ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN extra TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN deactivated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN tokens_after BIGINT NOT NULL DEFAULT 0; -- those made before are revoked

ALTER TABLE channels ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE channels ADD COLUMN extra TEXT NOT NULL DEFAULT '{}';
CREATE INDEX channels_by_creation ON channels (created_at, cid);

ALTER TABLE members ADD COLUMN role TEXT NOT NULL DEFAULT 'channel_member';
ALTER TABLE members ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE members ADD COLUMN extra TEXT NOT NULL DEFAULT '{}';
ALTER TABLE members ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0; -- 0 for never since added
ALTER TABLE members ADD COLUMN read_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN pinned_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN archived_at BIGINT NOT NULL DEFAULT 0;

-- What a user has set for one channel, member or not.
CREATE TABLE channel_settings (
  channel BIGINT NOT NULL, -- channels.no
  user_id TEXT NOT NULL,
  hidden BOOLEAN NOT NULL,
  hidden_before BIGINT NOT NULL, -- messages up to this time aren't shown to the user
  muted BOOLEAN NOT NULL,
  muted_until BIGINT NOT NULL, -- 0 for good
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (channel, user_id)
);

ALTER TABLE messages ADD COLUMN parent TEXT NOT NULL DEFAULT ''; -- the message that it replies to
ALTER TABLE messages ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE messages ADD COLUMN extra TEXT NOT NULL DEFAULT '{}';
ALTER TABLE messages ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0; -- 0 for never since sent
CREATE INDEX messages_by_parent ON messages (parent, seq) WHERE parent <> '';
CREATE INDEX messages_by_sender ON messages (sender);

-- What a message said before it was changed or deleted.
CREATE TABLE message_versions (
  message TEXT NOT NULL,
  no BIGINT NOT NULL, -- 1 for the first
  channel BIGINT NOT NULL, -- channels.no
  text TEXT NOT NULL,
  attachments TEXT NOT NULL,
  mentions TEXT NOT NULL,
  custom TEXT NOT NULL,
  written_by TEXT NOT NULL, -- who wrote this version
  written_at BIGINT NOT NULL,
  PRIMARY KEY (message, no)
);
CREATE INDEX message_versions_by_channel ON message_versions (channel);

ALTER TABLE reactions ADD COLUMN score BIGINT NOT NULL DEFAULT 1;
ALTER TABLE reactions ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE reactions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reactions ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX reactions_by_message ON reactions (message, created_at);

ALTER TABLE restrictions ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE restrictions ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE restrictions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;

-- What one user wants of another: 'mute' or 'block'.
CREATE TABLE user_relations (
  user_id TEXT NOT NULL,
  target TEXT NOT NULL,
  kind TEXT NOT NULL,
  until BIGINT NOT NULL, -- 0 for good
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, kind, target)
);
CREATE INDEX user_relations_by_target ON user_relations (target);

-- Settings by kind and name: channel types, roles, commands, block lists, the app's.
CREATE TABLE settings (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON object
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);

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
