-- What the staff is about to change in a chat elsewhere, stored before the call. The row of
-- the same id in changes, stored after it, says what became of it. Neither is ever changed.
CREATE TABLE change_intents (
  id TEXT NOT NULL PRIMARY KEY,
  operation TEXT NOT NULL,
  actor TEXT NOT NULL,
  via TEXT NOT NULL,
  reason TEXT NOT NULL,
  request_id TEXT NOT NULL,
  address TEXT NOT NULL,
  undoes TEXT NOT NULL,
  targets TEXT NOT NULL, -- JSON, all of them
  at BIGINT NOT NULL,
  due BIGINT NOT NULL -- from when on whoever made it is certain to have stopped
);
CREATE INDEX change_intents_by_time ON change_intents (at);
