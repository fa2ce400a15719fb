-- What Stream's API does with messages.

-- Not among its channel's own on Stream's wire: a reply that is in its thread only,
-- or an erased message, of which only the number is left.
ALTER TABLE messages ADD COLUMN aside BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX messages_pinned ON messages (channel, pinned_at) WHERE pinned_at <> 0;

CREATE INDEX channel_settings_hidden ON channel_settings (channel) WHERE hidden;

-- Messages that wait to be committed. They have no number before.
CREATE TABLE pending_messages (
  id TEXT NOT NULL PRIMARY KEY,
  channel BIGINT NOT NULL, -- channels.no
  body TEXT NOT NULL, -- JSON object
  created_at BIGINT NOT NULL
);
CREATE INDEX pending_messages_by_channel ON pending_messages (channel);

-- Messages that a user deleted for itself.
CREATE TABLE hidden_messages (
  channel BIGINT NOT NULL, -- channels.no
  user_id TEXT NOT NULL,
  message TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (channel, user_id, message)
);

-- What was said about a thread beside its messages.
CREATE TABLE threads (
  parent TEXT NOT NULL PRIMARY KEY, -- messages.id
  channel BIGINT NOT NULL, -- channels.no
  title TEXT NOT NULL,
  custom TEXT NOT NULL, -- JSON object
  created_by TEXT NOT NULL, -- who replied first
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX threads_by_channel ON threads (channel);
INSERT INTO threads (parent, channel, title, custom, created_by, created_at, updated_at)
  SELECT m.parent, m.channel, '', '{}', m.sender, m.created_at, m.created_at FROM messages m
  WHERE m.parent <> '' AND m.seq = (SELECT MIN(f.seq) FROM messages f WHERE f.parent = m.parent AND f.parent <> '');
