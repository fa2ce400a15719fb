package sqlstore

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// The index of trigrams returns users roughly in the order of the list, shelf by shelf
// (user_place.go), so a search ends once its page is full. SQLite's has them by number;
// PostgreSQL's has each trigram once for each shelf.
const (
	gram      = 3  // minimum number of characters for the index
	mostGrams = 32 // used of a long search text; the matches are compared with the whole text anyway
)

// userContains is the condition that a user's name or id contains $3, a LIKE pattern.
const userContains = `(u.name_text LIKE $3 ESCAPE '\' OR lower(u.id) LIKE $3 ESCAPE '\')`

// userMatches is the condition for users who are found.
const userMatches = `u.deactivated_at = 0 AND u.deleted_at = 0 AND ` + userContains

// userSearch finds users whose name or id contains a text, which is folded and long enough
// for the index.
type userSearch struct {
	*Store
	ctx  context.Context //nolint:containedctx // the search's
	q    chat.UserQuery
	text string
	than string // ">" if the user at q.After comes before the page, else ">="
}

// matches is userMatches. On PostgreSQL the backslash is the default, and naming it takes ten times as
// long for each user.
func (s userSearch) matches(condition string) string {
	if s.dialect.name == onPostgres.name {
		return strings.ReplaceAll(condition, ` ESCAPE '\'`, "")
	}
	return condition
}

// comesAfter is the condition that a user is in the page or comes later.
func (s userSearch) comesAfter() string { return `(u.name_key, u.id) ` + s.than + ` ($1, $2) AND ` }

// page returns up to q.Limit+1 users. The first matches of the index say on which shelf the page
// ends. From the beginning of that shelf it reads the list.
func (s userSearch) page() ([]chat.User, error) {
	hits, outside, err := s.hits()
	if err != nil {
		return nil, err
	}
	var rest []chat.User
	if len(hits) > s.q.Limit {
		starts, err := s.shelfOf(hits[s.q.Limit])
		if err != nil {
			return nil, err
		}
		later := func(u numberedUser) bool { return !after(starts, u.at()) }
		hits, outside = slices.DeleteFunc(hits, later), slices.DeleteFunc(outside, later)
		if rest, err = s.from(starts, len(hits)+len(outside)).find(); err != nil {
			return nil, err
		}
	}
	hits = append(hits, outside...)
	slices.SortFunc(hits, func(a, b numberedUser) int { return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.ID, b.ID)) })
	page := make([]chat.User, 0, len(hits)+len(rest))
	for _, u := range hits {
		page = append(page, u.User)
	}
	page = append(page, rest...)
	return page[:min(len(page), s.q.Limit+1)], nil
}

// numberedUser is a user with the place in the list and the number: on PostgreSQL the shelf's.
type numberedUser struct {
	chat.User
	key string
	no  int64
}

func (u numberedUser) at() chat.Position { return chat.Position{NameKey: u.key, ID: u.ID} }

func scanNumbered(rows Row) (u numberedUser, err error) {
	u.User, err = scanUserAnd(rows, &u.key, &u.no)
	return u, err
}

// hits returns the first q.Limit+1 matches of the index by shelf, and on SQLite all users in no
// shelf who match.
func (s userSearch) hits() (hits, outside []numberedUser, err error) {
	if s.dialect.name == onPostgres.name {
		hits, err = s.onShelves()
		return hits, nil, err
	}
	match, err := s.phrases()
	if err != nil {
		return nil, nil, err
	}
	from, err := s.shelf(`(s.name_key, s.id) <= ($1, $2) ORDER BY s.name_key DESC, s.id DESC LIMIT 1`, s.q.After.NameKey, s.q.After.ID)
	if err != nil {
		return nil, nil, err
	}
	if hits, err = s.numbered(match, from.first, lastOfShelf, s.q.Limit+1); err == nil {
		outside, err = s.outside(match)
	}
	return hits, outside, err
}

// shelfOf returns the beginning of the shelf that a user is on.
func (s userSearch) shelfOf(u numberedUser) (chat.Position, error) {
	condition := `s.no <= $1 ORDER BY s.no DESC LIMIT 1`
	if s.dialect.name == onPostgres.name {
		condition = `s.no = $1`
	}
	one, err := s.shelf(condition, u.no)
	return one.starts, err
}

// onShelves returns the first matching users on PostgreSQL, by shelf. It looks at those before the
// page too, since users may stand after the end of their shelf.
func (s userSearch) onShelves() ([]numberedUser, error) {
	text := []rune(s.text)
	rows, err := s.Query(s.ctx, `SELECT `+UserColumns+`, name_key, shelf
		FROM (SELECT no, search_keys(no, $5) AS keys FROM user_shelves ORDER BY name_key, id, no OFFSET 0) s CROSS JOIN LATERAL (SELECT * FROM users
			WHERE search_keys(shelf, name_text || ' ' || lower(id)) @> s.keys OFFSET 0) u WHERE `+s.comesAfter()+s.matches(userMatches)+` LIMIT $4`,
		s.q.After.NameKey, s.q.After.ID, containing(s.text), s.q.Limit+1, string(text[:min(len(text), mostGrams+gram-1)]))
	return Collect(rows, err, scanNumbered)
}

