-- Messages that users want to come back to, at a time or just some time.
CREATE TABLE reminders (
  message TEXT NOT NULL,
  user_id TEXT NOT NULL,
  channel BIGINT NOT NULL, -- channels.no
  remind_at BIGINT NOT NULL, -- 0 for some time
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (message, user_id)
);
CREATE INDEX reminders_by_user ON reminders (user_id, remind_at);
CREATE INDEX reminders_by_channel ON reminders (channel);
