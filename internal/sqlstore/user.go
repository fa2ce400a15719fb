package sqlstore

import (
	"context"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// UserColumns are the columns that ScanUser reads.
const UserColumns = `id, name, role, created_at, updated_at, custom, extra, deactivated_at, deleted_at, tokens_after`

// Users returns up to q.Limit+1 matching users by folded name, then id.
func (s *Store) Users(ctx context.Context, q chat.UserQuery) ([]chat.User, error) {
	if text := fold.Text(strings.TrimSpace(q.Search)); q.IDs == nil && searchable(text) {
		return userSearch{s, ctx, q, text, ">"}.page()
	}
	only, args := "", []any(nil)
	if q.IDs != nil {
		if len(q.IDs) == 0 {
			return nil, nil
		}
		only, args = In(q.IDs, Same)
		only = "u.id IN " + only + " AND "
	}
	given := func(n int) string { return "$" + strconv.Itoa(len(args)+n) }
	rows, err := s.Query(ctx, `SELECT `+UserColumns+` FROM users u
		WHERE `+only+`(u.name_key, u.id) > (`+given(1)+`, `+given(2)+`) AND u.deactivated_at = 0 AND u.deleted_at = 0
		AND (`+given(3)+` = '' OR u.name_text LIKE `+given(3)+` ESCAPE '\' OR lower(u.id) LIKE `+given(3)+` ESCAPE '\')
		ORDER BY u.name_key, u.id LIMIT `+given(4),
		append(args, q.After.NameKey, q.After.ID, containing(q.Search), q.Limit+1)...)
	return Collect(rows, err, ScanUser)
}

// UsersByID returns the users that exist, including deleted ones, with their restrictions and the
// users they blocked.
func (s *Store) UsersByID(ctx context.Context, ids []string, at time.Time) (map[string]chat.User, error) {
	found, err := s.usersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]chat.User, 0, len(found))
	for _, u := range found {
		list = append(list, u)
	}
	if err := s.FillUsers(ctx, list, at); err != nil {
		return nil, err
	}
	for _, u := range list {
		found[u.ID] = u
	}
	return found, nil
}

func (s *Store) usersByID(ctx context.Context, ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for chunk := range Chunks(ids) {
		list, args := In(chunk, Same)
		rows, err := s.Query(ctx, `SELECT `+UserColumns+` FROM users u WHERE u.id IN `+list, args...)
		found, err := Collect(rows, err, ScanUser)
		if err != nil {
			return nil, err
		}
		for _, u := range found {
			users[u.ID] = u
		}
	}
	return users, nil
}

// FillUsers adds data from other tables to users.
func (s *Store) FillUsers(ctx context.Context, list []chat.User, at time.Time) error {
	if err := s.AddRestrictions(ctx, list, at); err != nil {
		return err
	}
	place := make(map[string]int, len(list))
	ids := make([]string, len(list))
	for i, u := range list {
		place[u.ID], ids[i] = i, u.ID
	}
	for chunk := range Chunks(ids) {
		marks, args := In(chunk, Same)
		rows, err := s.Query(ctx, `SELECT user_id, target FROM user_relations WHERE kind = 'block' AND user_id IN `+marks+
			` ORDER BY created_at, target`, args...)
		blocks, err := Collect(rows, err, func(rows Row) (pair [2]string, err error) {
			err = rows.Scan(&pair[0], &pair[1])
			return pair, err
		})
		if err != nil {
			return err
		}
		for _, pair := range blocks {
			u := &list[place[pair[0]]]
			u.Blocked = append(u.Blocked, pair[1])
		}
	}
	return nil
}

const oneUser = `SELECT ` + UserColumns + ` FROM users u WHERE u.id = $1`

// User returns a user without its data in other tables, and whether it exists.
func (tx *Tx) User(id string) (chat.User, bool, error) { return TxFirst(tx, ScanUser, oneUser, id) }

// HoldUsers returns the users that exist, and locks them against changes by other servers until
// this transaction ends.
func (tx *Tx) HoldUsers(ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for chunk := range Chunks(ids) {
		list, args := In(chunk, Same)
		held, err := TxCollect(tx, ScanUser, `UPDATE users SET role = role WHERE id IN `+list+` RETURNING `+UserColumns, args...)
		if err != nil {
			return nil, err
		}
		tx.wrote = tx.wrote || len(held) > 0
		for _, u := range held {
			users[u.ID] = u
		}
	}
	return users, nil
}

// EnsureUser adds a user unless one with that id exists, and returns the user. Within a
// transaction, only the first call for a user queries the database.
func (tx *Tx) EnsureUser(u chat.User) (chat.User, error) {
	if known, ok := tx.users[u.ID]; ok {
		return known, nil
	}
	known, found, err := foreseen(tx, readKey{what: "user", id: u.ID}, ScanUser, oneUser, u.ID)
	if err == nil && !found {
		if err = tx.InsertUser(u); err == nil {
			known, _, err = tx.User(u.ID)
		}
	}
	if err != nil {
		return known, err
	}
	tx.know(known)
	return known, nil
}

// know caches a user for later writes of the transaction.
func (tx *Tx) know(u chat.User) {
	if tx.users == nil {
		tx.users = map[string]chat.User{}
	}
	tx.users[u.ID] = u
}

// InsertUser adds a user unless one with that id exists.
func (tx *Tx) InsertUser(u chat.User) error {
	if tx.onSQLite() {
		if _, found, err := TxFirst(tx, ScanValue[int64], `SELECT 1 FROM users WHERE id = $1`, u.ID); err != nil || found {
			return err
		}
	}
	return tx.insertUser(u, `(id, name, name_key, name_text, role, created_at, updated_at`, `($1, $2, $3, $4, $5, $6, $6`, `ON CONFLICT (id) DO NOTHING`,
		u.ID, u.Name, fold.Key(u.Name), fold.Text(u.Name), string(u.Role), Micros(u.CreatedAt))
}

