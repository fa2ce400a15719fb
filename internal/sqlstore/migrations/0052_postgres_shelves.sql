-- Only on PostgreSQL: the list of users by name is cut into shelves. The index has each trigram once
-- for each shelf, so a search looks at one shelf after the other and ends once its page is full.
-- No user stands before the beginning of its shelf. One may stand after its end.
CREATE TABLE user_shelves (
  no BIGINT NOT NULL PRIMARY KEY,
  name_key TEXT NOT NULL, -- where it begins in the list
  id TEXT NOT NULL
);
-- Only on PostgreSQL: how a user finds its shelf.
CREATE INDEX user_shelves_by_name ON user_shelves (name_key, id);
-- Only on PostgreSQL: numbers of shelves.
CREATE SEQUENCE user_shelf_numbers;
-- Only on PostgreSQL: the first one begins before all users.
INSERT INTO user_shelves (no, name_key, id) VALUES (0, '', '');
-- Only on PostgreSQL: users who are there get up to 96 shelves.
INSERT INTO user_shelves (no, name_key, id) SELECT nextval('user_shelf_numbers'), name_key, id
  FROM (SELECT name_key, id, row_number() OVER (ORDER BY name_key, id) - 1 AS place, greatest(64, count(*) OVER () / 96 + 1) AS size FROM users) u
  WHERE place > 0 AND place % size = 0;
-- Only on PostgreSQL: of each user.
ALTER TABLE users ADD COLUMN shelf BIGINT NOT NULL DEFAULT 0;
-- Only on PostgreSQL: as above.
UPDATE users u SET shelf = (SELECT s.no FROM user_shelves s WHERE (s.name_key, s.id) <= (u.name_key, u.id) ORDER BY s.name_key DESC, s.id DESC LIMIT 1);

-- Only on PostgreSQL: a user who is new or gets another name stands on the shelf of that name.
CREATE FUNCTION shelve_user() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    SELECT s.no INTO NEW.shelf FROM user_shelves s
      WHERE (s.name_key, s.id) <= (NEW.name_key, NEW.id) ORDER BY s.name_key DESC, s.id DESC LIMIT 1;
    RETURN NEW;
  END $$;
-- Only on PostgreSQL: as above.
CREATE TRIGGER users_shelved BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION shelve_user();
-- Only on PostgreSQL: as above.
CREATE TRIGGER users_renamed BEFORE UPDATE OF name_key ON users FOR EACH ROW WHEN (OLD.name_key <> NEW.name_key) EXECUTE FUNCTION shelve_user();

-- Only on PostgreSQL: makes two of a shelf that is full. That is 64 users, until there are 96
-- shelves, so that a large import moves next to nobody, and 16,384 from then on. The last shelf
-- keeps these, since a sorted import goes on after them. Users who are locked stay.
CREATE FUNCTION divide_shelf() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    early bool := (SELECT count(*) < 96 FROM user_shelves);
    full_at int := CASE WHEN early THEN 64 ELSE 16384 END;
    old record;
    following record;
    starts record;
    size int;
    kept int;
  BEGIN
    IF NOT early AND random() > 1.0 / 16 THEN RETURN NULL; END IF;
    SELECT s.name_key, s.id INTO old FROM user_shelves s
      WHERE (s.name_key, s.id) <= (NEW.name_key, NEW.id) ORDER BY s.name_key DESC, s.id DESC LIMIT 1;
    SELECT s.name_key, s.id INTO following FROM user_shelves s
      WHERE (s.name_key, s.id) > (old.name_key, old.id) ORDER BY s.name_key, s.id LIMIT 1;
    SELECT count(*) INTO size FROM (SELECT u.name_key, u.id FROM users u
        WHERE (u.name_key, u.id) >= (old.name_key, old.id) ORDER BY u.name_key, u.id LIMIT 32768) u
      WHERE following.id IS NULL OR (u.name_key, u.id) < (following.name_key, following.id);
    IF size <= full_at THEN RETURN NULL; END IF;
    kept := CASE WHEN following.id IS NULL AND NOT early THEN full_at ELSE size / 2 END;
    SELECT u.name_key, u.id INTO starts FROM users u
      WHERE (u.name_key, u.id) >= (old.name_key, old.id) ORDER BY u.name_key, u.id OFFSET kept LIMIT 1;
    INSERT INTO user_shelves (no, name_key, id) VALUES (nextval('user_shelf_numbers'), starts.name_key, starts.id);
    UPDATE users SET shelf = currval('user_shelf_numbers') WHERE id = ANY (ARRAY(SELECT u.id FROM users u
      WHERE (u.name_key, u.id) >= (starts.name_key, starts.id) ORDER BY u.name_key, u.id LIMIT size - kept FOR UPDATE SKIP LOCKED));
    RETURN NULL;
  END $$;
-- Only on PostgreSQL: one in 64 new users looks whether its shelf is full.
CREATE TRIGGER users_divided AFTER INSERT ON users FOR EACH ROW WHEN (random() < 1.0 / 64) EXECUTE FUNCTION divide_shelf();

-- Only on PostgreSQL: the trigrams of a text on a shelf, as numbers: 10 bits of each character. The
-- cost keeps the database from computing them for all users.
CREATE FUNCTION search_keys(shelf bigint, searched text) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
  DECLARE
    keys bigint[] := '{}';
    last bigint := 0;
  BEGIN
    FOR i IN 1..length(searched) LOOP
      last := ((last & 1048575) << 10) | (ascii(substr(searched, i, 1)) & 1023);
      IF i > 2 THEN keys[i - 2] := (shelf << 30) | last; END IF;
    END LOOP;
    RETURN keys;
  END $$;
-- Only on PostgreSQL: the index by shelf takes its place.
DROP INDEX users_search;
-- Only on PostgreSQL: a search reads what isn't in the index yet for each shelf, so that must stay small.
CREATE INDEX users_search ON users USING gin (search_keys(shelf, name_text || ' ' || lower(id))) WITH (gin_pending_list_limit = 128);
-- Only on PostgreSQL: with the name to search in, so that those that don't match are passed over without reading their rows.
DROP INDEX users_by_name;
-- Only on PostgreSQL: as above.
CREATE INDEX users_by_name ON users (name_key, id, name_text);
