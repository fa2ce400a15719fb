package streamapi

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/wire"
	"backchannel/internal/webhook"
)

// TellHooks registers the app's event_hooks of type webhook with the engine. The engine then sends
// them the events of its logs in the form of Stream's webhooks, at least once and in order for each
// channel, as it does for its own webhooks. See delivery.Service.
func (s *Server) TellHooks() {
	h := &Hooks{server: s}
	s.engine.AdoptWebhooks(h.list, func(ctx context.Context, address, id string, e chat.Event) (webhook.Call, error) {
		body, err := h.body(ctx, entryOf(e))
		if err != nil {
			return webhook.Call{}, err
		}
		return h.call(address, id, body), nil
	})
}

// list returns the hooks to call.
func (h *Hooks) list(ctx context.Context) ([]chat.Webhook, error) {
	app, err := h.server.engine.App(ctx)
	if err != nil {
		return nil, err
	}
	var list []chat.Webhook
	for _, hook := range app.Hooks {
		address, called := addressOf(hook)
		id, _ := hook["id"].(string)
		if !called || id == "" || slices.ContainsFunc(list, func(earlier chat.Webhook) bool { return earlier.ID == id }) {
			continue
		}
		w := chat.Webhook{ID: id, URL: address, Enabled: true, CreatedAt: madeAt(hook)}
		for _, pattern := range patternsOf(hook) {
			w.Events = append(w.Events, chat.EventType(pattern))
		}
		list = append(list, w)
	}
	return list, nil
}

// madeAt returns a hook's creation time, which the API stores in nanoseconds since 1970.
func madeAt(hook map[string]any) time.Time {
	var at int64
	if text, err := json.Marshal(hook["created_at"]); err != nil || json.Unmarshal(text, &at) != nil {
		return time.Time{}
	}
	return time.Unix(0, at).UTC()
}

// entryOf converts an event to the log entry that it was read from.
func entryOf(e chat.Event) sqlstore.Entry {
	entry := sqlstore.Entry{Type: e.Type, CID: e.CID, User: e.User.ID, At: e.CreatedAt}
	if e.Message != nil {
		entry.Message = e.Message.ID
	}
	if e.Reaction != nil {
		entry.Detail = e.Reaction.Type
	}
	return entry
}

// Hooks sends the events that the engine records to the app's event_hooks of type webhook, in the
// form of Stream's webhooks: times as text, custom fields beside the others. It is for the
// emulator, whose faults affect calls. Each server sends only its own events. Events that are
// waiting when it stops, or that exceed maxEvents, are lost.
type Hooks struct {
	server  *Server
	deliver func(chat.EventType, webhook.Call)
	events  chan sqlstore.Entry
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// maxEvents is the maximum number of waiting events.
const maxEvents = 10_000

// StartHooks starts calling the app's hooks. It passes each call to deliver. The caller must close
// the hooks before the engine and the sender.
func (s *Server) StartHooks(deliver func(chat.EventType, webhook.Call)) *Hooks {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hooks{server: s, deliver: deliver, events: make(chan sqlstore.Entry, maxEvents), stop: stop}
	s.engine.Observe(func(e sqlstore.Entry) {
		select {
		case h.events <- e:
		default:
			s.logger.Warn("an event was dropped, since too many are waiting for webhooks", "type", e.Type)
		}
	})
	h.done.Go(func() { h.run(ctx) })
	return h
}

// Close stops the calls.
func (h *Hooks) Close() {
	h.server.engine.Observe(func(sqlstore.Entry) {})
	h.stop()
	h.done.Wait()
}

func (h *Hooks) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-h.events:
			if err := h.tell(ctx, e); err != nil && ctx.Err() == nil {
				h.server.logger.Warn("an event was not sent to webhooks", slog.String("type", string(e.Type)), slog.Any("error", err))
			}
		}
	}
}

func (h *Hooks) tell(ctx context.Context, e sqlstore.Entry) error {
	app, err := h.server.engine.App(ctx)
	if err != nil {
		return err
	}
	var body []byte
	for _, hook := range app.Hooks {
		address, wanted := wants(hook, e.Type)
		if !wanted {
			continue
		}
		if body == nil {
			if body, err = h.body(ctx, e); err != nil {
				return err
			}
		}
		h.deliver(e.Type, h.call(address, uuid.NewString(), body))
	}
	return nil
}

// wants returns a hook's address and whether it wants events of a type. A hook without types wants
// all.
func wants(hook map[string]any, kind chat.EventType) (address string, wanted bool) {
	address, called := addressOf(hook)
	types := patternsOf(hook)
	return address, called && (len(types) == 0 || slices.ContainsFunc(types, func(t string) bool {
		matched, _ := path.Match(t, string(kind))
		return matched
	}))
}