// insertUser runs an INSERT, to which it adds the user's number on SQLite.
func (tx *Tx) insertUser(u chat.User, columns, values, conflict string, args ...any) error {
	var no int64
	if tx.onSQLite() {
		var err error
		if no, err = tx.naming(u); err != nil {
			return err
		}
		columns += `, no`
		values += `, NULLIF($` + strconv.Itoa(len(args)+1) + `, 0)`
		args = append(args, no)
	}
	change := tx.put
	if tx.stored[u.ID] { // PostgreSQL can't change a row twice in one statement
		change = func(text string, args ...any) error {
			_, err := tx.Change(text, args...)
			return err
		}
	}
	if tx.stored == nil {
		tx.stored = map[string]bool{}
	}
	tx.stored[u.ID] = true
	err := change(`INSERT INTO users `+columns+`) VALUES `+values+`) `+conflict, args...)
	if err == nil && no != 0 {
		tx.learn(u.ID, 0, no, searchedText(fold.Text(u.Name), u.ID))
	}
	return err
}

// UserChanged makes EnsureUser and TokenLimits read a user again.
func (tx *Tx) UserChanged(id string) {
	delete(tx.users, id)
	delete(tx.limits, id)
}

func (tx *Tx) putUser(u chat.User) error {
	tx.UserChanged(u.ID)
	custom, err := ToObject(u.Custom)
	if err != nil {
		return err
	}
	extra, err := ToObject(u.UserExtra)
	if err != nil {
		return err
	}
	return tx.insertUser(u, `(id, name, name_key, name_text, role, created_at, updated_at, custom, extra, deactivated_at, deleted_at, tokens_after`,
		`($1, $2, $3, $12, $4, $5, $6, $7, $8, $9, $10, $11`, `ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, name_text = excluded.name_text, role = excluded.role,
		created_at = excluded.created_at, updated_at = excluded.updated_at, custom = excluded.custom, extra = excluded.extra,
		deactivated_at = excluded.deactivated_at, deleted_at = excluded.deleted_at, tokens_after = excluded.tokens_after`,
		u.ID, u.Name, fold.Key(u.Name), string(u.Role), Micros(u.CreatedAt), Micros(u.UpdatedAt), custom, extra,
		Micros(u.DeactivatedAt), Micros(u.DeletedAt), Micros(u.TokensAfter), fold.Text(u.Name))
}

// Role returns a user's role, "" if the user doesn't exist or was deleted.
func (tx *Tx) Role(id string) (chat.Role, error) {
	role, _, err := TxFirst(tx, ScanValue[string], `SELECT role FROM users WHERE id = $1 AND deactivated_at = 0 AND deleted_at = 0`, id)
	return chat.Role(role), err
}

// UnknownUsers returns the ids that belong to no user, or to a deleted one.
func (tx *Tx) UnknownUsers(ids []string) (unknown []string, err error) {
	for chunk := range Chunks(ids) {
		list, args := In(chunk, Same)
		found, err := TxCollect(tx, ScanValue[string], `SELECT id FROM users WHERE deleted_at = 0 AND id IN `+list, args...)
		if err != nil {
			return nil, err
		}
		known := make(map[string]bool, len(found))
		for _, id := range found {
			known[id] = true
		}
		for _, id := range chunk {
			if !known[id] {
				unknown = append(unknown, id)
			}
		}
	}
	return unknown, nil
}

// TeamsOfName returns the teams of each user with that name except one user and deleted ones. It
// locks the name against other servers until this transaction ends. Case is ignored.
func (tx *Tx) TeamsOfName(name, but string) ([][]string, error) {
	_, _, err := Returning(tx, ScanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'names' RETURNING value`)
	if err != nil {
		return nil, err
	}
	users, err := TxCollect(tx, ScanUser, `SELECT `+UserColumns+` FROM users u WHERE u.name_key = $3 AND u.name_text = $1
		AND u.id <> $2 AND u.deleted_at = 0`,
		fold.Text(name), but, fold.Key(name))
	teams := make([][]string, len(users))
	for i, u := range users {
		teams[i] = u.Teams
	}
	return teams, err
}

// ScanUser scans UserColumns.
func ScanUser(rows Row) (chat.User, error) { return scanUserAnd(rows) }

// scanUserAnd scans a user and the columns that follow.
func scanUserAnd(rows Row, more ...any) (u chat.User, err error) {
	var custom, extra string
	var created, updated, deactivated, deleted, after int64
	err = rows.Scan(append([]any{&u.ID, &u.Name, &u.Role, &created, &updated, &custom, &extra, &deactivated, &deleted, &after}, more...)...)
	if err != nil {
		return u, err
	}
	u.CreatedAt, u.UpdatedAt, u.DeactivatedAt = Moment(created), Moment(updated), Moment(deactivated)
	u.DeletedAt, u.TokensAfter = Moment(deleted), Moment(after)
	if err := FromObject(extra, &u.UserExtra); err != nil {
		return u, err
	}
	return u, FromObject(custom, &u.Custom)
}

// Same returns a text as the value of an IN list.
func Same(id string) any { return id }

// User returns a user without its data in other tables, and whether it exists.
func (s *Store) User(ctx context.Context, id string) (chat.User, bool, error) {
	users, err := s.usersByID(ctx, []string{id})
	u, found := users[id]
	return u, found, err
}
