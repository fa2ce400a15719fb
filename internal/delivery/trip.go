package delivery

import (
	"context"
	"errors"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/hookstore"
	"backchannel/internal/webhook"
)

const (
	tripEvents = 20 // events of one reading
	tripTime   = time.Second
)

// trip delivers the next events of a log to a webhook.
type trip struct {
	line   *line // the courier's line
	from   hookstore.LogPosition
	failed *chat.Delivery // the next delivery, if it failed
	waits  bool           // its retry isn't due yet
	again  *chat.Delivery // a given up delivery to retry; nil for none

	reached   int64           // the position after the trip
	told      []chat.Delivery // results of deliveries
	againDone bool
	gone      bool // the log was deleted
	broken    bool // the log couldn't be read, or the trip was interrupted
}

// travel makes a trip. It ends when a delivery fails or enough events are delivered.
func (c *courier) travel(ctx context.Context, t *trip) {
	t.reached = t.from.Seq
	err := c.tellAgain(ctx, t)
	if err == nil && !t.waits {
		err = c.tellOn(ctx, t)
	}
	switch {
	case chat.CodeOf(err) == chat.NotFound:
		t.gone = true
		if t.failed != nil {
			c.giveUp(t.failed, "The channel was deleted.")
			t.told, t.failed = append(t.told, *t.failed), nil
		}
	case err != nil:
		t.broken = true
		if ctx.Err() == nil && !errors.Is(err, errCut) {
			c.Logger.Warn("delivering events to a webhook failed and will be retried", "webhook", c.endpoint.ID, "error", err)
		}
	}
}

// errCut means that the server is stopping.
var errCut = errors.New("cut short")

// read reads a part of a log.
func (c *courier) read(ctx context.Context, p hookstore.LogPosition, part sqlstore.Span) ([]chat.Event, error) {
	if p.CID == (chat.CID{}) {
		return c.Office.Read(ctx, part)
	}
	return c.Channel(p.CID).Read(ctx, part)
}

// tellAgain retries a delivery that was given up.
func (c *courier) tellAgain(ctx context.Context, t *trip) error {
	if t.again == nil {
		return nil
	}
	d := *t.again
	list, err := c.read(ctx, t.from, sqlstore.Span{After: d.Seq - 1, UpTo: d.Seq, Limit: 1})
	if err != nil && chat.CodeOf(err) != chat.NotFound {
		return err
	}
	if len(list) == 0 {
		c.giveUp(&d, "The event is gone.")
	} else if err := c.attempt(ctx, list[0], &d); err != nil {
		return err
	}
	t.told = append(t.told, d)
	if t.againDone = d.State != chat.DeliveryRetrying; !t.againDone {
		*t.again = d
	}
	return nil
}

// tellOn delivers the next events of the log.
func (c *courier) tellOn(ctx context.Context, t *trip) error {
	begun := time.Now()
	list, err := c.read(ctx, t.from, sqlstore.Span{After: t.from.Seq, UpTo: t.from.End, Limit: tripEvents})
	if err != nil {
		return err
	}
	if len(list) == 0 { // the events were removed from the log
		t.reached, t.failed = t.from.End, nil
	}
	for _, e := range list {
		if time.Since(begun) > tripTime {
			return nil
		}
		if !c.wants(t.from, e) {
			t.reached, t.failed = e.Seq, nil
			continue
		}
		d := chat.Delivery{Webhook: c.endpoint.ID, Log: t.from.No, Seq: e.Seq, Type: e.Type, CID: e.CID}
		if t.failed != nil && t.failed.Seq == e.Seq {
			d = *t.failed
		}
		if err := c.attempt(ctx, e, &d); err != nil {
			return err
		}
		t.told = append(t.told, d)
		if d.State == chat.DeliveryRetrying {
			t.failed = &d
			return nil
		}
		t.reached, t.failed = e.Seq, nil
	}
	return nil
}

// wants reports whether an event of a log is delivered. What is in both logs is delivered from the
// channel's.
func (c *courier) wants(log hookstore.LogPosition, e chat.Event) bool {
	twice := log.CID == (chat.CID{}) && e.CID != (chat.CID{}) && e.Type.InBothLogs()
	return c.endpoint.Wants(e.Type) && !twice
}

// attempt delivers an event and records the result in d. Its error means that nothing is known
// about the webhook.
func (c *courier) attempt(ctx context.Context, e chat.Event, d *chat.Delivery) error {
	call, err := c.phrase(ctx, e, idOf(c.endpoint, d.Log, d.Seq))
	if err != nil {
		return err
	}
	if !c.sure() || ctx.Err() != nil {
		return errCut
	}
	begun := time.Now()
	// A started call is finished even if the server stops, since the receiver may have got it.
	status, err := c.Sender.Try(context.WithoutCancel(ctx), call, int(d.Attempts)+1)
	at := c.Now()
	d.Attempts++
	d.Status, d.Error, d.LastAt, d.NextAt = int64(status), reason(err), at, time.Time{}
	if d.FirstAt.IsZero() {
		d.FirstAt = at
	}
	d.State = chat.DeliveryDone
	if err != nil {
		d.State, d.NextAt = chat.DeliveryRetrying, at.Add(c.Pauses[min(int(d.Attempts), len(c.Pauses))-1])
		if end := d.FirstAt.Add(chat.WebhookPatience); !at.Before(end) {
			c.giveUp(d, d.Error)
		} else if d.NextAt.After(end) {
			d.NextAt = end
		}
	}
	c.Metrics.Webhook(string(d.State), at.Sub(e.CreatedAt), time.Since(begun))
	return nil
}

// phrase returns the call for an event.
func (c *courier) phrase(ctx context.Context, e chat.Event, id string) (webhook.Call, error) {
	if c.endpoint.IsForeign() {
		return c.foreign.Load().call(ctx, c.endpoint.URL, id, e)
	}
	p := payloadOf(e)
	if e.Type == chat.MessageNew && e.Message != nil && !c.Hosted {
		var err error
		if p.Data.Offline, p.Data.OfflineMore, err = c.offline(ctx, *e.Message); err != nil {
			return webhook.Call{}, err
		}
	}
	return call(c.endpoint, id, p, c.Now())
}

// giveUp marks a delivery as dead.
func (c *courier) giveUp(d *chat.Delivery, why string) {
	d.State, d.Error, d.NextAt = chat.DeliveryDead, why, time.Time{}
	c.Logger.Warn("a webhook's delivery was given up", "webhook", c.endpoint.ID, "delivery", d.ID(), "type", d.Type, "attempts", d.Attempts, "error", why)
}

// logFailure logs the first of the deliveries that fail; nil for one that didn't.
func (c *courier) logFailure(d *chat.Delivery) {
	if d == nil || !c.failing.IsZero() {
		return
	}
	c.failing = d.FirstAt
	c.Logger.Warn("deliveries to a webhook fail and will be retried", "webhook", c.endpoint.ID, "host", webhook.Host(c.endpoint.URL),
		"status", d.Status, "error", d.Error)
}

// logRecovery logs that no delivery is retried any more.
func (c *courier) logRecovery() {
	if c.failing.IsZero() {
		return
	}
	c.Logger.Info("deliveries to a webhook succeed again", "webhook", c.endpoint.ID, "after", c.Now().Sub(c.failing).Round(time.Second))
	c.failing = time.Time{}
}
