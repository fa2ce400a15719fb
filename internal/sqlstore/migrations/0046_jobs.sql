-- Work on many targets, each of which is a row that is done exactly once.
INSERT INTO counters (name, value) VALUES ('jobs', 0);
CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY, -- in the order of time
  operation TEXT NOT NULL, -- what is done with each target, as in changes
  state TEXT NOT NULL,
  input TEXT NOT NULL, -- JSON: what it is done with
  actor TEXT NOT NULL, -- user id of who started it
  actor_name TEXT NOT NULL,
  change TEXT NOT NULL, -- changes.id; '' while it is a draft
  announcement TEXT NOT NULL, -- announcements.id; '' for none
  local_time TEXT NOT NULL, -- when it is due, on the clock in the zone; '' for at once
  zone TEXT NOT NULL,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  begun_at BIGINT NOT NULL, -- 0 until then
  ended_at BIGINT NOT NULL, -- 0 until then
  seq BIGINT NOT NULL -- 'jobs' of counters at its last change
);
CREATE INDEX jobs_by_seq ON jobs (seq);
CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('SCHEDULED', 'RUNNING');
CREATE INDEX jobs_of_announcements ON jobs (announcement, id) WHERE announcement <> '';
CREATE INDEX jobs_by_change ON jobs (change) WHERE change <> '';

CREATE TABLE job_rows (
  job TEXT NOT NULL, -- jobs.id
  no BIGINT NOT NULL, -- 1 for the first
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  error TEXT NOT NULL, -- JSON; '' for none
  readers BIGINT NOT NULL, -- who had read the message when it was changed; -1 if not known
  PRIMARY KEY (job, no)
);
CREATE INDEX job_rows_by_state ON job_rows (job, state, no);

CREATE TABLE announcements (
  id TEXT NOT NULL PRIMARY KEY, -- jobs.id of the job that sends it
  text TEXT NOT NULL,
  attachments TEXT NOT NULL, -- JSON list, as in messages
  mentions TEXT NOT NULL,
  sender TEXT NOT NULL, -- user id
  sender_name TEXT NOT NULL,
  audience TEXT NOT NULL, -- JSON object
  created_by TEXT NOT NULL, -- user id
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
