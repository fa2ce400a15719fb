package sqlstore

import (
	"cmp"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// On SQLite, users.no says roughly where a user stands in the list of users by name. The
// list is cut into shelves, each of which has an interval of numbers after those of the one
// before; within a shelf, numbers say nothing. The full-text index gives users by number, so
// a search stops at the shelf in which its page is full.
//
// A shelf begins to be divided when it has many users: half of them get new numbers. While
// there are few shelves that is done early, so that a large import renumbers next to nobody.
const (
	shelfStep   = 1 << 36 // from the last shelf's numbers to those of a new last one
	earlyShelf  = 16      // users, while there are fewer than earlyCount shelves
	earlyCount  = 1_024
	fullShelf   = 2_048   // users
	noShelf     = 1 << 36 // lower numbers are in no shelf: a search looks at them all
	lastOfShelf = 1 << 62 // no shelf begins after it
)

// A shelf is a part of the list. It begins at a position, and its numbers at one.
type shelf struct {
	first, next int64 // numbers; next is the following shelf's, 0 if there is none
	starts      chat.Position
}

// shelfOf is followed by a condition that names one or more rows s.
const shelfOf = `SELECT s.no, COALESCE((SELECT MIN(n.no) FROM user_shelves n WHERE n.no > s.no), 0), s.name_key, s.id FROM user_shelves s WHERE `

func scanShelf(rows Row) (s shelf, err error) {
	err = rows.Scan(&s.first, &s.next, &s.starts.NameKey, &s.starts.ID)
	return s, err
}

// indexed is what the index must learn of a user.
type indexed struct {
	was, no int64 // the number that the index knows, 0 for none, and the present one
	text    string
}

func (tx *Tx) onSQLite() bool { return tx.writer.dialect.name == onSQLite.name }

// naming prepares for the name that a user gets. It returns the number of a user that is
// to be inserted, and 0 for one that exists.
func (tx *Tx) naming(u chat.User) (no int64, err error) {
	key, text := fold.Key(u.Name), fold.Text(u.Name)
	type row struct{ key, text string }
	known, found, err := TxFirst(tx, func(rows Row) (r row, err error) {
		err = rows.Scan(&r.key, &r.text)
		return r, err
	}, `SELECT name_key, name_text FROM users WHERE id = $1`, u.ID)
	if err != nil || known == (row{key, text}) && found {
		return 0, err
	}
	if found {
		return 0, tx.replace(u.ID, key, text)
	}
	return tx.place(chat.Position{NameKey: key, ID: u.ID})
}

// searchedText is what the index has of a user.
func searchedText(nameText, id string) string { return nameText + " " + FoldASCII(id) }

func (tx *Tx) learn(id string, from, to int64, text string) *indexed {
	if tx.indexed == nil {
		tx.indexed = map[string]*indexed{}
	}
	known, ok := tx.indexed[id]
	if !ok {
		known = &indexed{was: from}
		tx.indexed[id] = known
	}
	known.no, known.text = to, text
	return known
}

// replace gives a user who is there the number of another name.
func (tx *Tx) replace(id, key, text string) error {
	to, err := tx.place(chat.Position{NameKey: key, ID: id})
	if err != nil {
		return err
	}
	from, found, err := TxFirst(tx, ScanValue[int64], `SELECT no FROM users WHERE id = $1`, id) // placing may have changed it
	if err != nil || !found {
		return err
	}
	return tx.renumber(id, from, to, searchedText(text, id))
}

func (tx *Tx) renumber(id string, from, to int64, text string) error {
	tx.learn(id, from, to, text)
	_, err := tx.Change(`UPDATE users SET no = $2 WHERE no = $1`, from, to)
	return err
}

// renamed follows a user whose row was put back or changed.
func (tx *Tx) renamed(id string) error {
	type row struct{ key, text string }
	u, found, err := TxFirst(tx, func(rows Row) (r row, err error) {
		err = rows.Scan(&r.key, &r.text)
		return r, err
	}, `SELECT name_key, name_text FROM users WHERE id = $1`, id)
	if err != nil || !found {
		return err
	}
	return tx.replace(id, u.key, u.text)
}

// place returns an unused number for a user at a position of the list.
func (tx *Tx) place(at chat.Position) (int64, error) {
	s, _, err := TxFirst(tx, scanShelf, shelfOf+`(s.name_key, s.id) <= ($1, $2) ORDER BY s.name_key DESC, s.id DESC LIMIT 1`, at.NameKey, at.ID)
	if err != nil {
		return 0, err
	}
	last, err := tx.lastNumber(s)
	if err != nil {
		return 0, err
	}
	if size := last + 1 - s.first; size > 0 && size%earlyShelf == 0 {
		if no, err := tx.divide(s, last, at); no != 0 || err != nil {
			return no, err
		}
	}
	if s.next == 0 || last+1 < s.next {
		return last + 1, nil
	}
	no, _, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(no), 0) + 1 FROM users WHERE no < $1`, int64(noShelf))
	return no, err
}

// lastNumber is the largest number of a shelf, or the one before its first.
func (tx *Tx) lastNumber(s shelf) (int64, error) {
	end := s.next
	if end == 0 {
		end = lastOfShelf
	}
	last, _, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(no), 0) FROM users WHERE no < $1`, end)
	return max(last, s.first-1), err
}

