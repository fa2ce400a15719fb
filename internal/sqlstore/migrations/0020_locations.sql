-- Where a message says that somebody is, or was.
CREATE TABLE locations (
  message TEXT NOT NULL PRIMARY KEY,
  channel BIGINT NOT NULL, -- channels.no
  user_id TEXT NOT NULL,
  device TEXT NOT NULL,
  latitude DOUBLE PRECISION NOT NULL, -- degrees
  longitude DOUBLE PRECISION NOT NULL,
  end_at BIGINT NOT NULL, -- until when it may change; 0 for a place that stays
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX locations_by_user ON locations (user_id, end_at);
CREATE INDEX locations_by_channel ON locations (channel);
