-- Where to push news to users. Nothing pushes yet; callers keep them here.
CREATE TABLE devices (
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON object
  created_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, id)
);
CREATE INDEX restrictions_by_channel ON restrictions (channel);
CREATE INDEX reactions_by_user ON reactions (user_id);
