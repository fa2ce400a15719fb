CREATE TABLE polls (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON object: the settings and options
  custom TEXT NOT NULL, -- JSON object
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX polls_by_creation ON polls (created_at);

-- What users chose, and what they answered in words of their own.
CREATE TABLE poll_votes (
  id TEXT NOT NULL PRIMARY KEY,
  poll TEXT NOT NULL,
  user_id TEXT NOT NULL,
  choice TEXT NOT NULL, -- the option's id, '' for an answer
  answer TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX poll_votes_once ON poll_votes (poll, user_id, choice);
CREATE INDEX poll_votes_by_choice ON poll_votes (poll, choice, created_at);
CREATE INDEX poll_votes_by_user ON poll_votes (user_id);
