package wire

import (
	"slices"
	"strings"

	"backchannel/internal/chat"
)

// PermissionResponse is a permission in answers.
type PermissionResponse struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Description   string   `json:"description"`
	Action        string   `json:"action"`
	Owner         bool     `json:"owner"` // limited to the user's own things
	OwnerResource string   `json:"owner_resource"`
	SameTeam      bool     `json:"same_team"`
	Level         string   `json:"level"`
	Custom        bool     `json:"custom"`
	Tags          []string `json:"tags"`
}

// beyondChannels are the permissions granted for the app instead of a channel.
var beyondChannels = []string{"flag-user", "mute-user", "read-flag-reports", "search-user", "update-flag-report", "update-user-owner"}

const ownerMark = "-owner"

// PermissionAnswer parses a permission's id: "create-message-owner" grants the action CreateMessage
// on the user's own things.
func PermissionAnswer(id string) *PermissionResponse {
	act, own := strings.CutSuffix(id, ownerMark)
	words := strings.Split(act, "-")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	p := &PermissionResponse{
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

// RoleResponse is a role in answers.
type RoleResponse struct {
	Name      string   `json:"name"`
	Custom    bool     `json:"custom"`
	Scopes    []string `json:"scopes"`
	CreatedAt Nanos    `json:"created_at"`
	UpdatedAt Nanos    `json:"updated_at"`
}

// RoleAnswer returns a role in the form of answers.
func RoleAnswer(r chat.RoleInfo) *RoleResponse {
	return &RoleResponse{Name: r.Name, Custom: r.Custom, Scopes: Listed(r.Scopes), CreatedAt: At(r.CreatedAt), UpdatedAt: At(r.UpdatedAt)}
}
