package delivery

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid" // as in internal/ledger

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/job"
	"backchannel/internal/metrics"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/hookstore"
	"backchannel/internal/webhook"
)

// Options configure a [Service]. Fields are required unless their comment says otherwise.
type Options struct {
	Store  *sqlstore.Store
	Hosted bool      // the logs are those of a remote chat, which knows who is connected
	Hub    *feed.Hub // reports which logs grow
	// Channel returns the log of a channel. Office is that of the back office.
	Channel func(cid chat.CID) feed.Log
	Office  feed.Log
	// Change executes an operation whose only effect is in the database, and stores its record.
	Change func(ctx context.Context, op chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (string, error)
	// Sender makes the calls; nil if this server makes none. The caller must close it after the
	// service.
	Sender  *webhook.Sender
	Now     func() time.Time
	Past    func(context.Context) (time.Time, error) // the time by which data becomes old and is removed
	Logger  *slog.Logger
	Metrics *metrics.Metrics // nil for none

	Pauses []time.Duration // before the second, third, … attempt; nil for the default
}

// Service manages the webhooks of a chat and delivers events to them. It implements the methods of
// chat.Provider about webhooks.
type Service struct {
	Options
	stored hookstore.Webhooks

	stop   context.CancelFunc
	chores sync.WaitGroup
	news   chan struct{} // webhooks may have changed

	foreign atomic.Pointer[foreign] // nil if no other API has webhooks

	mu       sync.Mutex
	couriers map[string]*courier // by webhook
}

// New returns a service that delivers until it is closed.
func New(o Options) *Service {
	if o.Pauses == nil {
		o.Pauses = pauses
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{Options: o, stored: hookstore.In(o.Store, o.Hosted), stop: stop,
		news: make(chan struct{}, 1), couriers: map[string]*courier{}}
	if o.Sender != nil {
		o.Metrics.Gauge("webhook_waiting", "Logs of which a webhook is told later because a delivery is tried again, at this server.", func() float64 {
			n, _ := s.waiting()
			return float64(n)
		})
		o.Metrics.Gauge("webhook_waiting_seconds", "How long the oldest of these deliveries is being tried; 0 for none.", func() float64 {
			_, oldest := s.waiting()
			return oldest.Seconds()
		})
		s.chores.Go(func() { s.run(ctx) })
	}
	return s
}

// foreign are the webhooks of another API.
type foreign struct {
	list func(ctx context.Context) ([]chat.Webhook, error)
	call func(ctx context.Context, address, id string, e chat.Event) (webhook.Call, error)
}

// foreignSince is how far back the first delivery to a webhook of another API may reach, if no
// server has delivered anything to it before.
const foreignSince = 10 * time.Second

// AdoptWebhooks adds the webhooks of another API. list returns them, with patterns as event types.
// call returns the signed call for an event; its id is the same for each attempt.
func (s *Service) AdoptWebhooks(list func(context.Context) ([]chat.Webhook, error), call func(ctx context.Context, address, id string, e chat.Event) (webhook.Call, error)) {
	s.foreign.Store(&foreign{list, call})
}

// adopt appends the current webhooks of the other API to the list.
func (s *Service) adopt(ctx context.Context, list []hookstore.Endpoint) ([]hookstore.Endpoint, error) {
	own := slices.DeleteFunc(slices.Clone(list), hookstore.Endpoint.IsForeign)
	f := s.foreign.Load()
	if f == nil {
		return own, nil
	}
	there, err := f.list(ctx)
	if err != nil {
		return nil, err
	}
	for i := range there {
		there[i].ID = hookstore.Foreign(there[i].ID)
	}
	if len(list)-len(own) == len(there) && !slices.ContainsFunc(there, func(h chat.Webhook) bool {
		return !slices.ContainsFunc(list, func(e hookstore.Endpoint) bool { return sameHook(e, h) })
	}) {
		return list, nil
	}
	if err := s.Store.Write(ctx, func(tx *sqlstore.Tx) error { return s.stored.Adopt(tx, there, s.Now(), foreignSince) }); err != nil {
		return nil, err
	}
	return s.stored.Endpoints(ctx)
}

func sameHook(e hookstore.Endpoint, h chat.Webhook) bool {
	return e.ID == h.ID && e.URL == h.URL && e.Enabled == h.Enabled && slices.Equal(e.Events, h.Events)
}

// Close stops the deliveries. Those in progress are repeated later.
func (s *Service) Close() {
	s.stop()
	s.chores.Wait()
}

// lookEvery is the maximum delay until changes of webhooks by other servers are seen.
const lookEvery = time.Second

// run keeps a courier for each enabled webhook, and replaces it after each change of the webhook.
func (s *Service) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	defer s.Hub.Follow(nil)
	var here attendance
	trouble := job.Trouble{Logger: s.Logger, Chore: "looking for webhooks"}
	for { // the first look comes later, so that a starting server answers sooner
		select {
		case <-ctx.Done():
			return
		case <-s.news:
		case <-ticker.C:
		}
		trouble.Note(ctx, s.look(ctx, &here))
	}
}

func (s *Service) look(ctx context.Context, here *attendance) error {
	list, err := s.stored.Endpoints(ctx)
	if err == nil {
		list, err = s.adopt(ctx, list)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(e hookstore.Endpoint) bool { return e.Enabled && !e.IsForeign() && e.Wants(chat.MessageNew) }) {
		if err := s.sayOnline(ctx, here); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := map[string]hookstore.Endpoint{}
	for _, e := range list {
		if e.Enabled {
			wanted[e.ID] = e
		}
	}
	for id, c := range s.couriers {
		if e, still := wanted[id]; !still || e.Version != c.endpoint.Version {
			c.stop()
		} else {
			delete(wanted, id)
		}
	}
	for id, e := range wanted {
		if s.couriers[id] == nil { // otherwise it starts when the old one has ended
			c := newCourier(ctx, s, e)
			s.couriers[id] = c
			s.chores.Go(func() {
				c.run()
				s.mu.Lock()
				delete(s.couriers, id)
				s.follow()
				s.mu.Unlock()
				s.nudge()
			})
		}
	}
	s.follow()
	return nil
}

// follow subscribes to the hub's growing logs while there are couriers. The caller must hold s.mu.
func (s *Service) follow() {
	if len(s.couriers) == 0 {
		s.Hub.Follow(nil)
		return
	}
	list := make([]*courier, 0, len(s.couriers))
	for _, c := range s.couriers {
		list = append(list, c)
	}
	s.Hub.Follow(func(cid chat.CID, message bool) {
		for _, c := range list {
			c.wake(cid, message)
		}
	})
}

func (s *Service) nudge() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// Sends reports whether there are webhooks, as far as this server has seen.
func (s *Service) Sends() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.couriers) > 0
}

