-- Only on SQLite: an index of trigrams finds users by any part of their name or id. It knows
-- them by a number that VACUUM leaves alone. The store indexes the users of a transaction
-- together (user_search.go): a trigger would write the index to disk for each.
CREATE TABLE numbered_users (
  no BIGINT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL, -- numbers count by their value
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  custom TEXT NOT NULL DEFAULT '{}',
  extra TEXT NOT NULL DEFAULT '{}',
  deactivated_at BIGINT NOT NULL DEFAULT 0,
  deleted_at BIGINT NOT NULL DEFAULT 0,
  tokens_after BIGINT NOT NULL DEFAULT 0, -- tokens made before this time are revoked
  name_text TEXT NOT NULL DEFAULT ''
);
-- Only on SQLite: nothing is lost.
INSERT INTO numbered_users (id, name, name_key, role, created_at, updated_at, custom, extra, deactivated_at, deleted_at, tokens_after, name_text)
  SELECT id, name, name_key, role, created_at, updated_at, custom, extra, deactivated_at, deleted_at, tokens_after, name_text FROM users;
-- Only on SQLite: the numbered table takes the other's place.
DROP TABLE users;
-- Only on SQLite: as above.
ALTER TABLE numbered_users RENAME TO users;
-- Only on SQLite: the name to search in stands in the index, so that most users that don't
-- match are passed over without reading their rows.
CREATE INDEX users_by_name ON users (name_key, id, name_text);
-- Only on SQLite: the trigrams.
CREATE VIRTUAL TABLE users_search USING fts5 (text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
-- Only on SQLite: of the users that are there.
INSERT INTO users_search (rowid, text) SELECT no, name_text || ' ' || lower(id) FROM users;
-- Only on SQLite: users are deleted one by one.
CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN DELETE FROM users_search WHERE rowid = old.no; END;

-- Only on PostgreSQL: the trigrams of a text. Not every server has the extension for them.
CREATE FUNCTION search_grams(searched text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
  $$ SELECT array_agg(DISTINCT substr(searched, i, 3)) FROM generate_series(1, length(searched) - 2) AS i $$;
-- Only on PostgreSQL: an index of them.
CREATE INDEX users_search ON users USING gin (search_grams(name_text || ' ' || lower(id)));
