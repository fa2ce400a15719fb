package desk

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/userfile"
)

// Limits of a file of users that the back office sends.
const (
	MaxUserFileBytes = 20 << 20
	MaxUserFileRows  = 100_000
)

// ReadUserFile asks for the content of a file of users.
type ReadUserFile struct {
	Request
	File      []byte   // at most MaxUserFileBytes
	Encoding  string   // one of userfile.Encodings; "" to detect it
	Languages []string // of the caller, see userfile.Options
}

// ReadUserFile reads a file of users. A *[userfile.Fault] says why it can't be read. The faults of
// single rows are in the rows.
func (d *Desk) ReadUserFile(ctx context.Context, in ReadUserFile) (userfile.List, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return userfile.List{}, err
	}
	return userfile.Read(in.File, userfile.Options{Encoding: in.Encoding, Languages: in.Languages, MaxRows: MaxUserFileRows})
}

// UserEffect is what storing a row of a file would do to a user.
type UserEffect string

// The effects. Renamed and RoleSet may occur together.
const (
	UserNew       UserEffect = "NEW"
	UserRenamed   UserEffect = "RENAMED"
	UserRoleSet   UserEffect = "ROLE"
	UserUnchanged UserEffect = "UNCHANGED"
)

// ComparedUser is a row of a file and its user.
type ComparedUser struct {
	userfile.Row
	Before  *chat.User   // nil if the user doesn't exist, and for an invalid row
	Effects []UserEffect // none for an invalid row
}

// CompareUsers returns what storing rows of a file, at most MaxPage, would change.
func (d *Desk) CompareUsers(ctx context.Context, r Request, rows []userfile.Row) ([]ComparedUser, error) {
	var ids []string
	for _, row := range rows {
		if row.Fault == nil {
			ids = append(ids, row.User.ID)
		}
	}
	page, err := d.ListUsers(ctx, ListUsers{Request: r, IDs: slices.Concat([]string{}, ids), First: new(MaxPage)})
	if err != nil {
		return nil, err
	}
	known := make(map[string]*chat.User, len(page.Items))
	for i := range page.Items {
		known[page.Items[i].ID] = &page.Items[i]
	}
	compared := make([]ComparedUser, len(rows))
	for i, row := range rows {
		compared[i].Row = row
		if row.Fault == nil {
			compared[i].Before = known[row.User.ID]
			compared[i].Effects = effectsOf(row.User, compared[i].Before)
		}
	}
	return compared, nil
}

func effectsOf(u chat.UserChange, before *chat.User) (effects []UserEffect) {
	if before == nil {
		return []UserEffect{UserNew}
	}
	if u.Name != before.Name {
		effects = append(effects, UserRenamed)
	}
	if u.Role != "" && u.Role != before.Role {
		effects = append(effects, UserRoleSet)
	}
	if effects == nil {
		return []UserEffect{UserUnchanged}
	}
	return effects
}
