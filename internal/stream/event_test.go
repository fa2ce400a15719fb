package stream_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/webhook"
)

// scene is what one operation is about: a channel, with a message of a member.
type scene struct {
	cid     chat.CID
	user    string // the member
	message string
}

type act func(ctx context.Context, p chat.Provider, s scene) error

// operations are those whose events are compared. Each has a scene of its own.
var operations = []struct {
	name   string
	before act // nil for nothing
	do     act
}{
	{"sendMessage", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		_, err := p.SendMessage(ctx, chat.SendMessage{Operation: by(clerk), Message: chat.Message{CID: s.cid, Sender: clerk.User(), Text: "more"}})
		return err
	}},
	{"editMessage", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.EditMessage(ctx, chat.EditMessage{Operation: by(clerk), CID: s.cid, ID: s.message, Text: "edited"})
	}},
	{"pinMessage", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.PinMessage(ctx, chat.PinMessage{Operation: by(clerk), CID: s.cid, ID: s.message, Pinned: true})
	}},
	{"deleteMessage", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.DeleteMessage(ctx, chat.DeleteMessage{Operation: by(clerk), CID: s.cid, ID: s.message})
	}},
	{"addReaction", nil, react(false)},
	{"removeReaction", react(false), react(true)},
	{"markRead", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.MarkRead(ctx, chat.MarkRead{Operation: by(chat.Actor{ID: s.user}), CID: s.cid})
	}},
	{"addMembers", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.ChangeMembers(ctx, chat.ChangeMembers{Operation: by(clerk), CID: s.cid, Add: []string{"new"}})
	}},
	{"removeMembers", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.ChangeMembers(ctx, chat.ChangeMembers{Operation: by(clerk), CID: s.cid, Remove: []string{s.user}})
	}},
	{"createOrUpdateChannel, new", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.PutChannel(ctx, chat.PutChannel{Operation: by(clerk), CID: chat.CID{Type: chat.Gaming, ID: s.cid.ID}, Name: "New"})
	}},
	{"createOrUpdateChannel", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.PutChannel(ctx, chat.PutChannel{Operation: by(clerk), CID: s.cid, Name: "Renamed"})
	}},
	{"freezeChannel", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.FreezeChannel(ctx, chat.FreezeChannel{Operation: by(clerk), CID: s.cid, Frozen: true})
	}},
	{"deleteChannels", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.DeleteChannels(ctx, chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{s.cid}})
	}},
	{"setRoles", nil, func(ctx context.Context, p chat.Provider, s scene) error {
		return p.SetRole(ctx, chat.SetRole{Operation: by(clerk), UserID: s.user, Role: chat.RoleModerator})
	}},
	{"banUser in a channel", nil, restricts(true, false)},
	{"unbanUser in a channel", restricts(true, false), restricts(true, true)},
	{"banUser", nil, restricts(false, false)},
	{"unbanUser", restricts(false, false), restricts(false, true)},
}

func react(remove bool) act {
	return func(ctx context.Context, p chat.Provider, s scene) error {
		return p.React(ctx, chat.React{Operation: by(clerk), CID: s.cid, MessageID: s.message, Type: "like", Remove: remove})
	}
}

func restricts(here, lift bool) act {
	return func(ctx context.Context, p chat.Provider, s scene) error {
		req := chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: s.user, Lift: lift}
		if here {
			req.CID = s.cid
		}
		return p.Restrict(ctx, req)
	}
}