// waiting returns how many logs are waiting for a retry, and for how long at most.
func (s *Service) waiting() (logs int64, longest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.couriers {
		logs += c.waiting.Load()
		if at := c.oldest.Load(); at != 0 {
			longest = max(longest, s.Now().Sub(time.Unix(at, 0)))
		}
	}
	return logs, longest
}

// Webhooks implements chat.Provider.
func (s *Service) Webhooks(ctx context.Context) ([]chat.Webhook, error) {
	return s.stored.List(ctx, "")
}

// Webhook implements chat.Provider.
func (s *Service) Webhook(ctx context.Context, id string) (chat.Webhook, error) {
	list, err := s.stored.List(ctx, id)
	if err != nil || id == "" || len(list) == 0 {
		return chat.Webhook{}, cmp.Or(err, noWebhook())
	}
	return list[0], nil
}

func noWebhook() error { return chat.Missing("id", "There is no such webhook.") }

// WebhookSecrets implements chat.Provider.
func (s *Service) WebhookSecrets(ctx context.Context, id string) ([]chat.WebhookSecret, error) {
	list, err := s.stored.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if e.ID == id && !e.IsForeign() {
			return valid(e.Secrets, s.Now()), nil
		}
	}
	return nil, noWebhook()
}

// valid returns the secrets that sign at a time.
func valid(list []chat.WebhookSecret, now time.Time) (kept []chat.WebhookSecret) {
	for _, one := range list {
		if one.Until.IsZero() || now.Before(one.Until) {
			kept = append(kept, one)
		}
	}
	return kept
}

// PutWebhook implements chat.Provider.
func (s *Service) PutWebhook(ctx context.Context, req chat.PutWebhook) (string, error) {
	defer s.nudge()
	return s.Change(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		e, err := s.begin(tx, req.ID)
		if err != nil {
			return "", err
		}
		if req.URL != nil {
			e.URL = *req.URL
		}
		if req.Description != nil {
			e.Description = *req.Description
		}
		if req.Events != nil {
			e.Events = *req.Events
		}
		if req.Enabled != nil {
			e.Enabled = *req.Enabled
		}
		if bad := e.Check(s.Sender == nil || s.Sender.Private()); bad != nil {
			return "", bad
		}
		e.UpdatedAt = s.Now()
		return e.ID, s.stored.Put(tx, e)
	})
}

// begin returns the webhook to change, or a new one if the id is "".
func (s *Service) begin(tx *sqlstore.Tx, id string) (e hookstore.Endpoint, err error) {
	if id != "" {
		e, found, err := s.stored.Endpoint(tx, id)
		if err == nil && !found {
			err = noWebhook()
		}
		return e, err
	}
	n, err := s.stored.Count(tx)
	if err == nil && n >= chat.MaxWebhooks {
		err = chat.Invalid("", "There are %d webhooks, and no more are allowed. Delete one, or change it.", chat.MaxWebhooks)
	}
	at := s.Now()
	e.ID, e.Enabled, e.Since, e.CreatedAt = uuid.NewString(), true, at, at
	e.Secrets = []chat.WebhookSecret{{Secret: newSecret()}}
	return e, err
}

