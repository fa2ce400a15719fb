-- Names are sorted by name_key, where numbers count by their value, and searched in
-- name_text.

ALTER TABLE users ADD COLUMN name_text TEXT NOT NULL DEFAULT '';
UPDATE users SET name_text = name_key;
ALTER TABLE channels ADD COLUMN name_text TEXT NOT NULL DEFAULT '';
UPDATE channels SET name_text = name_key;