// Each operation is told of as the table in docs/stream.md says: alike by our own chat and on hosted Stream,
// and if others do it at Stream, by its webhooks and by polling.
func TestEventsOfOperations(t *testing.T) {
	t.Parallel()
	e := engine.New(engine.Options{Store: openStore(t, sqlstore.Options{Memory: true}), AvatarBaseURL: "https://media.example",
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(e.Close)
	nothing := func() {}
	own := eventsOf(t, e, e, e, nothing, nothing)
	h := open(t, stream.Options{PollEvery: time.Hour})
	if diff := cmp.Diff(own, eventsOf(t, h.Provider, h.Provider, h.far, nothing, nothing)); diff != "" {
		t.Errorf("what is done here (-own chat +hosted):\n%s", diff)
	}
	hooked := open(t, stream.Options{PollEvery: time.Hour})
	called := hooked.callHooks()
	calls := func(id string) func() {
		return func() {
			there{hooked, t}.put(chat.CID{Type: chat.Team, ID: id}, "Last so far")
			called("team:" + id)
		}
	}
	byHooks := eventsOf(t, hooked.Provider, hooked.far, hooked.far, calls("prepared"), calls("done"))
	polled := open(t, stream.Options{PollEvery: quickPoll})
	byPoll := eventsOf(t, polled.Provider, polled.far, polled.far, nothing, func() {
		for range 2 { // each turn, twice
			for _, what := range []string{"/search", "/users"} {
				for seen := polled.net.count(http.MethodGet, what); polled.net.count(http.MethodGet, what) == seen; {
					time.Sleep(quickPoll / 4)
				}
			}
		}
	})
	var rows strings.Builder
	for _, op := range operations {
		rows.WriteString("| `" + op.name + "` | " + own[op.name] + " | " + byHooks[op.name] + " | " + byPoll[op.name] + " |\n")
	}
	text, err := os.ReadFile("../../docs/stream.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), rows.String()) {
		t.Errorf("docs/stream.md lacks the table:\n%s", &rows)
	}
}

// eventsOf has all operations done by one chat, and returns what another tells of each: in the channel, and in
// italics to the back office. prepared and done wait until it has heard of what was before, and of all.
func eventsOf(t *testing.T, p, acting, back chat.Provider, prepared, done func()) map[string]string {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	scenes, heard := make([]scene, len(operations)), make([][]chat.Event, len(operations))
	feeds := make([]chat.Feed, len(operations))
	users := []chat.UserChange{{ID: clerk.ID, Name: "Clara"}, {ID: "new", Name: "New"}}
	for i := range operations {
		scenes[i] = scene{cid: chat.CID{Type: chat.Livestream, ID: fmt.Sprint("c", i)}, user: fmt.Sprint("u", i)}
		users = append(users, chat.UserChange{ID: scenes[i].user, Name: scenes[i].user})
	}
	_, err := back.UpsertUsers(ctx, chat.UpsertUsers{Operation: by(clerk), Users: users})
	must(err)
	for i, op := range operations {
		s := &scenes[i]
		must(back.PutChannel(ctx, chat.PutChannel{Operation: by(clerk), CID: s.cid, Name: "Channel"}))
		must(back.ChangeMembers(ctx, chat.ChangeMembers{Operation: by(clerk), CID: s.cid, Add: []string{s.user}}))
		s.message, err = back.SendMessage(ctx, chat.SendMessage{Operation: by(clerk), Message: chat.Message{CID: s.cid, Sender: chat.User{ID: s.user}, Text: "hello"}})
		must(err)
		if op.before != nil {
			must(op.before(ctx, back, *s))
		}
	}
	prepared()
	office, err := p.SubscribeBackOffice(ctx, nil)
	must(err)
	defer office.Close()
	for i := range scenes {
		feeds[i], err = p.Subscribe(ctx, chat.Subscribe{By: clerk, CID: scenes[i].cid})
		must(err)
		t.Cleanup(feeds[i].Close)
	}
	for i, op := range operations {
		if err := op.do(ctx, acting, scenes[i]); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
	}
	done()
	told := map[string]string{}
	for i := range operations {
		heard[i] = eventsIn(t, feeds[i])
	}
	inOffice := eventsIn(t, office)
	for i, op := range operations {
		var lines []string
		for _, e := range heard[i] {
			lines = append(lines, "`"+string(e.Type)+"`")
		}
		for _, e := range inOffice {
			if e.CID.ID == scenes[i].cid.ID || e.CID == (chat.CID{}) && e.User.ID == scenes[i].user {
				lines = append(lines, "*`"+string(e.Type)+"`*")
			}
		}
		told[op.name] = strings.Join(lines, ", ")
	}
	return told
}

// eventsIn returns the events that a feed has, except for changed rights; none after the channel's end.
func eventsIn(t *testing.T, f chat.Feed) (list []chat.Event) {
	t.Helper()
	for seq := f.Start; seq < f.End(); {
		some, err := f.Next(t.Context())
		if err != nil {
			return list
		}
		for _, e := range some {
			seq = max(seq, e.Seq)
			if e.Type != chat.AccessChanged {
				list = append(list, e)
			}
		}
	}
	return list
}

// callHooks has Stream call our hook. called waits until a call with a text was made.
func (h *hosted) callHooks() (called func(text string)) {
	h.Helper()
	client, err := stream.NewClient(stream.ClientOptions{Key: appKey, Secret: appSecret, BaseURL: h.o.BaseURL, Logger: h.o.Logger})
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(client.Close)
	if _, err := stream.SetHook(h.Context(), client, "https://chat.example/hooks/stream"); err != nil {
		h.Fatal(err)
	}
	bodies := make(chan string, 1_000)
	hooks := h.api.StartHooks(func(_ chat.EventType, call webhook.Call) {
		r := httptest.NewRequest(http.MethodPost, "/hooks/stream", bytes.NewReader(call.Body))
		r.Header = call.Header(1)
		answer := httptest.NewRecorder()
		h.ServeHook(answer, r)
		if answer.Code != http.StatusOK {
			h.Errorf("a call is answered %d: %s", answer.Code, call.Body)
		}
		bodies <- string(call.Body)
	})
	h.Cleanup(hooks.Close)
	return func(text string) {
		for body := range bodies {
			if strings.Contains(body, text) {
				return
			}
		}
	}
}
