package desk

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// defaultOverlap is how many hours old secrets sign beside a new one.
const defaultOverlap = 24

// Webhooks are the operations about webhooks.
type Webhooks struct{ desk *Desk }

// PutWebhook asks for a webhook to be created or updated. A nil field gets its default, or stays as
// it is.
type PutWebhook struct {
	Request     `json:"-"`
	ID          string // of the webhook to update
	URL         *string
	Description *string
	Events      *[]string // types of events; none for all
	Enabled     *bool
}

// List returns all webhooks in order of creation.
func (w Webhooks) List(ctx context.Context, r Request) ([]chat.Webhook, error) {
	if err := w.desk.authorise(ctx, r); err != nil {
		return nil, err
	}
	return w.desk.provider.Webhooks(ctx)
}

// Reveal returns the secrets that sign a webhook's deliveries, newest first.
func (w Webhooks) Reveal(ctx context.Context, in ChangeWebhook) ([]chat.WebhookSecret, error) {
	op, err := w.operation(ctx, "revealWebhookSecrets", in)
	if err != nil {
		return nil, err
	}
	list, err := w.desk.provider.WebhookSecrets(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	op.Key = "" // a repeat returns them again
	return list, w.desk.provider.RecordChange(ctx, op, chat.ChangeDone, chat.ChangeTarget{Kind: chat.WebhookTarget, Item: in.ID})
}

// Create creates a webhook and returns it with its secrets.
func (w Webhooks) Create(ctx context.Context, in PutWebhook) (*chat.Webhook, []chat.WebhookSecret, error) {
	in.ID = ""
	made, err := w.put(ctx, "createWebhook", in)
	if err != nil {
		return nil, nil, err
	}
	secrets, err := w.desk.provider.WebhookSecrets(ctx, made.ID)
	return made, secrets, err
}

// Update updates a webhook and returns it.
func (w Webhooks) Update(ctx context.Context, in PutWebhook) (*chat.Webhook, error) {
	return w.put(ctx, "updateWebhook", in)
}

func (w Webhooks) put(ctx context.Context, name string, in PutWebhook) (*chat.Webhook, error) {
	if err := w.desk.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := w.desk.operation(in.Request, name, in)
	if err != nil {
		return nil, err
	}
	if name == "updateWebhook" && in.ID == "" {
		return nil, chat.Missing("id", "There is no such webhook.")
	}
	req := chat.PutWebhook{Operation: op, ID: in.ID, URL: in.URL, Description: in.Description, Enabled: in.Enabled}
	if in.Events != nil {
		kinds := make([]chat.EventType, len(*in.Events))
		for i, kind := range *in.Events {
			kinds[i] = chat.EventType(kind)
		}
		req.Events = &kinds
	}
	id, err := w.desk.provider.PutWebhook(ctx, req)
	if err != nil {
		return nil, err
	}
	hook, err := w.desk.provider.Webhook(ctx, id)
	return &hook, err
}

// ChangeWebhook asks for an operation on a webhook.
type ChangeWebhook struct {
	Request `json:"-"`
	ID      string
}

func (w Webhooks) operation(ctx context.Context, name string, in ChangeWebhook) (op chat.Operation, err error) {
	if err := w.desk.authorise(ctx, in.Request); err != nil {
		return op, err
	}
	return w.desk.operation(in.Request, name, in)
}

// Delete removes a webhook with its deliveries.
func (w Webhooks) Delete(ctx context.Context, in ChangeWebhook) error {
	op, err := w.operation(ctx, "deleteWebhook", in)
	if err != nil {
		return err
	}
	return w.desk.provider.DeleteWebhook(ctx, chat.ChangeWebhook{Operation: op, ID: in.ID})
}

// Test calls a webhook once and returns the result.
func (w Webhooks) Test(ctx context.Context, in ChangeWebhook) (a chat.WebhookAttempt, err error) {
	op, err := w.operation(ctx, "testWebhook", in)
	if err != nil {
		return a, err
	}
	return w.desk.provider.TestWebhook(ctx, chat.ChangeWebhook{Operation: op, ID: in.ID})
}

// RotateWebhook asks for a new secret of a webhook.
type RotateWebhook struct {
	Request `json:"-"`
	ID      string
	Hours   *int // how long the old ones sign too; nil means 24
}

// Rotate replaces a webhook's secret and returns the secrets that sign its deliveries.
func (w Webhooks) Rotate(ctx context.Context, in RotateWebhook) ([]chat.WebhookSecret, error) {
	if err := w.desk.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := w.desk.operation(in.Request, "rotateWebhookSecret", in)
	if err != nil {
		return nil, err
	}
	hours := defaultOverlap
	if in.Hours != nil {
		hours = *in.Hours
	}
	if hours < 0 || hours > chat.MaxSecretOverlapHours {
		return nil, chat.Invalid("overlapHours", "The old secrets sign for 0 to %d more hours.", chat.MaxSecretOverlapHours)
	}
	if err := w.desk.provider.RotateWebhook(ctx, chat.RotateWebhook{Operation: op, ID: in.ID, Overlap: time.Duration(hours) * time.Hour}); err != nil {
		return nil, err
	}
	return w.desk.provider.WebhookSecrets(ctx, in.ID)
}

// ReplayWebhook asks for events since a time to be delivered to a webhook again.
type ReplayWebhook struct {
	Request `json:"-"`
	ID      string
	Since   time.Time
}

// Replay makes a webhook receive all events since a time again.
func (w Webhooks) Replay(ctx context.Context, in ReplayWebhook) (*chat.Webhook, error) {
	if err := w.desk.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := w.desk.operation(in.Request, "replayWebhook", in)
	if err != nil {
		return nil, err
	}
	if now := time.Now(); in.Since.After(now) || in.Since.Before(now.Add(-chat.EventLifetime)) {
		return nil, chat.Invalid("since", "Give a time of the last %d days: logs reach no further back.", int(chat.EventLifetime.Hours()/24))
	}
	if err := w.desk.provider.ReplayWebhook(ctx, chat.ReplayWebhook{Operation: op, ID: in.ID, Since: in.Since}); err != nil {
		return nil, err
	}
	hook, err := w.desk.provider.Webhook(ctx, in.ID)
	return &hook, err
}

// ListDeliveries asks for a page of the deliveries of a webhook.
type ListDeliveries struct {
	Request
	Webhook string
	State   chat.DeliveryState // "" for any
	First   *int               // nil means DefaultPage
	After   *string            // cursor
}

// Deliveries returns a page of a webhook's deliveries, the last attempted first.
func (w Webhooks) Deliveries(ctx context.Context, in ListDeliveries) (page chat.Page[chat.Delivery], err error) {
	if err := w.desk.authorise(ctx, in.Request); err != nil {
		return page, err
	}
	q := chat.DeliveryQuery{Webhook: in.Webhook, State: in.State}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseDeliveryCursor); err != nil {
		return page, err
	}
	return w.desk.provider.Deliveries(ctx, q)
}

// RetryDelivery asks for a delivery that was given up to be retried.
type RetryDelivery struct {
	Request  `json:"-"`
	ID       string // of the webhook
	Delivery string // its id
}

// Retry retries a delivery that was given up.
func (w Webhooks) Retry(ctx context.Context, in RetryDelivery) error {
	if err := w.desk.authorise(ctx, in.Request); err != nil {
		return err
	}
	op, err := w.desk.operation(in.Request, "retryWebhookDelivery", in)
	if err != nil {
		return err
	}
	log, seq, bad := chat.ParseDeliveryID(in.Delivery)
	if bad != nil {
		return bad
	}
	return w.desk.provider.RetryDelivery(ctx, chat.RetryDelivery{Operation: op, ID: in.ID, Log: log, Seq: seq})
}
