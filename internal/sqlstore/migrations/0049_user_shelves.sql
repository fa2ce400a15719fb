-- Only on SQLite: a user's number says where in the list, by name, the user stands: shelves
-- follow each other, and within a shelf numbers say nothing. So a search ends once its page is full.
CREATE TABLE user_shelves (
  no BIGINT NOT NULL PRIMARY KEY, -- the first of its numbers; the others lie before the next shelf's
  name_key TEXT NOT NULL, -- where it begins in the list
  id TEXT NOT NULL
);
-- Only on SQLite: how a user finds its shelf.
CREATE UNIQUE INDEX user_shelves_by_name ON user_shelves (name_key, id);
-- Only on SQLite: the index is made anew, with the places of trigrams, so that it finds what has them in a row.
DROP TABLE users_search;
-- Only on SQLite: 1,000 users a shelf. No number was that large.
UPDATE users SET no = ((place / 1000 + 1) << 36) + place % 1000
  FROM (SELECT id AS whose, row_number() OVER (ORDER BY name_key, id) - 1 AS place FROM users) WHERE id = whose;
-- Only on SQLite: their shelves.
INSERT INTO user_shelves (no, name_key, id) SELECT no, name_key, id FROM users WHERE no & 68719476735 = 0 AND no > 68719476736;
-- Only on SQLite: the first one begins before all users.
INSERT INTO user_shelves (no, name_key, id) VALUES (68719476736, '', '');
-- Only on SQLite: the trigrams.
CREATE VIRTUAL TABLE users_search USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');
-- Only on SQLite: of the users that are there.
INSERT INTO users_search (rowid, text) SELECT no, name_text || ' ' || lower(id) FROM users ORDER BY no;
