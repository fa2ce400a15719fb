package wire

import (
	"backchannel/internal/chat"
)

// ChannelTypeResponse is a channel type in answers.
type ChannelTypeResponse struct {
	chat.TypeSettings
	Commands    any              `json:"commands"` // names, or objects that have a name
	Permissions []map[string]any `json:"permissions"`
	CreatedAt   Nanos            `json:"created_at"`
	UpdatedAt   Nanos            `json:"updated_at"`
}

// ChannelTypeAnswer returns a channel type in the form of answers.
func ChannelTypeAnswer(t chat.TypeSettings) *ChannelTypeResponse {
	return &ChannelTypeResponse{
		TypeSettings: t, Commands: Listed(t.Commands), Permissions: Listed(t.Permissions),
		CreatedAt: At(t.CreatedAt), UpdatedAt: At(t.UpdatedAt),
	}
}

// commandResponse is a command that a channel type names. Only its name is known, since nothing
// here runs commands.
type commandResponse struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Args        string `json:"args"`
	Set         string `json:"set"`
}

// WholeChannelType is like ChannelTypeAnswer, with objects instead of names for the commands.
func WholeChannelType(t chat.TypeSettings) *ChannelTypeResponse {
	answer := ChannelTypeAnswer(t)
	commands := make([]commandResponse, len(t.Commands))
	for i, name := range t.Commands {
		commands[i].Name = name
	}
	answer.Commands = commands
	return answer
}

// ChannelConfig is the effective settings of a channel, in answers.
type ChannelConfig struct {
	*ChannelTypeResponse
	Grants      any `json:"grants,omitempty"` // only if the channel has its own
	Permissions any `json:"permissions,omitempty"`
}

// AllCommands stands for all commands in a channel type.
const AllCommands = "all"