// divide makes two of a shelf that is large enough for it, and returns the number for a user
// at a position of it. It returns 0 if it leaves the shelf as it is.
func (tx *Tx) divide(s shelf, last int64, at chat.Position) (int64, error) {
	most := int64(fullShelf)
	if (last+1-s.first)%fullShelf != 0 {
		count, _, err := TxFirst(tx, ScanValue[int64], `SELECT COUNT(*) FROM user_shelves`)
		if err != nil || count >= earlyCount {
			return 0, err
		}
		most = earlyShelf
	}
	type row struct {
		no   int64
		at   chat.Position
		text string
	}
	users, err := TxCollect(tx, func(rows Row) (r row, err error) {
		err = rows.Scan(&r.no, &r.at.NameKey, &r.at.ID, &r.text)
		return r, err
	}, `SELECT no, name_key, id, name_text FROM users WHERE no BETWEEN $1 AND $2 ORDER BY name_key, id`, s.first, last)
	if err != nil || int64(len(users)) < most*3/4 { // most of its numbers are no longer used
		return 0, err
	}
	cut := len(users) / 2
	starts := users[cut].at
	if after(at, users[len(users)-1].at) { // so it goes with a sorted list: nobody has to move
		cut, starts = len(users), at
	}
	upper := !after(starts, at)
	first := s.between(last, upper)
	if first == 0 {
		return 0, nil
	}
	if _, err := tx.Change(`INSERT INTO user_shelves (no, name_key, id) VALUES ($1, $2, $3)`, first, starts.NameKey, starts.ID); err != nil {
		return 0, err
	}
	for i, u := range users[cut:] {
		if err := tx.renumber(u.at.ID, u.no, first+int64(i), searchedText(u.text, u.at.ID)); err != nil {
			return 0, err
		}
	}
	if upper {
		return first + int64(len(users)-cut), nil
	}
	return last + 1, nil
}

func after(a, b chat.Position) bool {
	return a.NameKey > b.NameKey || a.NameKey == b.NameKey && a.ID > b.ID
}

// between returns where the numbers of a shelf begin that is put after this one, 0 if too few
// are left. The one of both that is written to gets nearly all of those that are free.
func (s shelf) between(last int64, upper bool) int64 {
	if s.next == 0 {
		if s.first > lastOfShelf-2*shelfStep {
			return 0
		}
		return s.first + shelfStep
	}
	free := s.next - last - 1
	if free < 16*fullShelf {
		return 0
	}
	if upper {
		return last + 1 + free/16
	}
	return s.next - free/16
}

// indexUsers indexes all users of the transaction together, in the order of their numbers:
// between other statements, or after a larger number, SQLite would write its index to disk.
func (tx *Tx) indexUsers() error {
	if len(tx.indexed) == 0 {
		return nil
	}
	list := make([]*indexed, 0, len(tx.indexed))
	for _, u := range tx.indexed {
		if u.was != 0 {
			if _, err := tx.Change(`DELETE FROM users_search WHERE rowid = $1`, u.was); err != nil {
				return err
			}
		}
		_, there, err := TxFirst(tx, ScanValue[int64], `SELECT 1 FROM users WHERE no = $1`, u.no)
		if err != nil {
			return err
		}
		if there { // else deleted since
			list = append(list, u)
		}
	}
	slices.SortFunc(list, func(a, b *indexed) int { return cmp.Compare(a.no, b.no) })
	for _, u := range list {
		if _, err := tx.Change(`INSERT INTO users_search (rowid, text) VALUES ($1, $2)`, u.no, u.text); err != nil {
			return err
		}
	}
	return nil
}
