package desk

import (
	"context"
	"sync"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/media"
	"backchannel/internal/metrics"
)

// Options configure a [Desk]. Provider is required; the other fields have useful zero values.
type Options struct {
	Provider chat.Provider
	// BackOfficeRole is the CRM role that may use the back office; "" means BO.
	BackOfficeRole string
	// ServiceUser is the chat user in whose name back-office messages are posted; "" for the
	// caller's own.
	ServiceUser string
	// MaxText is the maximum length of a message's text, in characters; 0 for chat.DefaultMaxText.
	MaxText int
	// Rates limit the operations of each user without the back-office role.
	Rates Rates
	// Metrics counts rate-limited operations; may be nil.
	Metrics *metrics.Metrics
	// Media stores uploads; nil if there are none.
	Media *media.Store
	// Mint signs a token for a chat user; nil if there is no secret.
	Mint func(userID string, ttl time.Duration) (string, error)
	// MaxTokenLife is the maximum lifetime of a token; 0 for no limit but the operation's own.
	MaxTokenLife time.Duration
}

// Desk executes the operations of the back office. Its methods may be called concurrently. Their
// errors are *chat.Errors.
type Desk struct {
	Webhooks Webhooks

	provider    chat.Provider
	role        string
	serviceUser string
	maxText     int
	limiter     *limiter
	media       *media.Store
	mint        func(userID string, ttl time.Duration) (string, error)
	refusals    refusals

	maxTokenLife time.Duration
}

// New returns a desk.
func New(o Options) *Desk {
	d := &Desk{provider: o.Provider, role: o.BackOfficeRole, serviceUser: o.ServiceUser, maxText: o.MaxText, limiter: newLimiter(o.Rates, o.Metrics),
		media: o.Media, mint: o.Mint, maxTokenLife: o.MaxTokenLife}
	if d.role == "" {
		d.role = "BO"
	}
	if d.maxTokenLife == 0 {
		d.maxTokenLife = maxTokenSeconds * time.Second
	}
	if d.maxText == 0 {
		d.maxText = chat.DefaultMaxText
	}
	d.Webhooks = Webhooks{d}
	return d
}

// Request identifies the caller. It is part of every input.
type Request struct {
	Caller auth.Caller
	Denied error  // why there is no caller; nil if there is one
	Key    string // idempotency key; "" for none

	chat.Source                 // the origin of the request and the reason given
	IfVersion   *string         // see [chat.Operation]
	Noted       func(id string) // see [chat.Operation]

	Readable *Readable // nil to check each time
}

// Readable has the channels that the caller of one request may read, so that its fields don't check
// the same again. The zero value has none.
type Readable struct {
	mu   sync.Mutex
	cids map[chat.CID]bool
}

// check returns nil if the caller may read a channel, according to may, which is called unless it has
// returned nil before.
func (r *Readable) check(cid chat.CID, may func() error) error {
	if r == nil {
		return may()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cids[cid] {
		return nil
	}
	err := may()
	if err == nil {
		if r.cids == nil {
			r.cids = map[chat.CID]bool{}
		}
		r.cids[cid] = true
	}
	return err
}

// IsBackOffice reports whether the caller holds the back-office role.
func (d *Desk) IsBackOffice(r Request) bool {
	return r.Denied == nil && r.Caller.ID != "" && r.Caller.Has(d.role)
}

// Ready returns nil if the provider can serve.
func (d *Desk) Ready(ctx context.Context) error { return d.provider.Ready(ctx) }