// numbered returns the first matching users of an interval of numbers, by number.
func (s userSearch) numbered(match string, from, to int64, most int) ([]numberedUser, error) {
	rows, err := s.Query(s.ctx, `SELECT `+UserColumns+`, name_key, no
		FROM (SELECT rowid AS hit FROM users_search WHERE users_search MATCH $5 AND rowid BETWEEN $6 AND $7 ORDER BY rowid) CROSS JOIN users u ON u.no = hit
		WHERE `+s.comesAfter()+s.matches(userMatches)+` LIMIT $4`, s.q.After.NameKey, s.q.After.ID, containing(s.text), most, match, from, to)
	return Collect(rows, err, scanNumbered)
}

// outside returns the matching users in no shelf. Hardly ever there is one.
func (s userSearch) outside(match string) ([]numberedUser, error) {
	rows, err := s.Query(s.ctx, `SELECT 1 FROM users WHERE no < $1 LIMIT 1`, int64(noShelf))
	_, some, err := First(rows, err, ScanValue[int64])
	if err != nil || !some {
		return nil, err
	}
	return s.numbered(match, 0, noShelf-1, math.MaxInt)
}

func (s userSearch) shelf(condition string, args ...any) (shelf, error) {
	rows, err := s.Query(s.ctx, shelfOf+condition, args...)
	one, _, err := First(rows, err, scanShelf)
	return one, err
}

// from is the rest of a page, which begins with whoever stands at a position.
func (s userSearch) from(at chat.Position, had int) userSearch {
	s.q.Limit = max(s.q.Limit-had, 0)
	if after(at, s.q.After) {
		s.q.After, s.than = at, ">="
	}
	return s
}

// find reads the list of users. PostgreSQL would read each user's row: it is made to look at the
// index first, which has the texts, as SQLite does.
func (s userSearch) find() ([]chat.User, error) {
	from, order := `users u WHERE `+s.comesAfter()+s.matches(userMatches), `u.name_key, u.id`
	if s.dialect.name == onPostgres.name {
		order = `list.key, list.whose`
		from = `(SELECT u.name_key AS key, u.id AS whose FROM users u WHERE ` + s.comesAfter() + s.matches(userContains) + ` ORDER BY u.name_key, u.id OFFSET 0) list
			CROSS JOIN LATERAL (SELECT * FROM users WHERE id = list.whose OFFSET 0) u WHERE ` + s.matches(userMatches)
	}
	rows, err := s.Query(s.ctx, `SELECT `+UserColumns+` FROM `+from+` ORDER BY `+order+` LIMIT $4`,
		s.q.After.NameKey, s.q.After.ID, containing(s.text), s.q.Limit+1)
	return Collect(rows, err, ScanUser)
}

// phrases is SQLite's query for texts that have the parts of a text. It leaves out the
// trigrams that many users have, as far as there are others: going through those takes
// as long as they have users, and each user that is found is looked at anyway.
func (s userSearch) phrases() (string, error) {
	common, err := s.common()
	if err != nil {
		return "", err
	}
	text := []rune(s.text)
	text = text[:min(len(text), mostGrams+gram-1)]
	var query strings.Builder
	phrase := func(from, to int) {
		query.WriteString(` "` + strings.ReplaceAll(string(text[from:to]), `"`, `""`) + `"`)
	}
	begun := -1
	for i := range len(text) - gram + 1 {
		if common[string(text[i:i+gram])] {
			if begun >= 0 {
				phrase(begun, i+gram-1)
			}
			begun = -1
		} else if begun < 0 {
			begun = i
		}
	}
	if begun >= 0 {
		phrase(begun, len(text))
	}
	if query.Len() == 0 {
		phrase(0, len(text))
	}
	return query.String(), nil
}

// commonGrams are the trigrams that many users have, as far as a sample says.
type commonGrams struct {
	sync.Mutex
	list map[string]bool
	read time.Time
}

const (
	commonShare = 0.10            // of all users
	commonFor   = 5 * time.Minute // until it is read again
)

// common looks at the first user of each shelf, for whom the others of it stand.
func (s userSearch) common() (map[string]bool, error) {
	c := &s.commonGrams
	c.Lock()
	defer c.Unlock()
	if time.Since(c.read) < commonFor {
		return c.list, nil
	}
	type user struct {
		no, end int64
		text    string
	}
	rows, err := s.Query(s.ctx, `SELECT u.no, COALESCE((SELECT MAX(o.no) FROM users o WHERE o.no < s.next), u.no), u.name_text || ' ' || lower(u.id)
		FROM (SELECT no, lead(no, 1, $1) OVER (ORDER BY no) AS next FROM user_shelves) s CROSS JOIN users u ON u.no = s.no`, int64(lastOfShelf))
	users, err := Collect(rows, err, func(rows Row) (u user, err error) {
		err = rows.Scan(&u.no, &u.end, &u.text)
		return u, err
	})
	if err != nil {
		return nil, err
	}
	all, counts := int64(0), map[string]int64{}
	for _, u := range users {
		size := u.end - u.no + 1
		all += size
		for one := range gramsOf(u.text) {
			counts[one] += size
		}
	}
	c.list, c.read = map[string]bool{}, time.Now()
	for one, n := range counts {
		if float64(n) > commonShare*float64(all) {
			c.list[one] = true
		}
	}
	return c.list, nil
}

func gramsOf(text string) map[string]bool {
	runes, list := []rune(text), map[string]bool{}
	for i := range len(runes) - gram + 1 {
		list[string(runes[i:i+gram])] = true
	}
	return list
}

// searchable reports whether the index finds a folded text.
func searchable(text string) bool { return utf8.RuneCountInString(text) >= gram }
