package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/delivery"
	"backchannel/internal/engine"
	"backchannel/internal/feed"
	"backchannel/internal/logtest"
	"backchannel/internal/metrics"
	"backchannel/internal/metricstest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/webhook"
)

// office is a chat with webhooks.
type office struct {
	testing.TB
	*engine.Engine
	service *delivery.Service
	figures *metrics.Metrics // of the newest server
	log     logtest.Log
	ahead   atomic.Int64 // nanoseconds by which the chat's clock is ahead
}

var staff = chat.Actor{ID: "clerk", BackOffice: true}

// short are the pauses of tests that don't move the clock.
var short = []time.Duration{20 * time.Millisecond}

// open opens a chat that retries deliveries after short pauses.
func open(t testing.TB, where sqlstore.Options) *office {
	t.Helper()
	return openWith(t, where, short)
}

func openWith(t testing.TB, where sqlstore.Options, pauses []time.Duration) *office {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	o := &office{TB: t}
	o.Engine = engine.New(engine.Options{Store: store, Logger: logger, Clock: func() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }})
	o.service = o.serve(pauses)
	t.Cleanup(func() {
		o.service.Close()
		o.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// serve starts sending, as a server with this database does.
func (o *office) serve(pauses []time.Duration) *delivery.Service {
	sender := webhook.New(webhook.Options{Private: true, Logger: slog.New(slog.DiscardHandler)})
	o.Cleanup(sender.Close)
	o.figures = metrics.New("test")
	return delivery.New(delivery.Options{
		Metrics: o.figures,
		Store:   o.Store, Change: o.change, Hub: &o.Hub, Sender: sender, Now: o.Now, Past: func(context.Context) (time.Time, error) { return o.Now(), nil }, Logger: slog.New(slog.NewTextHandler(&o.log, nil)),
		Office: feed.Log{Read: o.Store.BackOfficeEvents},
		Channel: func(cid chat.CID) feed.Log {
			return feed.Log{Read: func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error) {
				list, found, err := o.Store.Events(ctx, cid, part)
				if err == nil && !found {
					err = chat.NoChannel("cid")
				}
				return list, err
			}}
		},
		Pauses: pauses,
	})
}

// change carries an operation out as the engine does.
func (o *office) change(ctx context.Context, _ chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (result string, err error) {
	return result, o.Store.Write(ctx, func(tx *sqlstore.Tx) error {
		result, err = fn(tx)
		return err
	})
}

func inFolder(t testing.TB) sqlstore.Options {
	return sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}
}

func (o *office) channel(id string) chat.CID {
	o.Helper()
	cid := chat.CID{Type: chat.Messaging, ID: id}
	if err := o.PutChannel(o.Context(), chat.PutChannel{Operation: chat.Operation{By: staff}, CID: cid, Name: id}); err != nil {
		o.Fatal(err)
	}
	return cid
}

func (o *office) say(cid chat.CID, text string) {
	o.Helper()
	_, err := o.SendMessage(o.Context(), chat.SendMessage{Operation: chat.Operation{By: staff},
		Message: chat.Message{CID: cid, Sender: chat.User{ID: "clerk"}, Text: text}})
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) hook(url string, events ...chat.EventType) string {
	o.Helper()
	id, err := o.service.PutWebhook(o.Context(), chat.PutWebhook{Operation: chat.Operation{By: staff, Name: "createWebhook", Source: chat.Source{Via: chat.ByGraphQL}},
		URL: &url, Events: &events})
	if err != nil {
		o.Fatal(err)
	}
	return id
}

func (o *office) op() chat.Operation {
	return chat.Operation{By: staff, Name: "test", Source: chat.Source{Via: chat.ByGraphQL}}
}

// told is a call that a receiver got.
type told struct {
	ID   string `json:"-"`
	Type string
	Data struct {
		CID     string
		Seq     int64
		Message struct{ Text string }
		Offline []string
	}
}

func (c told) String() string { return c.Type + " " + c.Data.Message.Text }

// receiver records the calls it receives. It answers with an error if fail returns true.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	got   []told // with an answer 200
	tries []told
	fail  func(c told, attempt int) bool
	news  chan struct{}
}

