package engine

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// CreateUserGroup makes a group with those members and returns it; its id is made
// where it has none. InvalidArguments, also where one of them is no chat user;
// Conflict: there is a group of that id.
func (e *Engine) CreateUserGroup(ctx context.Context, g chat.UserGroup, members []string) (chat.UserGroup, error) {
	if g.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return g, fmt.Errorf("making a group's id: %w", err)
		}
		g.ID = id.String()
	}
	if err := g.Check(); err != nil {
		return g, err
	}
	err := e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		g.CreatedAt = e.now()
		g.UpdatedAt = g.CreatedAt
		_, taken, err := tx.UserGroup(g.ID)
		if err == nil && taken {
			err = &chat.Error{Code: chat.Conflict, Field: "id", Message: fmt.Sprintf("There is a user group %q already.", g.ID)}
		}
		if err != nil {
			return err
		}
		n, err := tx.CountUserGroups()
		if err == nil && n >= chat.MaxUserGroups {
			err = chat.Invalid("id", "There are %d user groups, which is the most.", chat.MaxUserGroups)
		}
		if err != nil {
			return err
		}
		if err := checkGroupMembers(tx, g.ID, members); err != nil {
			return err
		}
		if err := tx.PutUserGroup(g); err != nil {
			return err
		}
		return e.addGroupMembers(tx, g.ID, members, false)
	})
	if err != nil {
		return g, err
	}
	return e.UserGroup(ctx, g.ID, "")
}

// UserGroup returns a group with its members; NotFound, also where a team is given and
// it is of another.
func (e *Engine) UserGroup(ctx context.Context, id, team string) (chat.UserGroup, error) {
	g, found, err := e.store.UserGroup(ctx, id)
	if err == nil && (!found || team != "" && g.Team != team) {
		err = noUserGroup(id)
	}
	return g, err
}

// UserGroups returns the groups asked for, without their members.
func (e *Engine) UserGroups(ctx context.Context, q chat.UserGroupQuery) ([]chat.UserGroup, error) {
	return e.store.UserGroups(ctx, q)
}

// ChangeUserGroup has change work on a group and returns the outcome, with its
// members. It fails as [Engine.UserGroup] and [Engine.CreateUserGroup] do. The id and
// the team stay.
func (e *Engine) ChangeUserGroup(ctx context.Context, id, team string, change func(g *chat.UserGroup)) (chat.UserGroup, error) {
	return e.onUserGroup(ctx, id, team, func(tx *sqlstore.Tx, g chat.UserGroup) error {
		was := g
		change(&g)
		g.ID, g.Team, g.CreatedAt = was.ID, was.Team, was.CreatedAt
		if err := g.Check(); err != nil {
			return err
		}
		return e.touchUserGroup(tx, g)
	})
}

// AddUserGroupMembers makes users members of a group, and its admins where that is
// said: all or none. It fails as [Engine.UserGroup] does; InvalidArguments: one of them
// is no chat user, or they are too many.
func (e *Engine) AddUserGroupMembers(ctx context.Context, id, team string, users []string, asAdmins bool) (chat.UserGroup, error) {
	return e.onUserGroup(ctx, id, team, func(tx *sqlstore.Tx, g chat.UserGroup) error {
		if err := checkGroupMembers(tx, id, users); err != nil {
			return err
		}
		if err := e.addGroupMembers(tx, id, users, asAdmins); err != nil {
			return err
		}
		return e.touchUserGroup(tx, g)
	})
}

// RemoveUserGroupMembers ends memberships; who is no member is passed over. It fails as
// [Engine.UserGroup] does.
func (e *Engine) RemoveUserGroupMembers(ctx context.Context, id, team string, users []string) (chat.UserGroup, error) {
	return e.onUserGroup(ctx, id, team, func(tx *sqlstore.Tx, g chat.UserGroup) error {
		for _, user := range users {
			if err := tx.RemoveUserGroupMember(id, user); err != nil {
				return err
			}
		}
		return e.touchUserGroup(tx, g)
	})
}

// DeleteUserGroup removes a group with its memberships. It fails as [Engine.UserGroup]
// does.
func (e *Engine) DeleteUserGroup(ctx context.Context, id, team string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if _, err := groupIn(tx, id, team); err != nil {
			return err
		}
		_, err := tx.DropUserGroup(id)
		return err
	})
}

// onUserGroup runs a change of a group and returns what the group is then.
func (e *Engine) onUserGroup(ctx context.Context, id, team string, change func(tx *sqlstore.Tx, g chat.UserGroup) error) (chat.UserGroup, error) {
	err := e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		g, err := groupIn(tx, id, team)
		if err != nil {
			return err
		}
		return change(tx, g)
	})
	if err != nil {
		return chat.UserGroup{}, err
	}
	return e.UserGroup(ctx, id, team)
}

func groupIn(tx *sqlstore.Tx, id, team string) (chat.UserGroup, error) {
	g, found, err := tx.UserGroup(id)
	if err == nil && (!found || team != "" && g.Team != team) {
		err = noUserGroup(id)
	}
	return g, err
}

func (e *Engine) touchUserGroup(tx *sqlstore.Tx, g chat.UserGroup) error {
	g.UpdatedAt = e.now()
	return tx.PutUserGroup(g)
}

func checkGroupMembers(tx *sqlstore.Tx, group string, users []string) error {
	if err := checkKnown(tx, "member_ids", users); err != nil {
		return err
	}
	n, err := tx.CountUserGroupMembers(group)
	if err == nil && n+int64(len(users)) > chat.MaxUserGroupMembers {
		err = chat.Invalid("member_ids", "A user group has at most %d members.", chat.MaxUserGroupMembers)
	}
	return err
}

func (e *Engine) addGroupMembers(tx *sqlstore.Tx, group string, users []string, admins bool) error {
	at := e.now()
	for _, user := range users {
		err := tx.AddUserGroupMember(chat.UserGroupMember{GroupID: group, UserID: user, Admin: admins, CreatedAt: at})
		if err != nil {
			return err
		}
	}
	return nil
}

func noUserGroup(id string) error {
	return chat.Missing("id", "There is no user group %q.", id)
}
