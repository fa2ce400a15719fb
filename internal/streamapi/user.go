package streamapi

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

const (
	usersAtOnce   = 100
	usersPerPage  = 100
	defaultUsers  = 30
	farthestUsers = 1_000
)

func (s *Server) routeUsers() {
	s.mux.HandleFunc("POST /api/v2/users", s.handle("UpdateUsers", s.updateUsers))
	s.mux.HandleFunc("PATCH /api/v2/users", s.handle("UpdateUsersPartial", s.updateUsersPartial))
	s.mux.HandleFunc("GET /api/v2/users", s.handle("QueryUsers", s.queryUsers))
	s.routeUserLives()
	s.routeBlocks()
	s.routeUnread()
}

// updateUsers replaces users as a whole.
func (s *Server) updateUsers(c *call) (any, error) {
	var req struct {
		Users map[string]wire.UserRequest `json:"users"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.Users) == 0 || len(req.Users) > usersAtOnce {
		return nil, wire.Invalid("users must have 1 to %d users", usersAtOnce)
	}
	var users []chat.User
	var ids []string
	for id, u := range req.Users {
		if u.ID != id {
			return nil, wire.Invalid("the user under %q has the id %q", id, u.ID)
		}
		user := u.User()
		user.CreatedAt = s.madeAt(u.CreatedAt)
		users, ids = append(users, user), append(ids, id)
	}
	if err := s.replaceUsers(c.Context(), users); err != nil {
		return nil, err
	}
	return s.usersAnswer(c, ids)
}

// replaceUsers replaces users by those given, except for bans, deactivation and revoked tokens. The
// creation time of new users is now, unless they have one.
func (s *Server) replaceUsers(ctx context.Context, users []chat.User) error {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return s.engine.ChangeUsers(ctx, chat.ChangeUsers{IDs: ids, Create: true, Deleted: true, Change: func(i int, u *chat.User) error {
		if !u.DeletedAt.IsZero() {
			return wire.Deleted(u.ID)
		}
		old := *u
		*u = users[i]
		u.DeactivatedAt, u.TokensAfter = old.DeactivatedAt, old.TokensAfter
		if u.CreatedAt.IsZero() {
			u.CreatedAt = old.CreatedAt
		}
		return nil
	}})
}

func (s *Server) usersAnswer(c *call, ids []string) (any, error) {
	found, err := s.engine.UsersByID(c.Context(), ids)
	if err != nil {
		return nil, err
	}
	answer := make(map[string]*wire.UserResponse, len(ids))
	for id, u := range found {
		answer[id] = wire.UserAnswer(u)
	}
	return map[string]any{"users": answer, "membership_deletion_task_id": ""}, nil
}

// updateUsersPartial sets and removes single fields.
func (s *Server) updateUsersPartial(c *call) (any, error) {
	var req struct {
		Users []struct {
			ID    string         `json:"id"`
			Set   map[string]any `json:"set"`
			Unset []string       `json:"unset"`
		} `json:"users"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.Users) == 0 || len(req.Users) > usersAtOnce {
		return nil, wire.Invalid("users must have 1 to %d users", usersAtOnce)
	}
	ids := make([]string, len(req.Users))
	for i, u := range req.Users {
		if slices.Contains(ids[:i], u.ID) {
			return nil, wire.Invalid("the user %q is there twice", u.ID)
		}
		ids[i] = u.ID
	}
	err := s.engine.ChangeUsers(c.Context(), chat.ChangeUsers{IDs: ids, Deleted: true, Change: func(i int, u *chat.User) error {
		return wire.PatchUser(u, wire.Patch{Set: req.Users[i].Set, Unset: req.Users[i].Unset})
	}})
	if err != nil {
		return nil, err
	}
	return s.usersAnswer(c, ids)
}

type queryUsersRequest struct {
	wire.QueryRequest
	Deactivated bool `json:"include_deactivated_users"`
}

func (s *Server) queryUsers(c *call) (any, error) {
	var req queryUsersRequest
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	asked, err := req.Search(defaultUsers, usersPerPage, farthestUsers)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchUsers(c.Context(), store.UserSearch{Search: asked, Deactivated: req.Deactivated})
	if err != nil {
		return nil, err
	}
	users, err := s.fullUsers(c, list)
	if err != nil {
		return nil, err
	}
	return map[string]any{"users": users}, nil
}

func (s *Server) fullUsers(c *call, list []chat.User) ([]*wire.FullUser, error) {
	ids := make([]string, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	mutes, err := s.mutesOf(c, ids...)
	if err != nil {
		return nil, err
	}
	users := make([]*wire.FullUser, len(list))
	for i, u := range list {
		users[i] = &wire.FullUser{
			UserResponse: wire.UserAnswer(u), Mutes: wire.Listed(mutes[u.ID]), Devices: []any{}, ChannelMutes: []any{},
		}
	}
	return users, nil
}

// ownUser returns a user as the user itself sees it.
func (s *Server) ownUser(c *call, id string) (*wire.FullUser, error) {
	found, err := s.engine.UsersByID(c.Context(), []string{id})
	if err != nil {
		return nil, err
	}
	full, err := s.fullUsers(c, []chat.User{found[id]})
	if err != nil {
		return nil, err
	}
	unread, err := s.engine.Unread(c.Context(), []string{id})
	if err != nil {
		return nil, err
	}
	own := full[0]
	for _, u := range unread[id] {
		own.TotalUnread += u.Count
		own.UnreadCount += u.Count
		own.UnreadChannels++
	}
	return own, nil
}
