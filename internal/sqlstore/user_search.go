package sqlstore

import (
	"context"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// Users are searched in two ways. Walking through all of them in their order is fast if
// many match, since a page is soon full. Fetching and sorting those that an index of
// trigrams names is fast if few do. SQLite counts what the index names before it decides;
// PostgreSQL walks a bounded way first.
const (
	gram         = 3      // characters that the index needs
	mostGrams    = 32     // of a long search; the others are compared anyway
	fewHits      = 2_500  // are fetched and sorted as fast as a page is found among more
	shortestWalk = 10_000 // users
)

// userMatches is the condition that a user's name or id contains $3, a LIKE pattern, and
// that it comes after a position in the list.
const userMatches = `(u.name_key, u.id) > ($1, $2) AND u.deactivated_at = 0 AND u.deleted_at = 0
	AND (u.name_text LIKE $3 ESCAPE '\' OR lower(u.id) LIKE $3 ESCAPE '\')`

const userOrder = ` ORDER BY u.name_key, u.id LIMIT $4`

// usersWith returns up to q.Limit+1 users with text in their name or id, which is folded
// and long enough for the index.
func (s *Store) usersWith(ctx context.Context, q chat.UserQuery, text string) ([]chat.User, error) {
	args := []any{q.After.NameKey, q.After.ID, containing(text), q.Limit + 1}
	find := func(from string, more ...any) ([]chat.User, error) {
		rows, err := s.Query(ctx, `SELECT `+UserColumns+` FROM `+from+` WHERE `+userMatches+userOrder, append(args, more...)...)
		return Collect(rows, err, ScanUser)
	}
	if s.dialect.name == onPostgres.name {
		list, err := find(`(SELECT * FROM users WHERE (name_key, id) > ($1, $2) ORDER BY name_key, id LIMIT $5) u`, shortestWalk)
		if err != nil || len(list) > q.Limit {
			return list, err
		}
		return find(`(SELECT * FROM users WHERE search_grams(name_text || ' ' || lower(id)) @> search_grams($5) OFFSET 0) u`, text)
	}
	grams := matchGrams(text)
	rows, err := s.Query(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM users_search WHERE users_search MATCH $1 LIMIT $2)`, grams, fewHits+1)
	hits, _, err := First(rows, err, ScanValue[int64])
	switch {
	case err != nil || hits == 0:
		return nil, err
	case hits > fewHits:
		return find(`users u`)
	}
	return find(`(SELECT rowid AS hit FROM users_search WHERE users_search MATCH $5) CROSS JOIN users u ON u.no = hit`, grams)
}

// matchGrams is SQLite's query for texts that have all the trigrams of a text.
func matchGrams(text string) string {
	var query strings.Builder
	seen := map[string]bool{}
	for from := range text {
		end := from
		for range gram {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		one := text[from:end]
		if utf8.RuneCountInString(one) < gram || len(seen) == mostGrams {
			break
		}
		if !seen[one] {
			seen[one] = true
			query.WriteString(` "` + strings.ReplaceAll(one, `"`, `""`) + `"`)
		}
	}
	return query.String()
}

// searchable reports whether the index finds a folded text.
func searchable(text string) bool { return utf8.RuneCountInString(text) >= gram }

// naming notes that a user gets another name, for SQLite's index. PostgreSQL sees to its own.
func (tx *Tx) naming(u chat.User) error {
	if tx.writer.dialect.name != onSQLite.name {
		return nil
	}
	text, found, err := TxFirst(tx, ScanValue[string], `SELECT name_text FROM users WHERE id = $1`, u.ID)
	if err == nil && (!found || text != fold.Text(u.Name)) {
		tx.named = append(tx.named, u.ID)
	}
	return err
}

// indexUsers indexes all users of the transaction together: between other statements
// SQLite would write its index to disk for each.
func (tx *Tx) indexUsers() error {
	for _, id := range tx.named {
		type row struct {
			no   int64
			text string
		}
		u, found, err := TxFirst(tx, func(rows Row) (r row, err error) {
			err = rows.Scan(&r.no, &r.text)
			return r, err
		}, `SELECT no, name_text || ' ' || lower(id) FROM users WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if !found { // deleted since
			continue
		}
		if _, err := tx.Change(`INSERT OR REPLACE INTO users_search (rowid, text) VALUES ($1, $2)`, u.no, u.text); err != nil {
			return err
		}
	}
	return nil
}
