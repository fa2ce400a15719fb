package chat

import "slices"

// MaxAudience is how many users a message's audience has at most.
const MaxAudience = 100

// Audience is who a message is for: these users and its sender, by id. An empty one
// is everybody who may read the channel. It is said when the message is sent and
// never changes.
type Audience []string

// Includes reports whether somebody may see a message of that sender. The back
// office sees all, as the caller's own servers do; a role in the chat helps nobody.
func (a Audience) Includes(sender string, who Actor) bool {
	return len(a) == 0 || who.BackOffice || who.ID != "" && who.ID == sender || slices.Contains(a, who.ID)
}

// Check says what is wrong with an audience that somebody asks for, or nil.
func (a Audience) Check() *Error {
	if len(a) > MaxAudience {
		return Invalid("restricted_visibility", "A message is for at most %d users, or for all who may read its channel.", MaxAudience)
	}
	for i, id := range a {
		if CheckUserID(id) != nil || slices.Contains(a[:i], id) {
			return Invalid("restricted_visibility", "restricted_visibility names users by id, each once.")
		}
	}
	return nil
}

// Same reports whether two audiences are of the same users, in any order.
func (a Audience) Same(other Audience) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(other)))
}

// VisibleTo reports whether somebody may see the message, if that one may read its
// channel.
func (m Message) VisibleTo(who Actor) bool { return m.Audience.Includes(m.Sender.ID, who) }

// Hidden reports whether an event is about a message that somebody may not see.
func (e Event) Hidden(from Actor) bool { return e.Message != nil && !e.Message.VisibleTo(from) }

// CheckPin says why a message can't be pinned, which draws the attention of all to
// it, or nil.
func (m MessageDetail) CheckPin() error {
	if len(m.Audience) > 0 && !m.PinnedAt.IsZero() {
		return Invalid("pinned", "A message with restricted_visibility can't be pinned.")
	}
	return nil
}
