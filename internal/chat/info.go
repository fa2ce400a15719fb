package chat

import "time"

// Info says what a chat is and what it can do.
type Info struct {
	Name     string // "engine", Backchannel's own, or "stream", hosted Stream
	Supports []Capability
	// ListStaleness is the maximum age of a list of all channels or users; 0 if lists are always
	// current.
	ListStaleness time.Duration
	// BinKept is how long deleted channels can be restored; 0 if they can't.
	BinKept time.Duration
	// Budgets are the remaining rate limits of each call to a remote chat, according to its last
	// answer; none if the chat is Backchannel's own.
	Budgets []CallBudget
}

// Capability is something that not all chats can do. A provider without it fails with
// [Unsupported].
type Capability string

// The capabilities, named as GraphQL's enum names them.
const (
	ChannelEvents    Capability = "CHANNEL_EVENTS"    // [Provider.Subscribe]
	BackofficeEvents Capability = "BACKOFFICE_EVENTS" // [Provider.SubscribeBackOffice]
	UserEvents       Capability = "USER_EVENTS"       // [Provider.SubscribeUser]
	Typing           Capability = "TYPING"            // [Provider.Signal]
	Presence         Capability = "PRESENCE"          // [Provider.Attend]
	Mutes            Capability = "MUTES"             // [Provider.Restrict] with [Mute]
	MessageFigures   Capability = "MESSAGE_FIGURES"   // the messages of an [Overview]
	Bin              Capability = "BIN"               // deleted channels can be restored; without it [Provider.Bin] is empty
)

// Capabilities are all capabilities.
var Capabilities = []Capability{ChannelEvents, BackofficeEvents, UserEvents, Typing, Presence, Mutes, MessageFigures, Bin}

// CallBudget is the rate limit of one call to a remote chat.
type CallBudget struct {
	Call      string // e.g. "query channels"
	PerMinute int    // calls allowed in a minute
	Remaining *int   // calls left until ResetsAt; nil if unknown
	ResetsAt  time.Time
	// DatabaseLimit and DatabaseUsed are time in the remote chat's database: how much all calls may
	// use in a minute, and how much they used in the last one. Nil if unknown.
	DatabaseLimit, DatabaseUsed *time.Duration
}
