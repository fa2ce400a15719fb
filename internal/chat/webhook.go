package chat

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on webhooks.
const (
	MaxWebhooks           = 20
	MaxWebhookSecrets     = 5   // of one webhook
	MaxDescription        = 255 // characters
	MaxSecretOverlapHours = 7 * 24
	// WebhookPatience is how long a delivery is tried again until it is given up.
	WebhookPatience = 24 * time.Hour
	// MaxOfflineTold is how many offline members a delivery names.
	MaxOfflineTold = 1_000
)

// WebhookTested is the type of the event that [Provider.TestWebhook] sends.
const WebhookTested EventType = "webhook.test"

// WebhookEvents are the types of events that webhooks are told of.
var WebhookEvents = []EventType{
	MessageNew, MessageUpdated, MessageDeleted, ReactionNew, ReactionDeleted, MessageRead,
	MemberAdded, MemberRemoved, MemberUpdated, ChannelCreated, ChannelUpdated, ChannelDeleted, ChannelTruncated,
	UserUpdated, UserBanned, UserUnbanned, UserMuted, UserUnmuted, UserFlagged, MessageFlagged,
}

// Webhook is an address that is told of events.
type Webhook struct {
	ID          string
	URL         string
	Description string
	Events      []EventType // the types that it is told of; none for all
	Enabled     bool
	CreatedAt   time.Time
	UpdatedAt   time.Time

	// What became of deliveries.
	Retrying    int64     // that failed and are tried again
	Dead        int64     // that were given up
	DeliveredAt time.Time // of the last one; zero for none
}

// Wants reports whether the webhook is told of events of a type.
func (w Webhook) Wants(kind EventType) bool {
	return (len(w.Events) == 0 || slices.Contains(w.Events, kind)) && slices.Contains(WebhookEvents, kind)
}

// Check says what is wrong with a webhook, or nil. Without TLS an address is good in
// development only.
func (w Webhook) Check(dev bool) *Error {
	u, bad := parseURL(w.URL)
	if bad != nil {
		return within("url", bad)
	}
	switch {
	case u.Scheme != "https" && !dev:
		return Invalid("url", "The URL must begin with https://.")
	case u.Fragment != "":
		return Invalid("url", "The URL must not have a fragment.")
	case LongerThan(w.Description, MaxDescription):
		return Invalid("description", "The description must be at most %d characters long.", MaxDescription)
	case HasControl(w.Description):
		return Invalid("description", "The description must not contain control characters.")
	}
	for i, kind := range w.Events {
		if !slices.Contains(WebhookEvents, kind) {
			return Invalid("events["+strconv.Itoa(i)+"]", "There is no such type of event. Give some of %s.", joined(WebhookEvents))
		}
	}
	return nil
}

func joined(kinds []EventType) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// WebhookSecret signs deliveries.
type WebhookSecret struct {
	Secret string    `json:"secret"`         // whsec_ and base64
	Until  time.Time `json:"until,omitzero"` // zero for the current one, which signs until it is replaced
}

// DeliveryState says what became of a delivery.
type DeliveryState string

// The states of deliveries.
const (
	DeliveryDone     DeliveryState = "delivered"
	DeliveryRetrying DeliveryState = "retrying" // it failed, and is tried again
	DeliveryDead     DeliveryState = "dead"     // it was given up
)

// Delivery is an event that a webhook was told of, or is to be.
type Delivery struct {
	Webhook  string // id
	Log      int64  // number of the log that the event is in
	Seq      int64  // in that log
	Type     EventType
	CID      CID // zero for an event about a user everywhere
	State    DeliveryState
	Attempts int64
	Status   int64     // of the last answer; 0 for none
	Error    string    // of the last attempt; "" for none
	FirstAt  time.Time // of the first attempt
	LastAt   time.Time // of the last attempt
	NextAt   time.Time // of the next attempt; zero for none
}

// ID names the delivery among those of its webhook.
func (d Delivery) ID() string { return itoa(d.Log) + "-" + itoa(d.Seq) }

// ParseDeliveryID reads what ID returns.
func ParseDeliveryID(id string) (log, seq int64, _ *Error) {
	at := strings.LastIndex(id, "-")
	if at > 0 {
		var err, bad error
		log, err = strconv.ParseInt(id[:at], 10, 64)
		seq, bad = strconv.ParseInt(id[at+1:], 10, 64)
		if err == nil && bad == nil && (Delivery{Log: log, Seq: seq}).ID() == id {
			return log, seq, nil
		}
	}
	return 0, 0, Invalid("delivery", "This is no id of a delivery. Give the id that webhookDeliveries shows.")
}

// Cursor marks the delivery's place in listings.
func (d Delivery) Cursor() string {
	return encodeCursor(deliveryCursor, itoa(d.LastAt.UnixMicro()), itoa(d.Log), itoa(d.Seq))
}

// DeliveryPosition is a place among the deliveries of a webhook.
type DeliveryPosition struct{ At, Log, Seq int64 } // At is in microseconds since 1970

// ParseDeliveryCursor reads a cursor of [Delivery.Cursor].
func ParseDeliveryCursor(cursor string) (p DeliveryPosition, _ *Error) {
	parts := decodeCursor(deliveryCursor, cursor)
	if len(parts) != 3 {
		return p, badCursor()
	}
	for i, into := range []*int64{&p.At, &p.Log, &p.Seq} {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return p, badCursor()
		}
		*into = n
	}
	return p, nil
}

// DeliveryQuery asks for a page of the deliveries of a webhook, the last tried first.
type DeliveryQuery struct {
	Webhook string
	Limit   int              // at least 1
	After   DeliveryPosition // zero: from the start
	State   DeliveryState    // "" for any
}

// PutWebhook asks for a webhook to be made or changed.
type PutWebhook struct {
	Operation Operation
	ID        string // "" for a new one
	// Of a webhook that is changed, nil leaves these as they are.
	URL         *string
	Description *string
	Events      *[]EventType
	Enabled     *bool
}

// ChangeWebhook asks for something to be done with a webhook.
type ChangeWebhook struct {
	Operation Operation
	ID        string
}

// RotateWebhook asks for a new secret of a webhook. For a time the old ones sign too.
type RotateWebhook struct {
	Operation Operation
	ID        string
	Overlap   time.Duration // at least 0
}

// ReplayWebhook asks for a webhook to be told again of all that happened since a time.
type ReplayWebhook struct {
	Operation Operation
	ID        string
	Since     time.Time
}

// RetryDelivery asks for a delivery that was given up to be tried again.
type RetryDelivery struct {
	Operation Operation
	ID        string // of the webhook
	Log, Seq  int64
}

// WebhookAttempt is what became of one call of an address.
type WebhookAttempt struct {
	Delivered bool
	Status    int    // of the answer; 0 for none
	Error     string // "" if it was delivered
	Took      time.Duration
}