// addressOf returns a hook's address and whether to call it.
func addressOf(hook map[string]any) (address string, called bool) {
	address, _ = hook["webhook_url"].(string)
	return address, hook["hook_type"] == "webhook" && hook["enabled"] == true && address != ""
}

// patternsOf returns the event types that a hook wants; none means all.
func patternsOf(hook map[string]any) (patterns []string) {
	types, _ := hook["event_types"].([]any)
	for _, t := range types {
		text, _ := t.(string)
		patterns = append(patterns, text)
	}
	return patterns
}

// call signs a body as Stream does.
func (h *Hooks) call(address, id string, body []byte) webhook.Call {
	mac := hmac.New(sha256.New, h.server.secret)
	mac.Write(body)
	signature := hex.EncodeToString(mac.Sum(nil))
	return webhook.Call{URL: address, Body: body, Header: func(attempt int) http.Header {
		return http.Header{
			"Content-Type": {"application/json"}, "User-Agent": {"backchannel"},
			"X-Signature": {signature}, "X-Webhook-Id": {id}, "X-Webhook-Attempt": {strconv.Itoa(attempt)}, "X-Api-Key": {h.server.key},
		}
	}}
}

// body returns an event in the form of Stream's webhooks.
func (h *Hooks) body(ctx context.Context, e sqlstore.Entry) ([]byte, error) {
	event := map[string]any{"type": e.Type, "created_at": wire.At(e.At)}
	users, err := h.server.engine.UsersByID(ctx, []string{e.User})
	if err != nil {
		return nil, err
	}
	u, known := users[e.User]
	if !known {
		u = chat.User{ID: e.User, Role: chat.RoleUser}
	}
	event["user"] = wire.UserAnswer(u)
	if e.CID != (chat.CID{}) {
		event["cid"], event["channel_id"], event["channel_type"] = e.CID.String(), e.CID.ID, e.CID.Type
	}
	if e.Message != "" {
		m, err := h.server.engine.MessageByID(ctx, e.Message, "")
		switch {
		case err == nil:
			event["message"] = wire.MessageAnswer(m)
		case chat.CodeOf(err) != chat.NotFound:
			return nil, err
		default:
			event["message"] = map[string]any{"id": e.Message, "cid": e.CID.String(), "type": "deleted", "deleted_at": wire.At(e.At),
				"user": wire.UserAnswer(u), "created_at": wire.At(e.At), "updated_at": wire.At(e.At)}
		}
	}
	if err := h.addDetails(ctx, event, e, u); err != nil {
		return nil, err
	}
	text, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	return flattened(text)
}

func (h *Hooks) addDetails(ctx context.Context, event map[string]any, e sqlstore.Entry, u chat.User) error {
	switch e.Type {
	case chat.ReactionNew, chat.ReactionDeleted:
		event["reaction"] = wire.ReactionAnswer(chat.Reaction{MessageID: e.Message, Type: e.Detail, User: u, Score: 1, CreatedAt: e.At, UpdatedAt: e.At})
	case chat.MessageRead:
		event["last_read_at"] = wire.At(e.At)
	case chat.MemberAdded, chat.MemberRemoved, chat.MemberUpdated:
		m, found, err := h.server.engine.Membership(ctx, e.CID, e.User)
		if err != nil {
			return err
		}
		if !found {
			m = chat.Member{User: u, AddedAt: e.At}
		}
		event["member"] = wire.MemberAnswer(m)
	case chat.ChannelCreated, chat.ChannelUpdated:
		c, err := h.server.engine.ChannelFor(ctx, e.CID, "")
		if chat.CodeOf(err) == chat.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		users, err := h.server.engine.UsersByID(ctx, []string{c.CreatedBy})
		if err != nil {
			return err
		}
		event["channel"] = wire.ChannelAnswer(c, users)
	}
	return nil
}

// flattened moves custom fields beside the others and writes times as text.
func flattened(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var event any
	if err := d.Decode(&event); err != nil {
		return nil, err
	}
	return json.Marshal(flat("", event))
}

func flat(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		custom, _ := v["custom"].(map[string]any)
		flattened := maps.Clone(custom)
		if flattened == nil {
			flattened = map[string]any{}
		}
		for field, value := range v {
			switch field {
			case "custom":
			case "attachments": // attachments stay as they were sent
				flattened[field] = value
			default:
				flattened[field] = flat(field, value)
			}
		}
		return flattened
	case []any:
		for i := range v {
			v[i] = flat("", v[i])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil && isTime(name) {
			return time.Unix(0, n).UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

func isTime(field string) bool {
	return strings.HasSuffix(field, "_at") || slices.Contains([]string{"last_read", "ban_expires", "pin_expires"}, field)
}
