// Package userfile reads lists of chat users as people have them: CSV as spreadsheets
// save it, in any of their encodings, and JSON. The console and the command line both
// read with it. It applies the rules of package chat to each row, and says of each row
// in error where and why. It knows no database: whether a user exists is not its
// question.
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
	Encoding  string   // one of Encodings; "" to find it out
	Languages []string // of the reader, the preferred first, e.g. "cs-CZ"; they tell code pages apart
	MaxRows   int      // 0 means any number
}

// List is what a file says.
type List struct {
	Encoding string // one of Encodings
	Guessed  bool   // a code page that may be another one: somebody must look at the names
	Example  Row    // if Guessed: a row that shows whether the guess is right
	Headless bool   // no header: the columns are id, name and role
	Rows     []Row
}

// Row is one user as the file has it.
type Row struct {
	Line  int // where it begins, from 1
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

// Read reads a list of users. Its error is a *[Fault] of the file as a whole; what is
// wrong with one row is that row's.
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

// example is the row to judge a guessed code page by: the first with a name that isn't
// ASCII. If there is none, every code page reads the same.
func example(rows []Row) (Row, bool) {
	i := slices.IndexFunc(rows, func(row Row) bool {
		return strings.ContainsFunc(row.User.Name, func(r rune) bool { return r >= utf8.RuneSelf })
	})
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// reader gathers the rows of a file.
type reader struct {
	list *List
	max  int
	seen map[string]int // the line of each id
}

// record is a row before it is checked.
type record struct {
	line    int
	fields  [3]string // by field
	columns [3]int    // of the fields, from 1; 0 if unknown
	fault   *Fault    // of the row's form
}

// field is what a column can mean.
type field int

const (
	fieldID field = iota
	fieldName
	fieldRole
)

var fieldNames = [...]string{fieldID: "id", fieldName: "name", fieldRole: "role"}

func (f field) String() string { return fieldNames[f] }

// maxShown is how much of a field at fault is kept, in characters.
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

// check applies the rules to a row and puts its name and role into the user.
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

// short is a text of at most so many characters.
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
