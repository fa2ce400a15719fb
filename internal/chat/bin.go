package chat

import (
	"strconv"
	"strings"
	"time"
)

// BinKept is the default time for which deleted channels can be restored.
const BinKept = 30 * 24 * time.Hour

// BinnedChannel is a deleted channel that can be restored.
type BinnedChannel struct {
	No           int64 // the entry's number, which never changes
	CID          CID   // the channel's former cid; another channel may have it now
	Name         string
	Avatar       string // address; "" for none
	MessageCount int64
	MemberCount  int64
	DeletedBy    string // user id; "" if a server or command deleted it without naming a user
	DeletedAt    time.Time
	Change       string    // id of the change that deleted it; "" if there is none
	ErasedAt     time.Time // when it is erased
}

// ID identifies the entry.
func (b BinnedChannel) ID() string { return itoa(b.No) }

// ParseBinID parses an id returned by ID.
func ParseBinID(id string) (int64, *Error) {
	no, err := strconv.ParseInt(id, 10, 64)
	if err != nil || no <= 0 || itoa(no) != id {
		return 0, Invalid("id", "This is no id of a channel in the bin. Give the id that bin shows.")
	}
	return no, nil
}

// CIDsTaken returns the error for deleted channels whose cids other channels have now.
func CIDsTaken(cids []string) *Error {
	return &Error{Code: Conflict, Field: "onConflict", Message: "Other channels have these cids now: " +
		strings.Join(cids[:min(len(cids), MaxTargetsShown)], ", ") + ". Ask again with onConflict: RENAME to bring them back under other cids."}
}

// BinPosition is a place in the bin.
type BinPosition struct{ At, No int64 } // microseconds since 1970, and the entry's number

// Cursor marks the entry's place in listings.
func (b BinnedChannel) Cursor() string {
	return encodeCursor(binCursor, itoa(b.DeletedAt.UnixMicro()), itoa(b.No))
}

// ParseBinCursor reads a cursor of [BinnedChannel.Cursor].
func ParseBinCursor(cursor string) (BinPosition, *Error) {
	if parts := decodeCursor(binCursor, cursor); len(parts) == 2 {
		at, err := strconv.ParseInt(parts[0], 10, 64)
		no, bad := strconv.ParseInt(parts[1], 10, 64)
		if err == nil && bad == nil && no > 0 {
			return BinPosition{at, no}, nil
		}
	}
	return BinPosition{}, badCursor()
}

// BinQuery asks for a page of the bin, the last deleted first.
type BinQuery struct {
	Limit  int // at least 1
	After  BinPosition
	Search string // in names and ids of channels; "" for all
}

// Erased counts what was erased together with a channel.
type Erased struct {
	Messages     int64
	Members      int64
	Reactions    int64
	Versions     int64 // versions of messages from before they were edited or deleted
	Restrictions int64
}

// Undo asks for a change to be undone.
type Undo struct {
	Operation Operation // with Undoes set
	CIDs      []CID     // of a deletion: restore only these channels; none for all
	Part      int64     // of another change: undo only the target with this number; 0 for all
	Rename    bool      // rename a channel if its cid is taken; otherwise that is a Conflict
}

// Check returns an error if the change can't be undone in this way. InvalidArguments: it has no
// inverse, or can't be undone in part. Conflict: it was undone already; Change is the undo.
func (u Undo) Check(c Change) *Error {
	switch {
	case c.Outcome != ChangeDone || !HasInverse(c.Operation):
		return Invalid("change", "A change by %s can't be undone.", c.Operation)
	case len(u.CIDs) > 0 && c.Operation != "deleteChannels":
		return Invalid("cids", "Only a deletion of channels can be undone in part.")
	case c.UndoneBy != "" && !c.CanUndo && u.Operation.Task == nil:
		return &Error{Code: Conflict, Field: "change", Message: "This change was undone already, by the change " + c.UndoneBy + ".", Change: c.UndoneBy}
	}
	return nil
}

// NoBin returns the error for channels that were deleted in a chat without a bin.
func NoBin() *Error {
	return Lacking("Hosted Stream has no bin: channels that were deleted there are gone.")
}

// EraseNow asks for a channel of the bin to be erased.
type EraseNow struct {
	Operation Operation
	No        int64
	Name      string // the channel's name, so that no other channel is erased by mistake
}
