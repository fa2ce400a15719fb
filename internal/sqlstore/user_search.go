package sqlstore

import (
	"context"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// Users are searched in two ways. Reading all of them in order is fast if many match, since a page
// is soon full. Reading and sorting those found by an index of trigrams is fast if few match.
// SQLite counts the results of the index and, if there are many, first reads a limited number of
// users in order. PostgreSQL, which can't count without reading, always does that first.
const (
	gram      = 3      // minimum number of characters for the index
	mostGrams = 32     // used of a long search text; the matches are compared with the whole text anyway
	fewHits   = 2_500  // results that can be read and sorted as fast as a page is found otherwise
	firstWalk = 10_000 // users read in order at first
)

// userMatches is the condition that a user's name or id contains $3, a LIKE pattern, and
// that it comes after a position in the list.
const userMatches = `(u.name_key, u.id) > ($1, $2) AND u.deactivated_at = 0 AND u.deleted_at = 0
	AND (u.name_text LIKE $3 ESCAPE '\' OR lower(u.id) LIKE $3 ESCAPE '\')`

// userSearch finds users whose name or id contains a folded text that is long enough for the index.
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

// walk reads the next users in order, on SQLite. It reports whether they fill the page.
func (s userSearch) walk() (list []chat.User, done bool, err error) {
	rows, err := s.Query(s.ctx, `SELECT name_key, id FROM users WHERE (name_key, id) > ($1, $2) ORDER BY name_key, id LIMIT 1 OFFSET $3`,
		s.q.After.NameKey, s.q.After.ID, 2*firstWalk) // as far as a page of more than fewHits extends among a million users
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

// matchGrams returns SQLite's query for texts that contain all trigrams of a text.
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

// searchable reports whether the index can be used for a folded text.
func searchable(text string) bool { return utf8.RuneCountInString(text) >= gram }

// naming notes that a user gets another name, for SQLite's index. PostgreSQL maintains its own.
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

// indexUsers indexes all users of the transaction together: otherwise SQLite would write its index
// to disk for each of them.
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
		if !found { // deleted in the meantime
			continue
		}
		if _, err := tx.Change(`INSERT OR REPLACE INTO users_search (rowid, text) VALUES ($1, $2)`, u.no, u.text); err != nil {
			return err
		}
	}
	return nil
}
