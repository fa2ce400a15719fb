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
	// WebhookPatience is how long a delivery is retried before it is given up.
	WebhookPatience = 24 * time.Hour
	// MaxOfflineTold is the maximum number of offline members that a delivery names.
	MaxOfflineTold = 1_000
)

// WebhookTested is the type of the event that [Provider.TestWebhook] sends.
const WebhookTested EventType = "webhook.test"

// WebhookEvents are the types of events that webhooks can receive.
var WebhookEvents = []EventType{
	MessageNew, MessageUpdated, MessageDeleted, ReactionNew, ReactionDeleted, MessageRead,
	MemberAdded, MemberRemoved, MemberUpdated, ChannelCreated, ChannelUpdated, ChannelDeleted, ChannelTruncated,
	UserUpdated, UserBanned, UserUnbanned, UserMuted, UserUnmuted, UserFlagged, MessageFlagged,
}

// Webhook is an address to which events are delivered.
type Webhook struct {
	ID          string
	URL         string
	Description string
	Events      []EventType // the types of events to deliver; none for all
	Enabled     bool
	CreatedAt   time.Time
	UpdatedAt   time.Time

	// Statistics of deliveries.
	Retrying    int64     // that failed and will be retried
	Dead        int64     // that were given up
	DeliveredAt time.Time // of the last successful one; zero for none
}

// Wants reports whether events of a type are delivered to the webhook.
func (w Webhook) Wants(kind EventType) bool {
	return (len(w.Events) == 0 || slices.Contains(w.Events, kind)) && slices.Contains(WebhookEvents, kind)
}

// Check returns an error if a webhook isn't valid. Addresses without TLS are allowed in development
// only.
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

// WebhookSecret is a secret that signs deliveries.
type WebhookSecret struct {
	Secret string    `json:"secret"`         // whsec_ followed by base64
	Until  time.Time `json:"until,omitzero"` // when it stops being used; zero for the current one
}

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of deliveries.
const (
	DeliveryDone     DeliveryState = "delivered"
	DeliveryRetrying DeliveryState = "retrying" // it failed and will be retried
	DeliveryDead     DeliveryState = "dead"     // it was given up
)

// Delivery is the delivery of an event to a webhook, done or due.
type Delivery struct {
	Webhook  string // id
	Log      int64  // number of the log that contains the event
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

// ID identifies the delivery among those of its webhook.
func (d Delivery) ID() string { return itoa(d.Log) + "-" + itoa(d.Seq) }

// ParseDeliveryID parses an id returned by ID.
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

// DeliveryQuery asks for a page of a webhook's deliveries, the last attempted first.
type DeliveryQuery struct {
	Webhook string
	Limit   int              // at least 1
	After   DeliveryPosition // zero: from the start
	State   DeliveryState    // "" for any
}

// PutWebhook asks for a webhook to be created or updated.
type PutWebhook struct {
	Operation Operation
	ID        string // "" for a new one
	// In an update, nil leaves a field unchanged.
	URL         *string
	Description *string
	Events      *[]EventType
	Enabled     *bool
}

// ChangeWebhook asks for a webhook to be deleted or tested.
type ChangeWebhook struct {
	Operation Operation
	ID        string
}

// RotateWebhook asks for a webhook's secret to be replaced. The old ones sign too until Overlap has
// passed.
type RotateWebhook struct {
	Operation Operation
	ID        string
	Overlap   time.Duration // at least 0
}

// ReplayWebhook asks for events since a time to be delivered to a webhook again.
type ReplayWebhook struct {
	Operation Operation
	ID        string
	Since     time.Time
}

// RetryDelivery asks for a delivery that was given up to be retried.
type RetryDelivery struct {
	Operation Operation
	ID        string // of the webhook
	Log, Seq  int64
}

// WebhookAttempt is the result of one call of an address.
type WebhookAttempt struct {
	Delivered bool
	Status    int    // of the answer; 0 if there was none
	Error     string // "" if it was delivered
	Took      time.Duration
}
