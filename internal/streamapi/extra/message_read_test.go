package extra_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/streamapi/store"
)

// What is done through Stream's API shows in our own, in a log without a gap.
func TestMessagesOfStreamsAPIShowInOurs(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testMessagesShow(t, inFolder(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { testMessagesShow(t, sqlstore.Options{URL: pgtest.Open(t)}) })
}

func testMessagesShow(t *testing.T, where sqlstore.Options) {
	database, err := sqlstore.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now()
	e := extra.New(engine.New(engine.Options{
		Store: database, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Clock: func() time.Time { return clock }}))
	t.Cleanup(func() {
		e.Close()
		_ = database.Close()
	})
	room, by := chat.CID{Type: chat.Team, ID: "room"}, chat.Actor{ID: "alice", BackOffice: true}
	op := chat.Operation{By: by}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(e.EnsureUser(t.Context(), "alice"))
	ok(e.PutChannel(t.Context(), chat.PutChannel{Operation: chat.Operation{By: by}, CID: room, Name: "Room"}))
	post := func(m chat.Message) {
		t.Helper()
		m.CID, m.Sender.ID, m.Text = room, "alice", "says "+m.ID
		_, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: m})
		ok(err)
	}
	post(chat.Message{ID: "odd", Attachments: []json.RawMessage{
		[]byte(`{"type":"product","price":3}`), []byte(`{"type":5,"title":{"a":1},"thumb_url":"https://e.com/t.png"}`),
		[]byte(`{"type":"audio","fallback":"a song","asset_url":"https://e.com/a.mp3"}`)}})
	pinned := chat.Message{ID: "pinned"}
	pinned.Pin(true, clock.Add(time.Minute), "alice", clock)
	post(pinned)
	post(chat.Message{ID: "reply", Parent: "odd"})
	post(chat.Message{ID: "erased"})
	ok(e.ChangeMessage(t.Context(), op, room, "reply", func(m *chat.Message) error {
		m.Text = "changed"
		return nil
	}))
	ok(e.React(t.Context(), chat.React{Operation: op, MessageID: "reply", Type: "like", Data: &chat.Reaction{Score: 4}}))
	ok(e.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: op, ID: "reply", Mode: chat.DeleteSoft}))
	ok(e.UndeleteMessage(t.Context(), by, "reply"))
	ok(e.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: op, ID: "erased", Mode: chat.DeleteHard}))

	page, err := e.Messages(t.Context(), chat.MessageQuery{CID: room, Limit: 10})
	ok(err)
	var lines []string
	for _, m := range page.Items {
		lines = append(lines, fmt.Sprintf("%d %s %q pinned %v, deleted %v, %v", m.Seq, m.ID, m.Text, !m.PinnedAt.IsZero(), !m.DeletedAt.IsZero(), len(m.Reactions)))
	}
	want := []string{
		`1 odd "says odd" pinned false, deleted false, 0`, `2 pinned "says pinned" pinned true, deleted false, 0`,
		`3 reply "changed" pinned false, deleted false, 1`, `4 erased "" pinned false, deleted true, 0`}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("our own API shows (-want +got):\n%s", diff)
	}
	shown := []chat.Attachment{
		{Type: "file", AssetURL: "https://e.com/t.png", ThumbURL: "https://e.com/t.png"}, {Type: "audio", Title: "a song", AssetURL: "https://e.com/a.mp3"}}
	if diff := cmp.Diff(shown, page.Items[0].ShownAttachments()); diff != "" {
		t.Errorf("attachments of all shapes (-want +got):\n%s", diff)
	}
	if got := log(t, e, room, 9); got != "message.new message.new message.new message.new message.updated reaction.new message.deleted message.updated message.deleted" {
		t.Errorf("the log has %s", got)
	}

	clock = clock.Add(2 * time.Minute)
	if m, err := e.Message(t.Context(), by, room, "pinned"); err != nil || !m.PinnedAt.IsZero() {
		t.Errorf("a pin whose time is over still shows: %+v %v", m, err)
	}
	ok(e.EditMessage(t.Context(), chat.EditMessage{Operation: chat.Operation{By: by}, CID: room, ID: "odd", Text: "plain"}))
	versions, err := e.SearchVersions(t.Context(), store.Search{Limit: 10, Filter: store.Filter{Op: store.FilterEq, Field: "message_id", Value: "odd"}})
	if err != nil || len(versions) != 1 || versions[0].Text != "says odd" || len(versions[0].Attachments) != 3 {
		t.Errorf("after an edit over our own API the history is %+v, %v", versions, err)
	}
	ok(e.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: chat.Operation{By: by}, CID: room, ID: "odd"}))
	if err := e.UndeleteMessage(t.Context(), by, "odd"); err != nil {
		t.Errorf("what the back office deleted over our own API doesn't come back: %v", err)
	}
	ok(e.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: chat.Operation{By: by}, CID: room, Add: []string{by.ID}}))
	ok(e.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: chat.Operation{By: chat.Actor{ID: by.ID}}, CID: room, ID: "odd"}))
	if err := e.UndeleteMessage(t.Context(), by, "odd"); chat.CodeOf(err) != chat.InvalidArguments || keptOf(t, e, "odd") != 0 {
		t.Errorf("a customer's own message is gone once the customer deleted it, but %d versions are left (%v)", keptOf(t, e, "odd"), err)
	}
}

// keptOf counts the stored versions of a message.
func keptOf(t *testing.T, e *extra.Engine, id string) int {
	t.Helper()
	list, err := e.SearchVersions(t.Context(), store.Search{Limit: 10, Filter: store.Filter{Op: store.FilterEq, Field: "message_id", Value: id}})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// log reads so many events of a channel's log and returns their types. It fails if their
// numbers have a gap.
func log(t *testing.T, e *extra.Engine, cid chat.CID, count int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var start int64
	feed, err := e.Subscribe(ctx, chat.Subscribe{By: chat.Actor{BackOffice: true}, CID: cid, After: &start})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	var types []string
	for len(types) < count {
		events, err := feed.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events {
			types = append(types, string(event.Type))
			if event.Seq != int64(len(types)) {
				t.Fatalf("event %d has the number %d", len(types), event.Seq)
			}
		}
	}
	return strings.Join(types, " ")
}
