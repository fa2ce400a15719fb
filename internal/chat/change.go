package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Change is the record of a change, or of a refused attempt, by the staff: the back office, admins,
// moderators and commands. It is stored with the effect in one transaction and never modified,
// except to erase a person's data.
type Change struct {
	ID        string // a UUID
	Seq       int64  // its number among all changes
	Operation string // e.g. "deleteChannels"
	By        string // user id; "" if a server or command names no user
	At        time.Time
	Outcome   ChangeOutcome
	Undoes    string // id of the change that this one undoes; "" for none
	Source

	// Targets are the first [MaxTargetsShown] targets, of TargetCount in total.
	Targets     []ChangeTarget
	TargetCount int64
	UndoneBy    string // id of the change that undid this one; "" if none did
	// CanUndo says that it has an inverse, had an effect, and wasn't undone. It is false for a
	// deletion of a message by its sender, which only the sender can undo.
	CanUndo bool
}

// Bounds of records.
const (
	MaxTargetsShown = 20
	MaxReasonLength = 500 // characters
)

// ChangesKept is the default time for which records are kept.
const ChangesKept = 2 * 365 * 24 * time.Hour

// Door is the API through which a change was made.
type Door string

// The doors.
const (
	ByGraphQL Door = "graphql"
	ByCommand Door = "command"
	ByStream  Door = "stream_api" // a server; By is the user that it names, "" for none
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

// HasInverse reports whether changes by an operation can be undone. A creation has no inverse.
func HasInverse(operation string) bool { return undoable[operation] }

// ChangeOutcome says whether a change succeeded.
type ChangeOutcome string

// The outcomes.
const (
	ChangeDone    ChangeOutcome = "done"
	ChangeRefused ChangeOutcome = "refused" // the caller isn't allowed to make it
	ChangeFailed  ChangeOutcome = "failed"  // the remote chat refused it or was unavailable; nothing changed
	ChangeUnknown ChangeOutcome = "unknown" // it is being made at the remote chat, or it can't be determined whether it was made
)

// TargetKind is the kind of thing that a change was about.
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
	FileTarget         TargetKind = "file"     // an upload; the item is its name without the extension
	DatabaseTarget     TargetKind = "database" // the whole database
)

// ChangeTarget is a thing that a change was about.
type ChangeTarget struct {
	Kind   TargetKind
	CID    CID    // zero if the thing isn't in a channel
	UserID string // the user, the member, the message's sender, or who is restricted; "" for none
	Item   string // the message's or webhook's id, the restriction's kind, or the setting's kind and name; "" for none
	// Before and After are JSON objects with the columns that differ. If the thing didn't exist
	// before or after the change, that side is "" and the other has all columns. Both are "" if no
	// state was stored.
	Before, After string
}

// Same reports whether two targets are the same thing, in whatever states.
func (t ChangeTarget) Same(other ChangeTarget) bool {
	t.Before, t.After = other.Before, other.After
	return t == other
}

// Made reports whether the change created the thing, so that undoing it would be a deletion. The
// first change of a built-in setting counts as a change.
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

// CheckPutBack returns an error if an actor may not restore a target's state from before the change.
// differ are the fields in which the target isn't as the change left it, or "*" if it was created or
// removed since; nil for none. last finds the newest later change of the target, zero if it has none.
func (c Change) CheckPutBack(t ChangeTarget, by Actor, differ []string, last func() (Change, error)) error {
	switch {
	case t.Made():
		return Invalid("change", "This change made %s, which can't be undone. Delete it instead.", t)
	case t.Kind == MessageTarget && c.Operation == "deleteMessage" && c.By == t.UserID && by.ID != c.By:
		return Invalid("change", "The sender deleted this message. Nobody else can restore it.")
	case len(differ) == 0:
		return nil
	}
	later, err := last()
	if err != nil {
		return err
	}
	return changedSince(t, differ, later)
}

// NothingToPutBack is the error for a change without targets whose state can be restored.
func NothingToPutBack() *Error {
	return Invalid("change", "This change had no effect, or its previous state was erased.")
}

// Cursor marks the record's place in listings.
func (c Change) Cursor() string { return encodeCursor(changeCursor, itoa(c.Seq)) }

// ChangeQuery asks for a page of changes, newest first. Its zero fields match all.
type ChangeQuery struct {
	Limit     int   // at least 1
	After     int64 // seq, exclusive; 0 for the newest
	By        string
	Operation string
	CID       CID    // changes of this channel or of what is in it
	UserID    string // changes of this user
	Outcome   ChangeOutcome
	Since     time.Time
	Until     time.Time // exclusive
}

// Matches reports whether a change satisfies the query, regardless of its page.
func (q ChangeQuery) Matches(c Change) bool {
	about := func(match func(t ChangeTarget) bool) bool { return slices.ContainsFunc(c.Targets, match) }
	return (q.By == "" || q.By == c.By) && (q.Operation == "" || q.Operation == c.Operation) && (q.Outcome == "" || q.Outcome == c.Outcome) &&
		(q.CID == CID{} || about(func(t ChangeTarget) bool { return t.CID == q.CID })) &&
		(q.UserID == "" || about(func(t ChangeTarget) bool { return t.UserID == q.UserID })) &&
		!c.At.Before(q.Since) && (q.Until.IsZero() || c.At.Before(q.Until))
}

// CheckReason returns an error if the reason for a change isn't valid.
func CheckReason(reason string) *Error {
	switch {
	case LongerThan(reason, MaxReasonLength):
		return Invalid("reason", "The reason must be at most %d characters long.", MaxReasonLength)
	case HasControl(reason):
		return Invalid("reason", "The reason must not contain control characters.")
	}
	return nil
}

// String identifies the target in a log.
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

// changedSince returns the error of an undo that would overwrite a later change of a thing.
func changedSince(t ChangeTarget, fields []string, last Change) *Error {
	what := strings.Join(fields, ", ")
	if slices.Equal(fields, []string{"*"}) {
		what = "it came or went"
	}
	who := "by somebody whose changes leave no record, such as its sender"
	if last.ID != "" {
		who = fmt.Sprintf("by %q at %s, the change %s", last.By, last.At.UTC().Format(time.RFC3339), last.ID)
	}
	return &Error{Code: Conflict, Field: "change", Change: last.ID, Message: fmt.Sprintf("Since then %s was changed (%s), %s. Undoing this would lose that change.", t, what, who)}
}
