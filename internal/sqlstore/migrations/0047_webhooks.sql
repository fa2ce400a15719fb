-- Addresses that are told of events, and how far each was told of each log. What was
-- delivered leaves no row but its log's position: of single events only those are kept that
-- failed, and the newest that didn't.
CREATE TABLE webhook_endpoints (
  id TEXT NOT NULL PRIMARY KEY,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  events TEXT NOT NULL, -- JSON list of types, '[]' for all
  enabled BOOLEAN NOT NULL,
  secrets TEXT NOT NULL, -- JSON list, newest first
  since BIGINT NOT NULL, -- a log without a position is told from this time on
  version BIGINT NOT NULL, -- goes up with every change
  positions BIGINT NOT NULL, -- goes up whenever all positions are dropped
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- A log is a channel's by channels.no, a hosted channel's if negative, 0 the back office's.
CREATE TABLE webhook_positions (
  endpoint TEXT NOT NULL,
  log BIGINT NOT NULL,
  seq BIGINT NOT NULL, -- of the last entry that is done with
  PRIMARY KEY (endpoint, log)
);

CREATE TABLE webhook_deliveries (
  endpoint TEXT NOT NULL,
  log BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  cid TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  status BIGINT NOT NULL, -- of the last answer; 0 for none
  error TEXT NOT NULL, -- of the last attempt; '' for none
  first_at BIGINT NOT NULL, -- the first attempt
  last_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL, -- 0 for never
  PRIMARY KEY (endpoint, log, seq)
);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (endpoint, last_at, log, seq);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (endpoint, state, last_at, log, seq);

-- Who is connected to which server, where several share the database. It counts while the
-- server has the lease 'online ' and its name.
CREATE TABLE online_users (
  user_id TEXT NOT NULL,
  node TEXT NOT NULL,
  PRIMARY KEY (user_id, node)
);
