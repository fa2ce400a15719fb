package chat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
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

// ChangedUnseen is the error of a change by somebody of a thing that isn't as that one has
// seen it. Last is the last recorded change of the thing, or zero. The field is the input's
// that has the version.
func ChangedUnseen(t ChangeTarget, by Actor, last Change, field string) *Error {
	ofSender := t.Kind == MessageTarget && !by.BackOffice && by.ID == t.UserID // who isn't told who moderates
	if last.ID == "" || ofSender {
		return &Error{Code: Conflict, Field: field, Message: fmt.Sprintf("Since you read it, %s was changed. Read it again.", t)}
	}
	return &Error{Code: Conflict, Field: field, Change: last.ID, Message: fmt.Sprintf("Since you read it, %s was changed. Its last recorded change: %s by %q at %s, the change %s. Read it again.",
		t, last.Operation, last.By, last.At.UTC().Format(time.RFC3339), last.ID)}
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
