package sqlstore

import (
	"context"
	"strconv"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

const userColumns = `id, name, role, created_at, updated_at, custom, extra, deactivated_at, deleted_at, tokens_after`

// Users returns up to q.Limit+1 matching users by folded name, then id.
func (s *Store) Users(ctx context.Context, q chat.UserQuery) ([]chat.User, error) {
	only, args := "", []any(nil)
	if q.IDs != nil {
		if len(q.IDs) == 0 {
			return nil, nil
		}
		only, args = in(q.IDs, same)
		only = "u.id IN " + only + " AND "
	}
	given := func(n int) string { return "$" + strconv.Itoa(len(args)+n) }
	rows, err := s.query(ctx, `SELECT `+userColumns+` FROM users u
		WHERE `+only+`(u.name_key, u.id) > (`+given(1)+`, `+given(2)+`) AND u.deactivated_at = 0 AND u.deleted_at = 0
		AND (`+given(3)+` = '' OR u.name_text LIKE `+given(3)+` ESCAPE '\' OR lower(u.id) LIKE `+given(3)+` ESCAPE '\')
		ORDER BY u.name_key, u.id LIMIT `+given(4),
		append(args, q.After.NameKey, q.After.ID, containing(q.Search), q.Limit+1)...)
	return collect(rows, err, scanUser)
}

// UsersByID returns those users that there are, deleted ones too, with their
// restrictions and whom they blocked.
func (s *Store) UsersByID(ctx context.Context, ids []string, at time.Time) (map[string]chat.User, error) {
	found, err := s.usersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]chat.User, 0, len(found))
	for _, u := range found {
		list = append(list, u)
	}
	if err := s.fillUsers(ctx, list, at); err != nil {
		return nil, err
	}
	for _, u := range list {
		found[u.ID] = u
	}
	return found, nil
}

