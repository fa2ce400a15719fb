-- What rules ask for of a channel is a column.
ALTER TABLE channels ADD COLUMN disabled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE channels ADD COLUMN cooldown BIGINT NOT NULL DEFAULT 0; -- seconds
UPDATE channels SET disabled = TRUE WHERE extra LIKE '%"disabled":true%';
