package streamapi

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
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

// userRequest is a user in requests.
type userRequest struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Image     string            `json:"image"`
	Language  string            `json:"language"`
	Role      string            `json:"role"`
	Invisible bool              `json:"invisible"`
	Teams     []string          `json:"teams"`
	TeamsRole map[string]string `json:"teams_role"`
	Privacy   map[string]any    `json:"privacy_settings"`
	Custom    map[string]any    `json:"custom"`
	CreatedAt givenTime         `json:"created_at"`
}

func (r userRequest) user() chat.User {
	return chat.User{
		ID: r.ID, Name: r.Name, Role: chat.Role(r.Role),
		UserExtra: chat.UserExtra{
			Image: r.Image, Language: r.Language, Invisible: r.Invisible, Teams: r.Teams, TeamsRole: r.TeamsRole, Privacy: r.Privacy,
		},
		Custom: r.Custom,
	}
}

// userResponse is a user in answers.
type userResponse struct {
	ID             string            `json:"id"`
	Name           *string           `json:"name,omitempty"`
	Image          *string           `json:"image,omitempty"`
	Language       string            `json:"language"`
	Role           chat.Role         `json:"role"`
	Teams          []string          `json:"teams"`
	TeamsRole      map[string]string `json:"teams_role,omitempty"`
	Privacy        map[string]any    `json:"privacy_settings,omitempty"`
	Invisible      bool              `json:"invisible"`
	Online         bool              `json:"online"`
	Banned         bool              `json:"banned"`
	ShadowBanned   bool              `json:"shadow_banned"`
	BanExpires     *nanos            `json:"ban_expires,omitempty"`
	BlockedUserIDs []string          `json:"blocked_user_ids"`
	CreatedAt      nanos             `json:"created_at"`
	UpdatedAt      nanos             `json:"updated_at"`
	DeactivatedAt  *nanos            `json:"deactivated_at,omitempty"`
	DeletedAt      *nanos            `json:"deleted_at,omitempty"`
	TokensAfter    *nanos            `json:"revoke_tokens_issued_before,omitempty"`
	Custom         map[string]any    `json:"custom"`
}

func userAnswer(u chat.User) *userResponse {
	answer := &userResponse{
		ID: u.ID, Name: maybeText(u.Name), Image: maybeText(u.Image), Language: u.Language, Role: u.Role,
		Teams: listed(u.Teams), TeamsRole: u.TeamsRole, Privacy: u.Privacy, Invisible: u.Invisible,
		Banned: u.Ban != nil, ShadowBanned: u.Shadow != nil, BlockedUserIDs: listed(u.Blocked),
		CreatedAt: at(u.CreatedAt), UpdatedAt: at(u.UpdatedAt), DeactivatedAt: maybe(u.DeactivatedAt),
		DeletedAt: maybe(u.DeletedAt), TokensAfter: maybe(u.TokensAfter), Custom: object(u.Custom),
	}
	if ban := cmp.Or(u.Ban, u.Shadow); ban != nil {
		answer.BanExpires = maybe(ban.Until)
	}
	return answer
}

// updateUsers replaces users as a whole.
func (s *Server) updateUsers(c *call) (any, error) {
	var req struct {
		Users map[string]userRequest `json:"users"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.Users) == 0 || len(req.Users) > usersAtOnce {
		return nil, invalid("users must have 1 to %d users", usersAtOnce)
	}
	var users []chat.User
	var ids []string
	for id, u := range req.Users {
		if u.ID != id {
			return nil, invalid("the user under %q has the id %q", id, u.ID)
		}
		user := u.user()
		user.CreatedAt = s.madeAt(u.CreatedAt)
		users, ids = append(users, user), append(ids, id)
	}
	if err := s.replaceUsers(c.Context(), users); err != nil {
		return nil, err
	}
	return s.usersAnswer(c, ids)
}

// replaceUsers replaces users by those given, except for bans, deactivation and revoked
// tokens. New ones are created now, unless they say when.
func (s *Server) replaceUsers(ctx context.Context, users []chat.User) error {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return s.engine.ChangeUsers(ctx, chat.ChangeUsers{IDs: ids, Create: true, Deleted: true, Change: func(i int, u *chat.User) error {
		if !u.DeletedAt.IsZero() {
			return deleted(u.ID)
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

func deleted(id string) error { return invalid("the user %q was deleted; restore it first", id) }

func (s *Server) usersAnswer(c *call, ids []string) (any, error) {
	found, err := s.engine.UsersByID(c.Context(), ids)
	if err != nil {
		return nil, err
	}
	answer := make(map[string]*userResponse, len(ids))
	for id, u := range found {
		answer[id] = userAnswer(u)
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
		return nil, invalid("users must have 1 to %d users", usersAtOnce)
	}
	ids := make([]string, len(req.Users))
	for i, u := range req.Users {
		if slices.Contains(ids[:i], u.ID) {
			return nil, invalid("the user %q is there twice", u.ID)
		}
		ids[i] = u.ID
	}
	err := s.engine.ChangeUsers(c.Context(), chat.ChangeUsers{IDs: ids, Deleted: true, Change: func(i int, u *chat.User) error {
		return patchUser(u, patch{set: req.Users[i].Set, unset: req.Users[i].Unset})
	}})
	if err != nil {
		return nil, err
	}
	return s.usersAnswer(c, ids)
}

// patchUser changes a user's fields. Unknown fields are custom ones.
func patchUser(u *chat.User, p patch) error {
	fields := map[string]any{
		"name": &u.Name, "role": &u.Role, "image": &u.Image, "language": &u.Language, "invisible": &u.Invisible,
		"teams": &u.Teams, "teams_role": &u.TeamsRole, "privacy_settings": &u.Privacy,
		"revoke_tokens_issued_before": &u.TokensAfter,
	}
	if !u.DeletedAt.IsZero() {
		return deleted(u.ID)
	}
	if given, ok := p.set["privacy_settings"].(map[string]any); ok { // omitted fields stay
		privacy := copied(u.Privacy)
		maps.Copy(privacy, given)
		p.set = copied(p.set)
		p.set["privacy_settings"] = privacy
	}
	return p.apply(fields, &u.Custom)
}

type queryUsersRequest struct {
	queryRequest
	Deactivated bool `json:"include_deactivated_users"`
}

func (s *Server) queryUsers(c *call) (any, error) {
	var req queryUsersRequest
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	asked, err := req.search(defaultUsers, usersPerPage, farthestUsers)
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

// fullUser is a user with its settings, in answers.
type fullUser struct {
	*userResponse
	Mutes          []*muteResponse `json:"mutes"`
	Devices        []any           `json:"devices"` // always empty
	ChannelMutes   []any           `json:"channel_mutes"`
	TotalUnread    int64           `json:"total_unread_count"`
	UnreadCount    int64           `json:"unread_count"`
	UnreadChannels int             `json:"unread_channels"`
	UnreadThreads  int             `json:"unread_threads"`
}

func (s *Server) fullUsers(c *call, list []chat.User) ([]*fullUser, error) {
	ids := make([]string, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	mutes, err := s.mutesOf(c, ids...)
	if err != nil {
		return nil, err
	}
	users := make([]*fullUser, len(list))
	for i, u := range list {
		users[i] = &fullUser{
			userResponse: userAnswer(u), Mutes: listed(mutes[u.ID]), Devices: []any{}, ChannelMutes: []any{},
		}
	}
	return users, nil
}

// ownUser is a user as the user itself sees it.
func (s *Server) ownUser(c *call, id string) (*fullUser, error) {
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
