package streamapi

import (
	"slices"
	"strings"

	"backchannel/internal/streamapi/setup"
)

// permissionResponse is a permission in answers.
type permissionResponse struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Description   string   `json:"description"`
	Action        string   `json:"action"`
	Owner         bool     `json:"owner"` // only for the user's own
	OwnerResource string   `json:"owner_resource"`
	SameTeam      bool     `json:"same_team"`
	Level         string   `json:"level"`
	Custom        bool     `json:"custom"`
	Tags          []string `json:"tags"`
}

// beyondChannels are the permissions that are granted for the app.
var beyondChannels = []string{"flag-user", "mute-user", "read-flag-reports", "search-user", "update-flag-report", "update-user-owner"}

const ownerMark = "-owner"

// permissionAnswer reads a permission's id: "create-message-owner" grants the action
// CreateMessage on the user's own things.
func permissionAnswer(id string) *permissionResponse {
	act, own := strings.CutSuffix(id, ownerMark)
	words := strings.Split(act, "-")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	p := &permissionResponse{
		ID: id, Action: strings.Join(words, ""), Name: strings.Join(words, " "), Level: "channel", Owner: own, Tags: []string{},
	}
	p.Description = "Grants the action " + p.Action
	if own {
		p.Name += " (own)"
		p.Description += " on what belongs to the user"
	}
	if slices.Contains(beyondChannels, id) {
		p.Level = "app"
	}
	return p
}

func (s *Server) listPermissions(*call) (any, error) {
	list := []*permissionResponse{}
	for _, id := range setup.Permissions() {
		list = append(list, permissionAnswer(id))
	}
	return map[string]any{"permissions": list}, nil
}

func (s *Server) getPermission(c *call) (any, error) {
	id := c.part("id")
	if !slices.Contains(setup.Permissions(), id) {
		return nil, missing("there is no permission %q", id)
	}
	return map[string]any{"permission": permissionAnswer(id)}, nil
}
