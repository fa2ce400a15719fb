-- Members, reactions, restrictions, and the log of what happens in a channel.

ALTER TABLE messages ADD COLUMN edited_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN pinned_at BIGINT NOT NULL DEFAULT 0;

-- Events up to this number are no longer kept.
ALTER TABLE channels ADD COLUMN log_floor BIGINT NOT NULL DEFAULT 0;

CREATE TABLE members (
  channel BIGINT NOT NULL, -- channels.no
  user_id TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  read_seq BIGINT NOT NULL,
  PRIMARY KEY (channel, user_id)
);
CREATE INDEX members_by_user ON members (user_id, channel);

CREATE TABLE reactions (
  channel BIGINT NOT NULL, -- channels.no
  message TEXT NOT NULL,
  user_id TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (channel, message, user_id, type)
);

CREATE TABLE restrictions (
  user_id TEXT NOT NULL,
  channel BIGINT NOT NULL, -- channels.no, 0 for all
  kind TEXT NOT NULL,
  until BIGINT NOT NULL, -- 0 for good
  PRIMARY KEY (user_id, channel, kind)
);

-- What happened beside new messages, which are their own event. It shares
-- their numbers. The channel 0 is the back office, numbered by a counter.
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
INSERT INTO counters (name, value) VALUES ('backoffice', 0);
INSERT INTO counters (name, value) VALUES ('backoffice_floor', 0);

-- Where the log of a deleted channel ended: one made anew under its cid goes on
-- from there, so that nobody resumes in the wrong one.
CREATE TABLE ended_logs (
  cid TEXT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL
);
