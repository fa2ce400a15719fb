package desk

import (
	"context"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/media"
	"backchannel/internal/metrics"
)

// Options configure a [Desk]. Provider is needed; the rest has useful zero values.
type Options struct {
	Provider chat.Provider
	// BackOfficeRole is the CRM role that may use the back office; "" means BO.
	BackOfficeRole string
	// ServiceUser is the chat user in whose name back-office messages are posted;
	// "" means the caller's own.
	ServiceUser string
	// MaxText is the longest text of a message, in characters; 0 means
	// chat.DefaultMaxText.
	MaxText int
	// Rates bound what each user without the back-office role does.
	Rates Rates
	// Metrics are told of operations that come too fast; nil for none.
	Metrics *metrics.Metrics
	// Media keeps what is uploaded; nil where nothing is.
	Media *media.Store
	// Mint signs a token for a chat user; nil where there is nothing to sign with.
	Mint func(userID string, ttl time.Duration) (string, error)
	// MaxTokenLife is how long a token may be good; 0 means as long as it can be asked for.
	MaxTokenLife time.Duration
}

// Desk runs the operations of the back office. Its methods may be called at the
// same time. Each fails with a *chat.Error.
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

// Request says who asks. It is part of every input.
type Request struct {
	Caller auth.Caller
	Denied error  // why there is no caller; nil where there is one
	Key    string // idempotency key; "" for none

	chat.Source                 // where the request came from, and why
	IfVersion   *string         // see [chat.Operation]
	Noted       func(id string) // likewise
}

// IsBackOffice reports whether the caller holds the back-office role.
func (d *Desk) IsBackOffice(r Request) bool {
	return r.Denied == nil && r.Caller.ID != "" && r.Caller.Has(d.role)
}

// Ready reports why the provider can't serve, or nil.
func (d *Desk) Ready(ctx context.Context) error { return d.provider.Ready(ctx) }
