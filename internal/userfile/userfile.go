// Package userfile reads lists of chat users: CSV as saved by spreadsheets, in many encodings, and
// JSON. It is used by the console and the command line. It applies the rules of package chat to
// each row and reports where and why rows are invalid. It doesn't use the database: it doesn't
// check whether users exist.
package userfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// Options says how to read a file.
type Options struct {
	Encoding  string   // one of Encodings; "" to detect it
	Languages []string // of the reader, the preferred one first, e.g. "cs-CZ"; used to choose between code pages
	MaxRows   int      // 0 for no limit
}

// List is the content of a file.
type List struct {
	Encoding string // one of Encodings
	Guessed  bool   // the encoding is a guessed code page: somebody must check the names
	Example  Row    // if Guessed: a row that shows whether the guess is right
	Headless bool   // no header: the columns are id, name and role
	Rows     []Row
}

// Row is one user in the file.
type Row struct {
	Line  int // its first line, from 1
	User  chat.UserChange
	Fault *Fault // nil if the row can be imported
}

// Faults returns the rows that can't be imported.
func (l List) Faults() (faults []*Fault) {
	for _, row := range l.Rows {
		if row.Fault != nil {
			faults = append(faults, row.Fault)
		}
	}
	return faults
}

// Users returns the users of the rows that can be imported.
func (l List) Users() []chat.UserChange {
	users := make([]chat.UserChange, 0, len(l.Rows))
	for _, row := range l.Rows {
		if row.Fault == nil {
			users = append(users, row.User)
		}
	}
	return users
}

// Read reads a list of users. Its error is a *[Fault] of the whole file. The faults of single rows
// are in the rows.
func Read(file []byte, o Options) (List, error) {
	text, list, err := decode(file, o)
	if err != nil {
		return list, err
	}
	r := reader{list: &list, max: o.MaxRows, seen: map[string]int{}}
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") {
		err = r.readJSON(text)
	} else {
		err = r.readCSV(text)
	}
	if err == nil && len(list.Rows) == 0 {
		err = &Fault{Reason: NoUsers, Message: "There is no user in this list."}
	}
	if err != nil {
		return List{Encoding: list.Encoding, Guessed: list.Guessed}, err
	}
	if list.Guessed {
		list.Example, list.Guessed = example(list.Rows)
	}
	return list, nil
}

// example returns the row by which a guessed code page can be judged: the first with a name that
// isn't ASCII. If there is none, all code pages give the same result.
func example(rows []Row) (Row, bool) {
	i := slices.IndexFunc(rows, func(row Row) bool {
		return strings.ContainsFunc(row.User.Name, func(r rune) bool { return r >= utf8.RuneSelf })
	})
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// reader collects the rows of a file.
type reader struct {
	list *List
	max  int
	seen map[string]int // the line of each id
}

// record is a row before it is validated.
type record struct {
	line    int
	fields  [3]string // by field
	columns [3]int    // of the fields, from 1; 0 if unknown
	fault   *Fault    // of the row's syntax
}

// field is the meaning of a column.
type field int

const (
	fieldID field = iota
	fieldName
	fieldRole
)

var fieldNames = [...]string{fieldID: "id", fieldName: "name", fieldRole: "role"}

func (f field) String() string { return fieldNames[f] }

// maxShown is the maximum length of an invalid value that is kept, in characters.
const maxShown = 300

func (r *reader) add(in record) error {
	if r.max > 0 && len(r.list.Rows) == r.max {
		return &Fault{Line: in.line, Reason: TooManyRows, Limit: r.max, Message: fmt.Sprintf("The list is too long: at most %d users are taken at once.", r.max)}
	}
	row := Row{Line: in.line, Fault: in.fault}
	id := strings.TrimSpace(in.fields[fieldID])
	row.User = chat.UserChange{ID: id, Name: strings.TrimSpace(in.fields[fieldName])}
	if row.Fault == nil {
		row.Fault = r.check(in, &row.User)
	}
	if row.Fault != nil {
		row.User.ID, row.User.Name = short(row.User.ID, maxShown), short(row.User.Name, maxShown)
	} else {
		r.seen[id] = in.line
	}
	r.list.Rows = append(r.list.Rows, row)
	return nil
}

// check validates a row and copies its name and role to the user.
func (r *reader) check(in record, u *chat.UserChange) *Fault {
	for f, text := range in.fields {
		if strings.ContainsRune(text, utf8.RuneError) {
			return in.faultOf(field(f), Unreadable, text, "A character can't be read: the encoding lacks it, or it was lost before (\uFFFD).")
		}
	}
	if bad := chat.CheckUserID(u.ID); bad != nil {
		if odd := chat.NotInUserIDs(u.ID); odd != "" {
			bad.Message = fmt.Sprintf("The id has the character %q. ", odd) + bad.Message
		}
		return in.faultOf(fieldID, string(bad.Reason), u.ID, bad.Message)
	}
	name, bad := chat.CleanName(u.Name)
	if bad != nil {
		return in.faultOf(fieldName, string(bad.Reason), u.Name, bad.Message)
	}
	u.Name = name
	if role := strings.TrimSpace(in.fields[fieldRole]); role != "" {
		if u.Role, bad = chat.ParseRole(role); bad != nil {
			return in.faultOf(fieldRole, string(bad.Reason), role, bad.Message)
		}
	}
	if line, twice := r.seen[u.ID]; twice {
		fault := in.faultOf(fieldID, Twice, u.ID, fmt.Sprintf("The user %s is in line %d already.", u.ID, line))
		fault.Other = line
		return fault
	}
	return nil
}

func (in record) faultOf(f field, reason, value, message string) *Fault {
	return &Fault{Line: in.line, Column: in.columns[f], Field: f.String(), Reason: reason, Value: short(value, 60), Message: message}
}

// short returns the beginning of a text, at most that many characters.
func short(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for i := range s {
		if most--; most < 0 {
			return s[:i] + "…"
		}
	}
	return s
}