func (s *Store) usersByID(ctx context.Context, ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for chunk := range chunks(ids) {
		list, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id IN `+list, args...)
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

// fillUsers adds to users what other tables have of them.
func (s *Store) fillUsers(ctx context.Context, list []chat.User, at time.Time) error {
	if err := s.AddRestrictions(ctx, list, at); err != nil {
		return err
	}
	place := make(map[string]int, len(list))
	ids := make([]string, len(list))
	for i, u := range list {
		place[u.ID], ids[i] = i, u.ID
	}
	for chunk := range chunks(ids) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT user_id, target FROM user_relations WHERE kind = 'block' AND user_id IN `+marks+
			` ORDER BY created_at, target`, args...)
		blocks, err := collect(rows, err, func(rows row) (pair [2]string, err error) {
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

const oneUser = `SELECT ` + userColumns + ` FROM users u WHERE u.id = $1`

// User returns a user without what other tables have of it, and whether there is
// one.
func (tx *Tx) User(id string) (chat.User, bool, error) { return txFirst(tx, scanUser, oneUser, id) }

// HoldUsers returns those users that there are, and keeps other servers from changing
// them before this transaction ends.
func (tx *Tx) HoldUsers(ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for chunk := range chunks(ids) {
		list, args := in(chunk, same)
		held, err := txCollect(tx, scanUser, `UPDATE users SET role = role WHERE id IN `+list+` RETURNING `+userColumns, args...)
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

// EnsureUser adds a user if there is none of that id, and returns the one that
// there is then. Of the many writes of a busy transaction only the first asks the
// database.
func (tx *Tx) EnsureUser(u chat.User) (chat.User, error) {
	if known, ok := tx.users[u.ID]; ok {
		return known, nil
	}
	known, found, err := foreseen(tx, readKey{what: "user", id: u.ID}, scanUser, oneUser, u.ID)
	if err == nil && !found {
		if err = tx.InsertUser(u); err == nil {
			known, _, err = tx.User(u.ID)
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

// InsertUser adds a user if there is none of that id.
func (tx *Tx) InsertUser(u chat.User) error {
	_, err := tx.change(`INSERT INTO users (id, name, name_key, name_text, role, created_at, updated_at)
		VALUES ($1, $2, $3, $6, $4, $5, $5) ON CONFLICT (id) DO NOTHING`,
		u.ID, u.Name, fold.Key(u.Name), string(u.Role), micros(u.CreatedAt), fold.Text(u.Name))
	return err
}

// PutUser stores a user whole, except what other tables have of it.
func (tx *Tx) PutUser(u chat.User) error {
	delete(tx.users, u.ID)
	custom, err := toObject(u.Custom)
	if err != nil {
		return err
	}
	extra, err := toObject(u.UserExtra)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO users (id, name, name_key, name_text, role, created_at, updated_at, custom, extra, deactivated_at,
		deleted_at, tokens_after) VALUES ($1, $2, $3, $12, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, name_text = excluded.name_text, role = excluded.role,
		created_at = excluded.created_at, updated_at = excluded.updated_at, custom = excluded.custom, extra = excluded.extra,
		deactivated_at = excluded.deactivated_at, deleted_at = excluded.deleted_at, tokens_after = excluded.tokens_after`,
		u.ID, u.Name, fold.Key(u.Name), string(u.Role), micros(u.CreatedAt), micros(u.UpdatedAt), custom, extra,
		micros(u.DeactivatedAt), micros(u.DeletedAt), micros(u.TokensAfter), fold.Text(u.Name))
	return err
}

// Role returns a user's role, and "" if there is no such user in the chat, or no
// longer.
func (tx *Tx) Role(id string) (chat.Role, error) {
	role, _, err := txFirst(tx, scanValue[string], `SELECT role FROM users WHERE id = $1 AND deactivated_at = 0 AND deleted_at = 0`, id)
	return chat.Role(role), err
}

// RoleInUse reports whether users who aren't deleted have a role.
func (tx *Tx) RoleInUse(role chat.Role) (bool, error) {
	_, found, err := txFirst(tx, scanValue[string], `SELECT id FROM users WHERE role = $1 AND deleted_at = 0 LIMIT 1`, string(role))
	return found, err
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

// TeamsOfName returns the teams of each user of that name but one, deleted ones
// aside, and keeps other servers from asking before this transaction ends. Case
// makes no difference.
func (tx *Tx) TeamsOfName(name, but string) ([][]string, error) {
	_, _, err := returning(tx, scanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'names' RETURNING value`)
	if err != nil {
		return nil, err
	}
	users, err := txCollect(tx, scanUser, `SELECT `+userColumns+` FROM users u WHERE u.name_key = $3 AND u.name_text = $1
		AND u.id <> $2 AND u.deleted_at = 0`,
		fold.Text(name), but, fold.Key(name))
	teams := make([][]string, len(users))
	for i, u := range users {
		teams[i] = u.Teams
	}
	return teams, err
}

func scanUser(rows row) (u chat.User, err error) {
	var custom, extra string
	var created, updated, deactivated, deleted, after int64
	err = rows.Scan(&u.ID, &u.Name, &u.Role, &created, &updated, &custom, &extra, &deactivated, &deleted, &after)
	if err != nil {
		return u, err
	}
	u.CreatedAt, u.UpdatedAt, u.DeactivatedAt = moment(created), moment(updated), moment(deactivated)
	u.DeletedAt, u.TokensAfter = moment(deleted), moment(after)
	if err := fromObject(extra, &u.UserExtra); err != nil {
		return u, err
	}
	return u, fromObject(custom, &u.Custom)
}

func same(id string) any { return id }

// User returns a user without what other tables have of it, and whether there is
// one.
func (s *Store) User(ctx context.Context, id string) (chat.User, bool, error) {
	users, err := s.usersByID(ctx, []string{id})
	u, found := users[id]
	return u, found, err
}

// TokensAfter returns the moment before which tokens of a user are revoked, zero for
// none.
func (s *Store) TokensAfter(ctx context.Context, id string) (time.Time, error) {
	rows, err := s.query(ctx, `SELECT tokens_after FROM users WHERE id = $1`, id)
	after, _, err := first(rows, err, scanValue[int64])
	return moment(after), err
}