// DeleteWebhook implements chat.Provider.
func (s *Service) DeleteWebhook(ctx context.Context, req chat.ChangeWebhook) error {
	return s.change(ctx, req.Operation, req.ID, func(tx *sqlstore.Tx, e hookstore.Endpoint) error { return s.stored.Delete(tx, e.ID) })
}

// change executes a change of a webhook.
func (s *Service) change(ctx context.Context, op chat.Operation, id string, fn func(tx *sqlstore.Tx, e hookstore.Endpoint) error) error {
	defer s.nudge()
	_, err := s.Change(ctx, op, func(tx *sqlstore.Tx) (string, error) {
		e, found, err := s.stored.Endpoint(tx, id)
		switch {
		case err != nil:
			return "", err
		case !found:
			return "", noWebhook()
		}
		return "", fn(tx, e)
	})
	return err
}

// RotateWebhook implements chat.Provider.
func (s *Service) RotateWebhook(ctx context.Context, req chat.RotateWebhook) error {
	return s.change(ctx, req.Operation, req.ID, func(tx *sqlstore.Tx, e hookstore.Endpoint) error {
		now := s.Now()
		until := now.Add(req.Overlap)
		old := valid(e.Secrets, now)
		for i := range old {
			if old[i].Until.IsZero() || old[i].Until.After(until) {
				old[i].Until = until
			}
		}
		e.Secrets = append([]chat.WebhookSecret{{Secret: newSecret()}}, valid(old, now)...)
		e.Secrets = e.Secrets[:min(len(e.Secrets), chat.MaxWebhookSecrets)]
		e.UpdatedAt = now
		return s.stored.Put(tx, e)
	})
}

// ReplayWebhook implements chat.Provider.
func (s *Service) ReplayWebhook(ctx context.Context, req chat.ReplayWebhook) error {
	return s.change(ctx, req.Operation, req.ID, func(tx *sqlstore.Tx, e hookstore.Endpoint) error {
		tx.Note(chat.ChangeTarget{Kind: chat.WebhookTarget, Item: e.ID})
		return s.stored.Replay(tx, e.ID, req.Since)
	})
}

// RetryDelivery implements chat.Provider.
func (s *Service) RetryDelivery(ctx context.Context, req chat.RetryDelivery) error {
	return s.change(ctx, req.Operation, req.ID, func(tx *sqlstore.Tx, e hookstore.Endpoint) error {
		tx.Note(chat.ChangeTarget{Kind: chat.WebhookTarget, Item: e.ID})
		found, err := s.stored.Retry(tx, e.ID, req.Log, req.Seq, s.Now())
		if err == nil && !found {
			err = chat.Missing("delivery", "There is no such delivery among those that were given up.")
		}
		return err
	})
}

// Deliveries implements chat.Provider.
func (s *Service) Deliveries(ctx context.Context, q chat.DeliveryQuery) (page chat.Page[chat.Delivery], err error) {
	if _, err := s.Webhook(ctx, q.Webhook); err != nil {
		return page, err
	}
	list, err := s.stored.Deliveries(ctx, q)
	page = chat.Page[chat.Delivery]{Items: list, HasPrevious: q.After != (chat.DeliveryPosition{})}
	if len(list) > q.Limit {
		page.Items, page.HasNext = list[:q.Limit], true
	}
	return page, err
}

// TestWebhook implements chat.Provider.
func (s *Service) TestWebhook(ctx context.Context, req chat.ChangeWebhook) (a chat.WebhookAttempt, err error) {
	if s.Sender == nil {
		return a, chat.Lacking("This server makes no calls.")
	}
	req.Operation.Key = "" // each repeat is a call of its own
	var e hookstore.Endpoint
	err = s.change(ctx, req.Operation, req.ID, func(tx *sqlstore.Tx, found hookstore.Endpoint) error {
		e = found
		tx.Note(chat.ChangeTarget{Kind: chat.WebhookTarget, Item: e.ID})
		return nil
	})
	if err != nil {
		return a, err
	}
	c, err := call(e, "msg_"+uuid.NewString(), payload{Type: chat.WebhookTested, Timestamp: s.Now()}, s.Now())
	if err != nil {
		return a, err
	}
	begun := time.Now()
	status, failure := s.Sender.Try(ctx, c, 1)
	a = chat.WebhookAttempt{Delivered: failure == nil, Status: status, Error: reason(failure), Took: time.Since(begun)}
	return a, nil
}

const maxReason = 200 // bytes

// reason returns why a call failed, in the form that is stored and shown.
func reason(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	return text[:min(len(text), maxReason)]
}
