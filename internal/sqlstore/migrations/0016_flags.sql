-- What users want the moderators to look at: a message, or else a user.
CREATE TABLE flags (
  item TEXT NOT NULL, -- one id for all flags of the same message or user
  user_id TEXT NOT NULL, -- who flagged
  message TEXT NOT NULL, -- '' for a flag of a user
  target TEXT NOT NULL, -- the user; '' for a flag of a message
  channel BIGINT NOT NULL, -- channels.no of the message; 0 for a flag of a user
  reason TEXT NOT NULL,
  custom TEXT NOT NULL, -- JSON object
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (message, target, user_id)
);
CREATE INDEX flags_by_user ON flags (user_id);
CREATE INDEX flags_by_channel ON flags (channel);
CREATE INDEX flags_by_target ON flags (target);
