package streamapi

import (
	"net/url"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

const (
	defaultGroups = 30
	groupsPerPage = 100
)

func (s *Server) routeUserGroups() {
	const path = "/api/v2/usergroups"
	s.mux.HandleFunc("GET "+path, s.handle("ListUserGroups", s.listUserGroups))
	s.mux.HandleFunc("POST "+path, s.handle("CreateUserGroup", s.createUserGroup))
	s.mux.HandleFunc("GET "+path+"/search", s.handle("SearchUserGroups", s.searchUserGroups))
	s.mux.HandleFunc("GET "+path+"/{id}", s.handle("GetUserGroup", s.getUserGroup))
	s.mux.HandleFunc("PUT "+path+"/{id}", s.handle("UpdateUserGroup", s.updateUserGroup))
	s.mux.HandleFunc("DELETE "+path+"/{id}", s.handle("DeleteUserGroup", s.deleteUserGroup))
	s.mux.HandleFunc("POST "+path+"/{id}/members", s.handle("AddUserGroupMembers", s.addUserGroupMembers))
	s.mux.HandleFunc("POST "+path+"/{id}/members/delete", s.handle("RemoveUserGroupMembers", s.removeUserGroupMembers))
}

// userGroupResponse is a group of users as answers have it.
type userGroupResponse struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	TeamID      string            `json:"team_id,omitempty"`
	Members     []userGroupMember `json:"members,omitempty"`
	CreatedAt   nanos             `json:"created_at"`
	UpdatedAt   nanos             `json:"updated_at"`
}

type userGroupMember struct {
	GroupID   string `json:"group_id"`
	UserID    string `json:"user_id"`
	IsAdmin   bool   `json:"is_admin"`
	CreatedAt nanos  `json:"created_at"`
}

func userGroupAnswer(g chat.UserGroup) *userGroupResponse {
	answer := &userGroupResponse{
		ID: g.ID, Name: g.Name, Description: g.Description, TeamID: g.Team, CreatedAt: at(g.CreatedAt), UpdatedAt: at(g.UpdatedAt)}
	for _, m := range g.Members {
		answer.Members = append(answer.Members, userGroupMember{
			GroupID: m.GroupID, UserID: m.UserID, IsAdmin: m.Admin, CreatedAt: at(m.CreatedAt)})
	}
	return answer
}

func oneUserGroup(g chat.UserGroup, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"user_group": userGroupAnswer(g)}, nil
}

// groupMembers reads a list of members, which has at most as many as one call takes.
func groupMembers(ids []string) ([]string, error) {
	if len(ids) > membersAtOnce {
		return nil, invalid("member_ids has at most %d ids", membersAtOnce)
	}
	return unique(ids), nil
}

func (s *Server) createUserGroup(c *call) (any, error) {
	var req struct {
		ID          string   `json:"id"`
		Name        string   `json:"name"`
		Description string   `json:"description"`
		TeamID      string   `json:"team_id"`
		MemberIDs   []string `json:"member_ids"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	members, err := groupMembers(req.MemberIDs)
	if err != nil {
		return nil, err
	}
	g := chat.UserGroup{ID: req.ID, Name: req.Name, Description: req.Description, Team: req.TeamID}
	return oneUserGroup(s.engine.CreateUserGroup(c.Context(), g, members))
}

func (s *Server) getUserGroup(c *call) (any, error) {
	return oneUserGroup(s.engine.UserGroup(c.Context(), c.part("id"), c.URL.Query().Get("team_id")))
}

func (s *Server) updateUserGroup(c *call) (any, error) {
	var req struct {
		Name        *string `json:"name"`
		Description *string `json:"description"`
		TeamID      string  `json:"team_id"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	return oneUserGroup(s.engine.ChangeUserGroup(c.Context(), c.part("id"), req.TeamID, func(g *chat.UserGroup) {
		if req.Name != nil {
			g.Name = *req.Name
		}
		if req.Description != nil {
			g.Description = *req.Description
		}
	}))
}

func (s *Server) deleteUserGroup(c *call) (any, error) {
	return done, s.engine.DeleteUserGroup(c.Context(), c.part("id"), c.URL.Query().Get("team_id"))
}

// groupMembersRequest is what adding and removing members takes.
type groupMembersRequest struct {
	MemberIDs []string `json:"member_ids"`
	AsAdmin   bool     `json:"as_admin"`
	TeamID    string   `json:"team_id"`
}

func (c *call) groupMembers() (req groupMembersRequest, err error) {
	if err = c.into(&req); err != nil {
		return req, err
	}
	if len(req.MemberIDs) == 0 {
		return req, invalid("member_ids is a required field")
	}
	req.MemberIDs, err = groupMembers(req.MemberIDs)
	return req, err
}

func (s *Server) addUserGroupMembers(c *call) (any, error) {
	req, err := c.groupMembers()
	if err != nil {
		return nil, err
	}
	return oneUserGroup(s.engine.AddUserGroupMembers(c.Context(), c.part("id"), req.TeamID, req.MemberIDs, req.AsAdmin))
}

func (s *Server) removeUserGroupMembers(c *call) (any, error) {
	req, err := c.groupMembers()
	if err != nil {
		return nil, err
	}
	return oneUserGroup(s.engine.RemoveUserGroupMembers(c.Context(), c.part("id"), req.TeamID, req.MemberIDs))
}

func (s *Server) listUserGroups(c *call) (any, error) {
	query := c.URL.Query()
	after, err := timeOf(query.Get("created_at_gt"))
	if err != nil {
		return nil, err
	}
	return s.userGroups(c, query, chat.UserGroupQuery{CreatedAfter: after})
}

func (s *Server) searchUserGroups(c *call) (any, error) {
	query := c.URL.Query()
	if query.Get("query") == "" {
		return nil, invalid("query is a required field")
	}
	return s.userGroups(c, query, chat.UserGroupQuery{Prefix: query.Get("query"), NameAfter: query.Get("name_gt")})
}

func (s *Server) userGroups(c *call, query url.Values, q chat.UserGroupQuery) (any, error) {
	limit, err := number(query.Get("limit"))
	if err != nil {
		return nil, err
	}
	if q.Limit, err = page(limit, defaultGroups, groupsPerPage, 0, 0); err != nil {
		return nil, err
	}
	q.Team, q.IDAfter = query.Get("team_id"), query.Get("id_gt")
	list, err := s.engine.UserGroups(c.Context(), q)
	if err != nil {
		return nil, err
	}
	answers := make([]*userGroupResponse, len(list))
	for i, g := range list {
		answers[i] = userGroupAnswer(g)
	}
	return map[string]any{"user_groups": answers}, nil
}

// timeOf reads a time of a query, as requests have it or as answers do; zero where it
// is left out.
func timeOf(text string) (time.Time, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(0, n), nil
	}
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, invalid("%q is not a time: use RFC 3339", text)
	}
	return t, nil
}
