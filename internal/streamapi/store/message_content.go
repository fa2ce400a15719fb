package store

import (
	"encoding/json"
	"time"

	"backchannel/internal/chat"
)

// MessageVersion is what a message said before it was changed or deleted.
type MessageVersion struct {
	MessageID   string
	Text        string
	Attachments []json.RawMessage
	Mentions    []chat.User
	Custom      map[string]any
	WrittenBy   string // user id
	WrittenAt   time.Time
	Deleted     bool // the message is, now
}

// SiblingsQuery asks for messages of a channel, or replies to a message.
type SiblingsQuery struct {
	CID           chat.CID
	Parent        string // "" for the channel's own messages
	After, Before int64  // seq, both excluded; 0: unbounded
	FromEnd       bool   // the last ones, still oldest first
	Limit         int
}

// Listing asks for a part of the matching items.
type Listing struct {
	Filter Filter
	Sort   []Sort
	Limit  int // at least 1
	Offset int
}
