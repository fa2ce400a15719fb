package stream_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
)

// A change keeps other services' data in a channel.
func TestPutLeavesOtherFieldsAlone(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	err := h.far.ChangeChannel(t.Context(), chat.ChannelChange{Operation: chat.Operation{By: chat.Actor{ID: "crm", BackOffice: true}}, CID: news, Data: func(c *chat.Channel) error {
		c.Custom = map[string]any{"crm_id": "42", "tags": []any{"a", "b"}}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, avatar := range []chat.Optional{{Set: true, Value: "a.png"}, {}, {Set: true}} {
		err := h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: "Renamed", Avatar: avatar})
		if err != nil {
			t.Fatal(err)
		}
		c, err := h.far.ChannelFor(t.Context(), news, "")
		if err != nil || c.Name != "Renamed" || c.Custom["crm_id"] != "42" || fmt.Sprint(c.Custom["tags"]) != "[a b]" {
			t.Errorf("with the avatar %+v: %v, %v", avatar, c.Custom, err)
		}
	}
}

// another is another server on the same Stream, with a database of its own or the same one.
func (h *hosted) another(data string) *stream.Provider {
	h.Helper()
	o := h.o
	o.Store = openStore(h, sqlstore.Options{Path: filepath.Join(data, "near.db")})
	p, err := stream.New(o)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(p.Close)
	return p
}

// Two servers without a common database create channels of one name.
func TestCreatingOnTwoServersAtOnce(t *testing.T) {
	h := open(t, stream.Options{})
	servers := []*stream.Provider{h.Provider, h.another(t.TempDir())}
	const each = 12
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for i := range each * len(servers) {
		wg.Go(func() {
			cid, err := servers[i%2].CreateChannel(h.ctx(), chat.CreateChannel{
				Operation: by(clerk), Type: chat.Team, Name: "Sale", WantID: "sale"})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[cid.ID]++
		})
	}
	wg.Wait()
	if n := h.farChannels("Sale"); n != each*len(servers) || len(seen) != n {
		t.Errorf("%d channels were made, and %d ids answered, want %d", n, len(seen), each*len(servers))
	}
}

// On PostgreSQL, too, a retry finishes an operation with a key whose outcome isn't known.
func TestKeysOnPostgreSQL(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{BreakerPause: 20 * time.Millisecond})
	h.put(news, "News")
	o := h.o
	o.Store = openStore(t, sqlstore.Options{URL: pgtest.Open(t)})
	p, err := stream.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for _, key := range []string{"k", ""} {
		send := func() error {
			_, err := p.SendMessage(h.ctx(), chat.SendMessage{
				Operation: chat.Operation{By: clerk, Name: "send", Key: key, Digest: "d"}, Message: chat.Message{Sender: clerk.User(), CID: news, Text: "once"}})
			return err
		}
		before := len(h.farMessages(news))
		h.net.breakNext(1_000, http.MethodPost, "/message", resetsForGood)
		if err := send(); chat.CodeOf(err) != chat.Unavailable {
			t.Errorf("key %q: got %v, want UNAVAILABLE", key, err)
		}
		h.net.heal()
		if err := h.eventually(send); err != nil {
			t.Errorf("key %q: the retry: %v", key, err)
		}
		if n := len(h.farMessages(news)) - before; n != 1 {
			t.Errorf("key %q: %d messages were sent, want one", key, n)
		}
	}
}

// Two servers that share a database carry an operation with a key out once.
func TestOneKeyOnTwoServers(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	servers := []*stream.Provider{h.Provider, h.another(h.data)}
	op := chat.Operation{By: clerk, Name: "send", Key: "k", Digest: "d"}
	var mu sync.Mutex
	ids := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			id, err := servers[i%2].SendMessage(h.ctx(), chat.SendMessage{Operation: op, Message: chat.Message{Sender: clerk.User(), CID: news, Text: "once"}})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
		})
	}
	wg.Wait()
	if n := len(h.farMessages(news)); n != 1 || len(ids) != 1 {
		t.Errorf("%d messages were sent, and the ids %v answered, want one", n, ids)
	}
}
