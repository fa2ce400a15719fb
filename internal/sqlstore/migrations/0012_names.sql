-- 'names' goes up when somebody asks whether a name is free, so that nobody else
-- takes it at the same time.
INSERT INTO counters (name, value) VALUES ('names', 0);
