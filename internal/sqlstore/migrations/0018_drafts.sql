-- Messages that users have begun to write, one in each channel and thread.
CREATE TABLE drafts (
  channel BIGINT NOT NULL, -- channels.no
  user_id TEXT NOT NULL,
  parent TEXT NOT NULL, -- the message that it replies to, '' for none
  body TEXT NOT NULL, -- JSON object
  created_at BIGINT NOT NULL,
  PRIMARY KEY (channel, user_id, parent)
);
CREATE INDEX drafts_by_user ON drafts (user_id, created_at);
