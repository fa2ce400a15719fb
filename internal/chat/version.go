package chat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// A version is a short text for what the staff can change of something. It is another one
// after each change, and the same again once all is as it was. Who changes something with
// the version that it has seen ([Operation.IfVersion]) overwrites nothing unseen.

// NoVersion is the version of what isn't there.
const NoVersion = ""

// Version is the version of the channel's own data.
func (c Channel) Version() string { return version(c.Name, c.Avatar, c.Frozen) }

// Version is the version of the message. Pins that end by themselves don't count.
func (m Message) Version() string {
	pinned := !m.PinnedAt.IsZero() && m.PinExpires.IsZero()
	parts := []any{m.Text, !m.DeletedAt.IsZero(), pinned, instant(m.EditedAt)}
	for _, a := range m.ShownAttachments() {
		parts = append(parts, a.Type, a.Title, a.TitleLink, a.AssetURL)
	}
	return version(parts...)
}

// Version is the version of the user's name and role. Bans and mutes have their own.
func (u User) Version() string { return version(u.Name, u.Role) }

// Version is the version of the ban or mute.
func (r Restriction) Version() string {
	return version(r.Kind, instant(r.Until), r.By, r.Reason, instant(r.CreatedAt))
}

func instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func version(parts ...any) string {
	text, _ := json.Marshal(parts) // of texts, numbers and booleans
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
