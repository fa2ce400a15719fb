package sqlstore

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

const userColumns = `id, name, role, created_at, updated_at`

// Users returns up to q.Limit+1 matching users by folded name, then id.
func (s *Store) Users(ctx context.Context, q chat.UserQuery) ([]chat.User, error) {
	only, args := "", []any(nil)
	if q.IDs != nil {
		if len(q.IDs) == 0 {
			return nil, nil
		}
		only, args = in(q.IDs, same)
		only = "id IN " + only + " AND "
	}
	given := func(n int) string { return "$" + strconv.Itoa(len(args)+n) }
	rows, err := s.query(ctx, `SELECT `+userColumns+` FROM users
		WHERE `+only+`(name_key, id) > (`+given(1)+`, `+given(2)+`) AND deactivated_at = 0 AND deleted_at = 0
		AND (`+given(3)+` = '' OR name_key LIKE `+given(3)+` ESCAPE '\' OR lower(id) LIKE `+given(3)+` ESCAPE '\')
		ORDER BY name_key, id LIMIT `+given(4),
		append(args, q.After.NameKey, q.After.ID, containing(q.Search), q.Limit+1)...)
	return collect(rows, err, scanUser)
}

// UsersInOrder returns those users that there are, in the order of the ids.
func (s *Store) UsersInOrder(ctx context.Context, ids []string) ([]chat.User, error) {
	users, err := s.usersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]chat.User, 0, len(ids))
	for _, id := range ids {
		if u, ok := users[id]; ok {
			list = append(list, u)
		}
	}
	return list, nil
}

func (s *Store) usersByID(ctx context.Context, ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for chunk := range chunks(ids) {
		list, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+userColumns+` FROM users WHERE id IN `+list, args...)
		found, err := collect(rows, err, scanUser)
		if err != nil {
			return nil, err
		}
		for _, u := range found {
			users[u.ID] = u
		}
	}
	return users, nil
}

// EnsureUser adds a user where there is none of that id, and returns the one that
// there is then. Of the many writes of a busy transaction only the first asks the
// database.
func (tx *Tx) EnsureUser(u chat.User) (chat.User, error) {
	if known, ok := tx.users[u.ID]; ok {
		return known, nil
	}
	known, found, err := txFirst(tx, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, u.ID)
	if err == nil && !found {
		if err = tx.InsertUser(u); err == nil {
			known, _, err = txFirst(tx, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, u.ID)
		}
	}
	if err != nil {
		return known, err
	}
	if tx.users == nil {
		tx.users = map[string]chat.User{}
	}
	tx.users[u.ID] = known
	return known, nil
}

// InsertUser adds a user where there is none of that id.
func (tx *Tx) InsertUser(u chat.User) error {
	_, err := tx.change(`INSERT INTO users (id, name, name_key, role, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (id) DO NOTHING`,
		u.ID, u.Name, chat.Fold(u.Name), string(u.Role), micros(u.CreatedAt))
	return err
}

// UpsertUser creates or changes a user.
func (tx *Tx) UpsertUser(u chat.UserChange, at time.Time) error {
	delete(tx.users, u.ID)
	_, err := tx.change(`INSERT INTO users (id, name, name_key, role, created_at, updated_at)
		VALUES ($1, $2, $3, COALESCE(NULLIF($4, ''), 'user'), $5, $5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
		role = COALESCE(NULLIF($4, ''), users.role), updated_at = excluded.updated_at`,
		u.ID, u.Name, chat.Fold(u.Name), string(u.Role), micros(at))
	return err
}

// SetRole gives a user a role and reports whether there is such a user.
func (tx *Tx) SetRole(id string, role chat.Role, at time.Time) (bool, error) {
	delete(tx.users, id)
	n, err := tx.change(`UPDATE users SET role = $2, updated_at = $3 WHERE id = $1 AND deleted_at = 0`, id, string(role), micros(at))
	return n > 0, err
}

// Role returns a user's role, and "" where there is no such user in the chat, or
// no longer.
func (tx *Tx) Role(id string) (chat.Role, error) {
	role, _, err := txFirst(tx, scanValue[string], `SELECT role FROM users WHERE id = $1 AND deactivated_at = 0 AND deleted_at = 0`, id)
	return chat.Role(role), err
}

// HoldRoles returns the roles of those users that there are, and keeps other
// servers from changing them before this transaction ends.
func (tx *Tx) HoldRoles(ids []string) (map[string]chat.Role, error) {
	roles := make(map[string]chat.Role, len(ids))
	for chunk := range chunks(ids) {
		list, args := in(chunk, same)
		held, err := txCollect(tx, scanHolder, `UPDATE users SET role = role WHERE id IN `+list+` RETURNING id, role`, args...)
		if err != nil {
			return nil, err
		}
		tx.wrote = tx.wrote || len(held) > 0
		for _, u := range held {
			roles[u.ID] = u.Role
		}
	}
	return roles, nil
}

func scanHolder(rows *sql.Rows) (u chat.User, err error) {
	err = rows.Scan(&u.ID, &u.Role)
	return u, err
}

// UnknownUsers returns those of the ids that are no user's, or a deleted one's.
func (tx *Tx) UnknownUsers(ids []string) (unknown []string, err error) {
	for chunk := range chunks(ids) {
		list, args := in(chunk, same)
		found, err := txCollect(tx, scanValue[string], `SELECT id FROM users WHERE deleted_at = 0 AND id IN `+list, args...)
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

func scanUser(rows *sql.Rows) (u chat.User, err error) {
	var created, updated int64
	err = rows.Scan(&u.ID, &u.Name, &u.Role, &created, &updated)
	u.CreatedAt, u.UpdatedAt = moment(created), moment(updated)
	return u, err
}

func same(id string) any { return id }
