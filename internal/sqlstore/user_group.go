package sqlstore

import (
	"context"
	"database/sql"
	"strings"

	"backchannel/internal/chat"
)

const (
	userGroup         = `SELECT id, name, description, team, created_at, updated_at FROM user_groups `
	userGroupMembers  = `SELECT group_id, user_id, is_admin, created_at FROM user_group_members WHERE group_id `
	userGroupsInOrder = ` ORDER BY created_at, user_id`
)

// UserGroup returns a group with its members, and whether there is one.
func (s *Store) UserGroup(ctx context.Context, id string) (chat.UserGroup, bool, error) {
	rows, err := s.query(ctx, userGroup+`WHERE id = $1`, id)
	g, found, err := first(rows, err, scanUserGroup)
	if err != nil || !found {
		return g, found, err
	}
	rows, err = s.query(ctx, userGroupMembers+`= $1`+userGroupsInOrder, id)
	g.Members, err = collect(rows, err, scanUserGroupMember)
	return g, true, err
}

// UserGroups returns the groups asked for, in their order, without their members.
func (s *Store) UserGroups(ctx context.Context, q chat.UserGroupQuery) ([]chat.UserGroup, error) {
	l := &listing{dialect: s.dialect}
	conditions := []string{"TRUE"}
	add := func(condition string) { conditions = append(conditions, condition) }
	if q.Team != "" {
		add(`team = ` + l.bind(q.Team))
	}
	order := `created_at, id`
	switch {
	case q.Prefix != "":
		order = `name_key, id`
		prefix := l.bind(chat.Fold(q.Prefix))
		add(`substr(name_key, 1, length(` + prefix + `)) = ` + prefix)
		if q.NameAfter != "" {
			add(`(name_key, id) > (` + l.bind(chat.Fold(q.NameAfter)) + `, ` + l.bind(q.IDAfter) + `)`)
		}
	case !q.CreatedAfter.IsZero():
		add(`(created_at, id) > (` + l.bind(micros(q.CreatedAfter)) + `, ` + l.bind(q.IDAfter) + `)`)
	case q.IDAfter != "":
		add(`(created_at, id) > (SELECT created_at, id FROM user_groups WHERE id = ` + l.bind(q.IDAfter) + `)`)
	}
	rows, err := s.ask(ctx, userGroup+`WHERE `+strings.Join(conditions, ` AND `)+` ORDER BY `+order+` LIMIT `+l.bind(q.Limit), l.args...)
	return collect(rows, err, scanUserGroup)
}

// UserGroup returns a group without its members, and whether there is one.
func (tx *Tx) UserGroup(id string) (chat.UserGroup, bool, error) {
	return txFirst(tx, scanUserGroup, userGroup+`WHERE id = $1`, id)
}

// CountUserGroups counts all groups.
func (tx *Tx) CountUserGroups() (int64, error) {
	n, _, err := txFirst(tx, scanValue[int64], `SELECT COUNT(*) FROM user_groups`)
	return n, err
}

// CountUserGroupMembers counts a group's members.
func (tx *Tx) CountUserGroupMembers(id string) (int64, error) {
	n, _, err := txFirst(tx, scanValue[int64], `SELECT COUNT(*) FROM user_group_members WHERE group_id = $1`, id)
	return n, err
}

// PutUserGroup stores a group, or what it is from now on. Its members and its team stay.
func (tx *Tx) PutUserGroup(g chat.UserGroup) error {
	_, err := tx.change(`INSERT INTO user_groups (id, name, name_key, description, team, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
		description = excluded.description, updated_at = excluded.updated_at`,
		g.ID, g.Name, chat.Fold(g.Name), g.Description, g.Team, micros(g.CreatedAt), micros(g.UpdatedAt))
	return err
}

// DropUserGroup removes a group with its members and reports whether there was one.
func (tx *Tx) DropUserGroup(id string) (bool, error) {
	if _, err := tx.change(`DELETE FROM user_group_members WHERE group_id = $1`, id); err != nil {
		return false, err
	}
	n, err := tx.change(`DELETE FROM user_groups WHERE id = $1`, id)
	return n > 0, err
}

// AddUserGroupMember makes a user a member, or an admin of the group. An admin stays
// one.
func (tx *Tx) AddUserGroupMember(m chat.UserGroupMember) error {
	_, err := tx.change(`INSERT INTO user_group_members (group_id, user_id, is_admin, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (group_id, user_id) DO UPDATE SET is_admin = user_group_members.is_admin OR excluded.is_admin`,
		m.GroupID, m.UserID, m.Admin, micros(m.CreatedAt))
	return err
}

// RemoveUserGroupMember ends a membership, if there is one.
func (tx *Tx) RemoveUserGroupMember(group, user string) error {
	_, err := tx.change(`DELETE FROM user_group_members WHERE group_id = $1 AND user_id = $2`, group, user)
	return err
}

func scanUserGroup(rows *sql.Rows) (g chat.UserGroup, err error) {
	var created, updated int64
	err = rows.Scan(&g.ID, &g.Name, &g.Description, &g.Team, &created, &updated)
	g.CreatedAt, g.UpdatedAt = moment(created), moment(updated)
	return g, err
}

func scanUserGroupMember(rows *sql.Rows) (m chat.UserGroupMember, err error) {
	var created int64
	err = rows.Scan(&m.GroupID, &m.UserID, &m.Admin, &created)
	m.CreatedAt = moment(created)
	return m, err
}
