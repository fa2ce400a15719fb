package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Change is the record of what somebody of the staff changed, or was refused: the back
// office, admins, moderators, and commands. It is stored with the
// effect, in one transaction, and never changed, except to erase a person.
type Change struct {
	ID        string // a UUID
	Seq       int64  // its number among all changes
	Operation string // e.g. "deleteChannels"
	By        string // user id; "" if a server or command names nobody
	At        time.Time
	Outcome   ChangeOutcome
	Undoes    string // id of the change that this one takes back; "" for none
	Source

	// Targets are the first [MaxTargetsShown] of what it was about, of TargetCount in all.
	Targets     []ChangeTarget
	TargetCount int64
	UndoneBy    string // id of the change that took this one back; "" while none did
	CanUndo     bool   // it has an inverse, made something different, and wasn't taken back
}

// Bounds of records.
const (
	MaxTargetsShown = 20
	MaxReasonLength = 500 // characters
)

// ChangesKept is how long records are kept if nobody says otherwise.
const ChangesKept = 2 * 365 * 24 * time.Hour

// Door is what a change came through.
type Door string

// The doors.
const (
	ByGraphQL Door = "graphql"
	ByCommand Door = "command"
	ByStream  Door = "stream_api" // a server; By is the user whom it names, "" for none
)

// undoable are the operations whose changes have an inverse.
var undoable = map[string]bool{
	"createOrUpdateChannel": true, "freezeChannel": true, "deleteChannels": true, "addMembers": true, "removeMembers": true,
	"editMessage": true, "pinMessage": true, "deleteMessage": true, "setRoleToUsersOnChat": true, "setRoles": true, "upsertChatUsers": true,
	"banUser": true, "unbanUser": true, "muteUser": true, "unmuteUser": true, "editAnnouncement": true, "recallAnnouncement": true,
	"updateWebhook": true,
	// Through Stream's API:
	"updateChannel": true, "updateChannels": true, "updateMember": true, "deactivateUsers": true, "updateApp": true,
	"updateChannelType": true, "deleteChannelType": true, "updateBlocklist": true, "deleteBlocklist": true, "deleteRole": true,
}

// HasInverse reports whether changes by an operation can be taken back. What was made can't
// be unmade.
func HasInverse(operation string) bool { return undoable[operation] }

// ChangeOutcome is what became of a change.
type ChangeOutcome string

// The outcomes.
const (
	ChangeDone    ChangeOutcome = "done"
	ChangeRefused ChangeOutcome = "refused" // the caller may not
	ChangeFailed  ChangeOutcome = "failed"  // the chat elsewhere refused it, or was away; nothing changed
	ChangeUnknown ChangeOutcome = "unknown" // it is being made elsewhere, or whether it was made can't be told
)

// TargetKind says what a change was about.
type TargetKind string

// The kinds of targets.
const (
	ChannelTarget     TargetKind = "channel"
	UserTarget        TargetKind = "user"
	MemberTarget      TargetKind = "member"
	MessageTarget     TargetKind = "message"
	RestrictionTarget TargetKind = "restriction"

	AnnouncementTarget TargetKind = "announcement"
	JobTarget          TargetKind = "job"
	WebhookTarget      TargetKind = "webhook"
	SettingTarget      TargetKind = "setting"
	DatabaseTarget     TargetKind = "database" // all of it
)

// ChangeTarget is one thing that a change was about.
type ChangeTarget struct {
	Kind   TargetKind
	CID    CID    // zero for what is in no channel
	UserID string // the user, the member, the message's sender, or who is restricted; "" for none
	Item   string // the message's or webhook's id, the restriction's kind, or the setting's kind and name; "" for none
	// Before and After are JSON objects with the columns that the change made different.
	// If the thing did not exist on one side, that side is "" and the other has all columns.
	// Both are "" if no state was kept.
	Before, After string
}

// Made reports whether the change made the thing, so that taking it back would be a deletion.
// A setting that is built in was changed the first time.
func (t ChangeTarget) Made() bool {
	switch t.Kind {
	case ChannelTarget, UserTarget, MessageTarget, WebhookTarget:
	case SettingTarget:
		kind, name, _ := strings.Cut(t.Item, " ")
		if kind == "app" || kind == "channel_type" && ChannelType(name).Known() {
			return false
		}
	default:
		return false
	}
	return t.Before == "" && t.After != ""
}

// Cursor marks the record's place in listings.
func (c Change) Cursor() string { return encodeCursor(changeCursor, itoa(c.Seq)) }

// ChangeQuery asks for a page of changes, newest first. Its zero fields match all.
type ChangeQuery struct {
	Limit     int   // at least 1
	After     int64 // seq, excluded; 0: the newest
	By        string
	Operation string
	CID       CID    // about this channel, or what is in it
	UserID    string // about this user
	Outcome   ChangeOutcome
	Since     time.Time
	Until     time.Time // excluded
}

// Matches reports whether the query asks for a change, whatever its page.
func (q ChangeQuery) Matches(c Change) bool {
	about := func(match func(t ChangeTarget) bool) bool { return slices.ContainsFunc(c.Targets, match) }
	return (q.By == "" || q.By == c.By) && (q.Operation == "" || q.Operation == c.Operation) && (q.Outcome == "" || q.Outcome == c.Outcome) &&
		(q.CID == CID{} || about(func(t ChangeTarget) bool { return t.CID == q.CID })) &&
		(q.UserID == "" || about(func(t ChangeTarget) bool { return t.UserID == q.UserID })) &&
		!c.At.Before(q.Since) && (q.Until.IsZero() || c.At.Before(q.Until))
}

// CheckReason says what is wrong with the reason that somebody gives, or nil.
func CheckReason(reason string) *Error {
	switch {
	case LongerThan(reason, MaxReasonLength):
		return Invalid("reason", "The reason must be at most %d characters long.", MaxReasonLength)
	case HasControl(reason):
		return Invalid("reason", "The reason must not contain control characters.")
	}
	return nil
}

// String names the target in a log.
func (t ChangeTarget) String() string {
	parts := []string{string(t.Kind)}
	if t.CID != (CID{}) {
		parts = append(parts, t.CID.String())
	}
	for _, part := range []string{t.UserID, t.Item} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// ChangedSince is the error of an undo that would lose a later change of a thing. Fields are
// what is different now, or "*" if the thing came or went; last is the record of the later
// change, zero if it left none.
func ChangedSince(t ChangeTarget, fields []string, last Change) *Error {
	what := strings.Join(fields, ", ")
	if slices.Equal(fields, []string{"*"}) {
		what = "it came or went"
	}
	who := "by somebody whose changes leave no record, such as its sender"
	if last.ID != "" {
		who = fmt.Sprintf("by %q at %s, the change %s", last.By, last.At.UTC().Format(time.RFC3339), last.ID)
	}
	return &Error{Code: Conflict, Field: "change", Change: last.ID, Message: fmt.Sprintf("Since then %s was changed (%s), %s. Taking this back would lose that.", t, what, who)}
}
