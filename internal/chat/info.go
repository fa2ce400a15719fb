package chat

import "time"

// Info says what a chat is and what it can do.
type Info struct {
	Name     string // "engine", Backchannel's own, or "stream", hosted Stream
	Supports []Capability
	// ListStaleness is how old a list of all channels or users may be; 0 if it is
	// always current.
	ListStaleness time.Duration
	// Budgets are what each call to a chat elsewhere may still cost, as its last
	// answer said; none if the chat is Backchannel's own.
	Budgets []CallBudget
}

// Capability is something that only some chats can do. A provider without it fails with
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
	Bin              Capability = "BIN"               // deleted channels can come back; without it [Provider.Bin] is empty
)

// Capabilities are all capabilities.
var Capabilities = []Capability{ChannelEvents, BackofficeEvents, UserEvents, Typing, Presence, Mutes, MessageFigures, Bin}

// CallBudget is what a chat elsewhere allows of one call.
type CallBudget struct {
	Call      string // e.g. "query channels"
	PerMinute int    // calls allowed in a minute
	Remaining *int   // calls left until ResetsAt; nil if not told
	ResetsAt  time.Time
	// DatabaseLimit and DatabaseUsed are time in the chat's database: how much all
	// calls may take in a minute, and how much they took in the last one. Nil if not
	// told.
	DatabaseLimit, DatabaseUsed *time.Duration
}
