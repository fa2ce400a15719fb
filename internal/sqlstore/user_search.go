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
// trigrams names is fast if few do. SQLite counts what the index names, and if that isn't
// few, walks a bounded way first; PostgreSQL, which can't count without reading, always does.
const (
	gram      = 3      // characters that the index needs
	mostGrams = 32     // of a long search; the others are compared anyway
	fewHits   = 2_500  // are fetched and sorted as fast as a page is found among more
	firstWalk = 10_000 // users
)

// userMatches is the condition that a user's name or id contains $3, a LIKE pattern, and
// that it comes after a position in the list.
const userMatches = `(u.name_key, u.id) > ($1, $2) AND u.deactivated_at = 0 AND u.deleted_at = 0
	AND (u.name_text LIKE $3 ESCAPE '\' OR lower(u.id) LIKE $3 ESCAPE '\')`

// userSearch finds users whose name or id contains a text, which is folded and long enough
// for the index.
type userSearch struct {
	*Store
	ctx  context.Context //nolint:containedctx // the search's
	q    chat.UserQuery
	text string
}

// page returns up to q.Limit+1 users.
func (s userSearch) page() ([]chat.User, error) {
	if s.dialect.name == onPostgres.name {
		list, err := s.find(`(SELECT * FROM users WHERE (name_key, id) > ($1, $2) ORDER BY name_key, id LIMIT $5) u WHERE `, firstWalk)
		if err != nil || len(list) > s.q.Limit {
			return list, err
		}
		return s.find(`(SELECT * FROM users WHERE search_grams(name_text || ' ' || lower(id)) @> search_grams($5) OFFSET 0) u WHERE `, s.text)
	}
	grams := matchGrams(s.text)
	rows, err := s.Query(s.ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM users_search WHERE users_search MATCH $1 LIMIT $2)`, grams, fewHits+1)
	hits, _, err := First(rows, err, ScanValue[int64])
	if err != nil || hits == 0 {
		return nil, err
	}
	if hits > fewHits {
		if list, done, err := s.walk(); done || err != nil {
			return list, err
		}
	}
	return s.find(`(SELECT rowid AS hit FROM users_search WHERE users_search MATCH $5) CROSS JOIN users u ON u.no = hit WHERE `, grams)
}

// walk looks at the next users in SQLite's list. It reports whether they give the page.
func (s userSearch) walk() (list []chat.User, done bool, err error) {
	rows, err := s.Query(s.ctx, `SELECT name_key, id FROM users WHERE (name_key, id) > ($1, $2) ORDER BY name_key, id LIMIT 1 OFFSET $3`,
		s.q.After.NameKey, s.q.After.ID, 2*firstWalk) // as far as a page of more than fewHits reaches in a million users
	end, more, err := First(rows, err, func(rows Row) (p chat.Position, err error) {
		err = rows.Scan(&p.NameKey, &p.ID)
		return p, err
	})
	switch {
	case err != nil:
		return nil, false, err
	case !more:
		list, err = s.find(`users u WHERE `)
	default:
		list, err = s.find(`users u WHERE (u.name_key, u.id) <= ($5, $6) AND `, end.NameKey, end.ID)
	}
	return list, !more || len(list) > s.q.Limit, err
}

func (s userSearch) find(from string, more ...any) ([]chat.User, error) {
	args := append([]any{s.q.After.NameKey, s.q.After.ID, containing(s.text), s.q.Limit + 1}, more...)
	rows, err := s.Query(s.ctx, `SELECT `+UserColumns+` FROM `+from+userMatches+` ORDER BY u.name_key, u.id LIMIT $4`, args...)
	return Collect(rows, err, ScanUser)
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
