package stream

import (
	"cmp"
	"context"
	"strings"

	"backchannel/internal/chat"
)

// typeConfig are the settings of a channel type that decide what becomes of a message.
type typeConfig struct {
	Name             chat.ChannelType `json:"name"`
	MaxMessageLength int              `json:"max_message_length"` // characters
	Uploads          bool             `json:"uploads"`
	Commands         []struct {
		Name string `json:"name"`
	} `json:"commands"`
}

// checkCommand refuses a text that Stream would execute instead of posting it: its first word is
// one of the type's commands.
func (c typeConfig) checkCommand(text string) *chat.Error {
	word, isCommand := strings.CutPrefix(firstWord(text), "/")
	for _, command := range c.Commands {
		if isCommand && strings.EqualFold(command.Name, word) {
			return chat.Invalid("text", "Stream would run the command /%s instead of posting the text. Begin it with another word.", command.Name)
		}
	}
	return nil
}

func firstWord(text string) string {
	for word := range strings.FieldsSeq(text) {
		return word
	}
	return ""
}

// check returns an error if channels of the type refuse a message.
func (c typeConfig) check(m chat.MessageBody) *chat.Error {
	settings := chat.TypeSettings{MaxMessageLength: cmp.Or(c.MaxMessageLength, chat.MaxTypeText), Uploads: c.Uploads}
	return cmp.Or(c.checkCommand(m.Text), settings.CheckMessage(chat.Content{Text: m.Text, Files: len(m.Attachments) > 0}))
}

// checkCommand refuses a text that Stream would execute in the channel.
func (w wireChannel) checkCommand(text string) error {
	if bad := w.Config.checkCommand(text); bad != nil {
		return bad
	}
	return nil
}

// WouldRefuse implements chat.Provider. It doesn't know which channels have settings other than
// those of their type.
func (p *Provider) WouldRefuse(ctx context.Context, m chat.MessageBody, channels []chat.Channel) ([]*chat.Error, error) {
	types, err := p.types.get(ctx)
	if err != nil {
		return nil, err
	}
	tooLarge := checkAttachments(m.Attachments, nil)
	byType := make(map[chat.ChannelType]*chat.Error, len(types))
	for _, t := range types {
		byType[t.Name] = t.check(m)
	}
	refusals := make([]*chat.Error, len(channels))
	for i, c := range channels {
		if refusals[i] = cmp.Or(tooLarge, byType[c.CID.Type]); c.Frozen {
			refusals[i] = chat.Invalid("cid", "The channel is frozen, and hosted Stream takes no message there.")
		}
	}
	return refusals, nil
}
