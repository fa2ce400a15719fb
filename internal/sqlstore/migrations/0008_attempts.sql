-- Operations on a chat elsewhere that have begun. An outcome in operations ends
-- them; one that is still here was cut short, and a retry goes on with its token.
CREATE TABLE attempts (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  token TEXT NOT NULL, -- what the chat knows the change by
  at BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX attempts_by_age ON attempts (at);
