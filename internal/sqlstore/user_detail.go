package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

// userNoun is what may be asked of users, which are u.
func userNoun(d dialect, at time.Time) noun {
	restricted := func(kind string) field {
		return field{kind: ofFlag, expr: func(l *listing) string {
			return "EXISTS (SELECT 1 FROM restrictions r WHERE r.user_id = u.id AND r.channel = 0 AND r.kind = '" + kind +
				"' AND (r.until = 0 OR r.until > " + l.bind(micros(at)) + "))"
		}}
	}
	return noun{
		custom: "u.custom",
		tie:    "u.created_at DESC, u.id",
		fields: map[string]field{
			"id":             is(ofText, "u.id"),
			"name":           is(ofText, "u.name").folded("u.name_key"),
			"role":           is(ofText, "u.role"),
			"language":       perhaps(ofText, d.jsonText("u.extra", "language")),
			"image":          perhaps(ofText, d.jsonText("u.extra", "image")),
			"username":       perhaps(ofText, d.jsonText("u.custom", "username")),
			"teams":          is(ofSet, d.jsonTexts("u.extra", "teams")),
			"banned":         restricted("ban"),
			"shadow_banned":  restricted("shadow"),
			"created_at":     is(ofMoment, "u.created_at"),
			"updated_at":     is(ofMoment, "u.updated_at"),
			"deactivated_at": is(ofMoment, "u.deactivated_at"),
			"deleted_at":     is(ofMoment, "u.deleted_at"),
			// Who listens is not kept in the database.
			"last_active": is(ofMoment, "u.updated_at"),
		},
	}
}

const userDetailColumns = `u.id, u.name, u.role, u.created_at, u.updated_at, u.custom, u.extra, u.deactivated_at, u.deleted_at, u.tokens_after`

// SearchUsers returns the users that match, in order, but those deleted for good.
// InvalidArguments: the filter or sort asks what can't be asked.
func (s *Store) SearchUsers(ctx context.Context, q chat.UserSearch, at time.Time) ([]chat.UserDetail, error) {
	l := &listing{dialect: s.dialect, noun: userNoun(s.dialect, at)}
	where, refused := l.where(q.Filter)
	if refused != nil {
		return nil, refused
	}
	order, refused := l.order(q.Sort)
	if refused != nil {
		return nil, refused
	}
	if !q.Deactivated {
		where = "u.deactivated_at = 0 AND " + where
	}
	rows, err := s.ask(ctx, `SELECT `+userDetailColumns+` FROM users u WHERE u.deleted_at = 0 AND `+where+
		` ORDER BY `+order+` LIMIT `+l.bind(q.Limit)+` OFFSET `+l.bind(q.Offset), l.args...)
	list, err := collect(rows, err, scanUserDetail)
	if err != nil {
		return nil, err
	}
	return list, s.fillUsers(ctx, list, at)
}

// UserDetails returns those users that there are, by id, deleted ones too.
func (s *Store) UserDetails(ctx context.Context, ids []string, at time.Time) (map[string]chat.UserDetail, error) {
	found := make(map[string]chat.UserDetail, len(ids))
	for chunk := range chunks(ids) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+userDetailColumns+` FROM users u WHERE u.id IN `+marks, args...)
		list, err := collect(rows, err, scanUserDetail)
		if err == nil {
			err = s.fillUsers(ctx, list, at)
		}
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			found[u.ID] = u
		}
	}
	return found, nil
}

// UserDetail returns a user without what other tables have of it, and whether
// there is one.
func (tx *Tx) UserDetail(id string) (chat.UserDetail, bool, error) {
	return txFirst(tx, scanUserDetail, `SELECT `+userDetailColumns+` FROM users u WHERE u.id = $1`, id)
}

// PutUserDetail stores a user whole, but for what other tables have of it.
func (tx *Tx) PutUserDetail(u chat.UserDetail) error {
	delete(tx.users, u.ID)
	custom, err := toObject(u.Custom)
	if err != nil {
		return err
	}
	extra, err := toObject(u.UserExtra)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO users (id, name, name_key, role, created_at, updated_at, custom, extra, deactivated_at,
		deleted_at, tokens_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, role = excluded.role,
		created_at = excluded.created_at, updated_at = excluded.updated_at, custom = excluded.custom, extra = excluded.extra,
		deactivated_at = excluded.deactivated_at, deleted_at = excluded.deleted_at, tokens_after = excluded.tokens_after`,
		u.ID, u.Name, chat.Fold(u.Name), string(u.Role), micros(u.CreatedAt), micros(u.UpdatedAt), custom, extra,
		micros(u.DeactivatedAt), micros(u.DeletedAt), micros(u.TokensAfter))
	return err
}

// fillUsers adds to users what other tables have of them.
func (s *Store) fillUsers(ctx context.Context, list []chat.UserDetail, at time.Time) error {
	place := make(map[string]int, len(list))
	ids := make([]string, len(list))
	for i, u := range list {
		place[u.ID], ids[i] = i, u.ID
	}
	for chunk := range chunks(ids) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT user_id, kind, until FROM restrictions WHERE channel = 0 AND user_id IN `+marks, args...)
		bans, err := collect(rows, err, func(rows *sql.Rows) (b ban, err error) {
			err = rows.Scan(&b.user, &b.kind, &b.until)
			return b, err
		})
		if err != nil {
			return err
		}
		for _, b := range bans {
			if b.until == 0 || b.until > micros(at) {
				b.mark(&list[place[b.user]])
			}
		}
		rows, err = s.query(ctx, `SELECT user_id, target FROM user_relations WHERE kind = 'block' AND user_id IN `+marks+
			` ORDER BY created_at, target`, args...)
		blocks, err := collect(rows, err, func(rows *sql.Rows) (pair [2]string, err error) {
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

type ban struct {
	user, kind string
	until      int64
}

func (b ban) mark(u *chat.UserDetail) {
	switch chat.RestrictionKind(b.kind) {
	case chat.Ban:
		u.Banned, u.BannedUntil = true, moment(b.until)
	case chat.Shadow:
		u.ShadowBanned, u.BannedUntil = true, moment(b.until)
	}
}

func scanUserDetail(rows *sql.Rows) (u chat.UserDetail, err error) {
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

// RoleInUse reports whether users who aren't deleted have a role.
func (tx *Tx) RoleInUse(role chat.Role) (bool, error) {
	_, found, err := txFirst(tx, scanValue[string], `SELECT id FROM users WHERE role = $1 AND deleted_at = 0 LIMIT 1`, string(role))
	return found, err
}

// TeamsOfName returns the teams of each user of that name but one, deleted ones
// aside, and keeps other servers from asking before this transaction ends. Case
// makes no difference.
func (tx *Tx) TeamsOfName(name, but string) ([][]string, error) {
	_, _, err := returning(tx, scanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'names' RETURNING value`)
	if err != nil {
		return nil, err
	}
	return txCollect(tx, scanTeams, `SELECT extra FROM users WHERE name_key = $1 AND id <> $2 AND deleted_at = 0`, chat.Fold(name), but)
}

func scanTeams(rows *sql.Rows) ([]string, error) {
	var text string
	if err := rows.Scan(&text); err != nil {
		return nil, err
	}
	var extra chat.UserExtra
	err := fromObject(text, &extra)
	return extra.Teams, err
}