func receive(t testing.TB, fail func(c told, attempt int) bool) *receiver {
	r := &receiver{fail: fail, news: make(chan struct{}, 1)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		c := told{ID: req.Header.Get("Webhook-Id")}
		if err := json.Unmarshal(body, &c); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tries = append(r.tries, c)
		attempt := 0
		for _, earlier := range r.tries {
			if earlier.ID == c.ID {
				attempt++
			}
		}
		if r.fail != nil && r.fail(c, attempt) {
			w.WriteHeader(http.StatusServiceUnavailable)
		} else {
			r.got = append(r.got, c)
		}
		select {
		case r.news <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// await waits until so many different events have arrived, and returns them in the order of
// their first arrival.
func (r *receiver) await(t testing.TB, n int) []told {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		r.mu.Lock()
		var list []told
		for _, c := range r.got {
			if !slices.ContainsFunc(list, func(earlier told) bool { return earlier.ID == c.ID }) {
				list = append(list, c)
			}
		}
		r.mu.Unlock()
		if len(list) >= n {
			return list
		}
		select {
		case <-r.news:
		case <-deadline:
			t.Fatalf("%d of %d events arrived: %v", len(list), n, list)
		}
	}
}

func textsOf(list []told, cid chat.CID) (texts []string) {
	for _, c := range list {
		if c.Data.CID == cid.String() && c.Type == "message.new" {
			texts = append(texts, c.Data.Message.Text)
		}
	}
	return texts
}

// onBoth runs a test on SQLite and PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, where sqlstore.Options)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, inFolder(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, sqlstore.Options{URL: pgtest.Open(t)}) })
}

// The log names a webhook that fails, and why, without its address; and that it no longer does.
func TestFailuresAreLogged(t *testing.T) {
	t.Parallel()
	o := open(t, inFolder(t))
	cid := o.channel("a")
	var well atomic.Bool
	r := receive(t, func(_ told, attempt int) bool { return attempt < 4 || !well.Load() })
	o.hook(r.URL+"/secret", chat.MessageNew)
	o.say(cid, "hello")
	until := func(line string) {
		t.Helper()
		for begun := time.Now(); !strings.Contains(o.log.String(), line); time.Sleep(5 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatalf("no line has %q:\n%s", line, o.log.String())
			}
		}
	}
	until("deliveries to a webhook fail")
	well.Store(true)
	r.await(t, 1)
	until("deliveries to a webhook succeed again")
	text := o.log.String()
	if !strings.Contains(text, r.Listener.Addr().String()) || !strings.Contains(text, "the answer is 503") || strings.Contains(text, "secret") ||
		strings.Count(text, "\n") != 2 {
		t.Errorf("the log has\n%s", text)
	}
}

// While a delivery is tried again, later ones of its channel wait, and other channels go on.
func TestOrderInEachChannel(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := open(t, where)
		one, other := o.channel("one"), o.channel("other")
		other5 := make(chan struct{})
		r := receive(t, func(c told, _ int) bool {
			if c.Data.Message.Text == "other 5" {
				close(other5)
			}
			select {
			case <-other5:
				return false
			default:
				return c.Data.Message.Text == "one 2"
			}
		})
		id := o.hook(r.URL)
		for i := 1; i <= 5; i++ {
			o.say(one, fmt.Sprint("one ", i))
			o.say(other, fmt.Sprint("other ", i))
		}
		list := r.await(t, 10)
		if got := textsOf(list, one); !slices.Equal(got, []string{"one 1", "one 2", "one 3", "one 4", "one 5"}) {
			t.Errorf("the channel that waited: %v", got)
		}
		if got := textsOf(list, other); !slices.Equal(got, []string{"other 1", "other 2", "other 3", "other 4", "other 5"}) {
			t.Errorf("the other channel: %v", got)
		}
		if five, two := slices.IndexFunc(list, func(c told) bool { return c.Data.Message.Text == "other 5" }),
			slices.IndexFunc(list, func(c told) bool { return c.Data.Message.Text == "one 2" }); five > two {
			t.Errorf("the other channel waited: %v", list)
		}
		o.deliveries(id, chat.DeliveryDone, 10)
		o.deliveries(id, chat.DeliveryRetrying, 0)
	})
}

// deliveries waits until there are so many deliveries in a state.
func (o *office) deliveries(id string, state chat.DeliveryState, n int) []chat.Delivery {
	o.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		page, err := o.service.Deliveries(o.Context(), chat.DeliveryQuery{Webhook: id, State: state, Limit: 100})
		if err != nil {
			o.Fatal(err)
		}
		if len(page.Items) == n {
			return page.Items
		}
		if time.Now().After(until) {
			o.Fatalf("%d deliveries are %s, want %d: %+v", len(page.Items), state, n, page.Items)
		}
	}
}

// A server that goes on after another, or after a crash, tells of everything, in order and
// with the same ids.
func TestNothingIsLostBetweenServers(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := open(t, where)
		cid := o.channel("one")
		failing := true
		r := receive(t, func(told, int) bool { return failing })
		id := o.hook(r.URL, chat.MessageNew)
		o.say(cid, "1")
		o.deliveries(id, chat.DeliveryRetrying, 1)
		if waiting, oldest := metricstest.Read(t, o.figures, "webhook_waiting "), metricstest.Read(t, o.figures, "webhook_waiting_seconds"); waiting != 1 || oldest <= 0 {
			t.Errorf("the figures: %v logs wait, the oldest for %v s", waiting, oldest)
		}
		o.service.Close()
		o.say(cid, "2") // nobody sends
		o.say(cid, "3")
		r.mu.Lock()
		first := r.tries[0].ID
		failing = false
		r.mu.Unlock()
		o.service = o.serve(short)
		list := r.await(t, 3)
		if got := textsOf(list, cid); !slices.Equal(got, []string{"1", "2", "3"}) || list[0].ID != first {
			t.Errorf("told of %v", list)
		}
	})
}

