-- 'settings' goes up with every change to the settings; it is their version.
INSERT INTO counters (name, value) VALUES ('settings', 0);
