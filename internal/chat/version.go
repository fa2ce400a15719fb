package chat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// A version is a short text derived from the state that the staff can change. It differs after each
// change, and is the same again when the state is. A change that includes the version its caller
// has read ([Operation.IfVersion]) doesn't overwrite newer changes.

// NoVersion is the version of something that doesn't exist.
const NoVersion = ""

// Version returns the version of the channel's own data.
func (c Channel) Version() string { return version(c.Name, c.Avatar, c.Frozen) }

// Version returns the version of the message. It doesn't change when a pin expires.
func (m Message) Version() string {
	pinned := !m.PinnedAt.IsZero() && m.PinExpires.IsZero()
	parts := []any{m.Text, !m.DeletedAt.IsZero(), pinned, instant(m.EditedAt)}
	for _, a := range m.ShownAttachments() {
		parts = append(parts, a.Type, a.Title, a.TitleLink, a.AssetURL)
	}
	return version(parts...)
}

// Version returns the version of the user's name and role. Bans and mutes have their own versions.
func (u User) Version() string { return version(u.Name, u.Role) }

// Version returns the version of the ban or mute.
func (r Restriction) Version() string {
	return version(r.Kind, instant(r.Until), r.By, r.Reason, instant(r.CreatedAt))
}

// Version returns the version of what the announcement says, to whom and in whose name.
func (a Announcement) Version() string {
	return version(a.Body.Sender.ID, a.Body.Text, a.Body.Attachments, a.Body.Mentions, a.Audience)
}

// ChangedUnseen returns the error for a change of a thing that was changed since the caller read
// it. Last is the last recorded change of the thing, or zero. Field is the input field with the
// version.
func ChangedUnseen(t ChangeTarget, by Actor, last Change, field string) *Error {
	ofSender := t.Kind == MessageTarget && !by.BackOffice && by.ID == t.UserID // senders aren't told which moderator it was
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
	text, _ := json.Marshal(parts) // encoding texts, numbers, booleans and JSON can't fail
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