// Of several servers one sends to a webhook. When it stops, another goes on.
func TestOneServerSends(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := open(t, where)
		second := o.serve(short)
		t.Cleanup(second.Close)
		cid := o.channel("one")
		r := receive(t, nil)
		o.hook(r.URL, chat.MessageNew)
		for i := range 20 {
			o.say(cid, fmt.Sprint(i))
		}
		r.await(t, 20)
		o.service.Close()
		o.say(cid, "20")
		list := r.await(t, 21)
		for i, c := range list {
			if c.Data.Message.Text != fmt.Sprint(i) {
				t.Fatalf("told of %v", list)
			}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.got) != 21 {
			t.Errorf("%d calls for 21 events: %v", len(r.got), r.got)
		}
	})
}

func TestReplay(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := open(t, where)
		cid, empty := o.channel("one"), o.channel("empty")
		o.say(cid, "long ago")
		o.say(empty, "long ago, too")
		since := o.Now()
		o.say(cid, "1")
		r := receive(t, nil)
		id := o.hook(r.URL, chat.MessageNew)
		o.say(cid, "2")
		r.await(t, 1)
		if err := o.service.ReplayWebhook(t.Context(), chat.ReplayWebhook{Operation: o.op(), ID: id, Since: since}); err != nil {
			t.Fatal(err)
		}
		if got := textsOf(r.await(t, 2), cid); !slices.Equal(got, []string{"2", "1"}) {
			t.Errorf("told of %v", got)
		}
		o.say(empty, "new")
		list := r.await(t, 3)
		if got := textsOf(list, empty); !slices.Equal(got, []string{"new"}) {
			t.Errorf("the other channel: %v", got)
		}
	})
}

// A webhook gets the events that it wants, of channels and of users, each once.
func TestEventsOfBothLogs(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := open(t, where)
		all, some := receive(t, nil), receive(t, nil)
		o.hook(all.URL)
		o.hook(some.URL, chat.ChannelCreated, chat.UserBanned)
		cid := o.channel("one")
		members := []string{"anna", "bob", "clerk", "dora", "eve", "frank"}
		for _, id := range members {
			_, err := o.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: chat.Operation{By: staff}, Users: []chat.UserChange{{ID: id, Name: strings.ToUpper(id)}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := o.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: chat.Operation{By: staff}, CID: cid, Add: members}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SetRoles(t.Context(), chat.SetRoles{Operation: chat.Operation{By: staff}, UserIDs: []string{"dora"}, Role: chat.RoleAdmin}); err != nil {
			t.Fatal(err)
		}
		if err := o.Store.Write(t.Context(), func(tx *sqlstore.Tx) error {
			_, err := tx.Change(`UPDATE users SET deactivated_at = 1 WHERE id = 'eve'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		leave, err := o.Attend(t.Context(), chat.Actor{ID: "bob"}, cid)
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		for _, ban := range []chat.Restrict{{UserID: "anna", CID: cid}, {UserID: "dora"}} {
			ban.Kind, ban.Operation.By = chat.Ban, staff
			if err := o.Restrict(t.Context(), ban); err != nil {
				t.Fatal(err)
			}
		}
		o.say(cid, "hello")
		names := func(list []told) (names []string) {
			for _, c := range list {
				names = append(names, c.Type)
			}
			slices.Sort(names)
			return names
		}
		want := slices.Concat([]string{"channel.created"}, slices.Repeat([]string{"member.added"}, len(members)), []string{"message.new", "user.banned", "user.banned", "user.updated"})
		list := all.await(t, len(want))
		if got := names(list); !slices.Equal(got, want) {
			t.Errorf("a webhook for all events got %v", got)
		}
		at := slices.IndexFunc(list, func(c told) bool { return c.Type == "message.new" })
		if got := list[at].Data.Offline; !slices.Equal(got, []string{"dora", "frank"}) {
			t.Errorf("anna is banned, bob is there, clerk wrote it, dora is banned and an admin, eve is deactivated: offline are %v", got)
		}
		if got := names(some.await(t, 3)); !slices.Equal(got, []string{"channel.created", "user.banned", "user.banned"}) {
			t.Errorf("a webhook for some events got %v", got)
		}
	})
}
