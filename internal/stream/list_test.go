package stream_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
	"backchannel/internal/stream"
)

var clerk = chat.Actor{ID: "clerk", Name: "Clara Clerk", BackOffice: true}

func by(a chat.Actor) chat.Operation { return chat.Operation{By: a, Name: "test"} }

func (h *hosted) put(cid chat.CID, name string) {
	h.Helper()
	if err := h.PutChannel(h.Context(), chat.PutChannel{Operation: by(clerk), CID: cid, Name: name}); err != nil {
		h.Fatal(err)
	}
}

func (h *hosted) all() []chat.Channel {
	h.Helper()
	list, err := h.AllChannels(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	return list
}

// fill creates channels at Stream as another service, at the times of the clock, and
// returns their cids.
func (h *hosted) fill(n int, name string) []chat.CID {
	h.Helper()
	cids := make([]chat.CID, n)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 64)
	for i := range cids {
		cids[i] = chat.CID{Type: []chat.ChannelType{chat.Team, chat.Livestream}[i%2], ID: fmt.Sprintf("%s-%d", name, i)}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			err := h.far.PutChannel(h.Context(), chat.PutChannel{Operation: by(clerk), CID: cids[i], Name: fmt.Sprint("Room ", i)})
			if err != nil {
				h.Error(err)
			}
		})
	}
	wg.Wait()
	return cids
}

func TestThousandsOfChannels(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{ListStaleness: time.Minute})
	want := h.fill(1_100, "newer")
	frozen := time.Now()
	h.clock.Store(&frozen)
	want = append(want, h.fill(100, "alike")...)
	h.clock.Store(nil)
	want = append(want, h.fill(1_100, "older")...)
	begun := time.Now()
	list := h.all()
	t.Logf("read in %v with %d calls", time.Since(begun), h.net.count(http.MethodPost, "/channels"))
	got := make([]chat.CID, len(list))
	alike := 0
	for i, c := range list {
		got[i] = c.CID
		if c.CreatedAt.Equal(frozen.Truncate(time.Microsecond)) {
			alike++
		}
	}
	if alike != 100 {
		t.Errorf("%d channels share a moment, want 100", alike)
	}
	order := func(a, b chat.CID) int { return compare(a.String(), b.String()) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Errorf("%d channels are listed, want each of %d once", len(got), len(want))
	}
	if !slices.IsSortedFunc(list, func(a, b chat.Channel) int {
		return compare(fold.Key(a.Name)+"\x00"+a.CID.String(), fold.Key(b.Name)+"\x00"+b.CID.String())
	}) {
		t.Error("the list is not in the order of names, then cids")
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestTenClerksCostOneListing(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{ListStaleness: time.Minute})
	h.fill(100, "room")
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if list, err := h.AllChannels(h.Context()); err != nil || len(list) != 100 {
				t.Errorf("%d channels, %v", len(list), err)
			}
		})
	}
	wg.Wait()
	// 1 page, then 2, then 1 of 4 and the rest.
	if n := h.net.count(http.MethodPost, "/channels"); n > 7 {
		t.Errorf("ten clerks cost %d calls, want those of one listing", n)
	}
}

func TestListIsNoOlderThanItMayBe(t *testing.T) {
	t.Parallel()
	const staleness = 300 * time.Millisecond
	h := open(t, stream.Options{ListStaleness: staleness})
	h.fill(1, "first")
	h.all()
	h.fill(1, "second")
	for made := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		asked := time.Now()
		if len(h.all()) == 2 {
			break
		}
		if age := asked.Sub(made); age > staleness {
			t.Fatalf("another service's channel is not in a list that was asked for %v later, want at most %v", age, staleness)
		}
	}
}

// This server's writes are in the list at once, even if the list is being read at that
// moment.
func TestOwnWritesAreSeenAtOnce(t *testing.T) {
	for _, row := range []struct {
		says  string
		write func(h *hosted)
		want  []string
	}{
		{"a new channel", func(h *hosted) { h.put(chat.CID{Type: chat.Team, ID: "new"}, "New") }, []string{"New", "Old"}},
		{"a renamed channel", func(h *hosted) { h.put(chat.CID{Type: chat.Team, ID: "old"}, "Renamed") }, []string{"Renamed"}},
		{"a deleted channel", func(h *hosted) { h.remove(chat.CID{Type: chat.Team, ID: "old"}) }, nil},
		{"a channel made anew", func(h *hosted) {
			h.remove(chat.CID{Type: chat.Team, ID: "old"})
			h.put(chat.CID{Type: chat.Team, ID: "old"}, "Anew")
		}, []string{"Anew"}},
	} {
		t.Run(row.says, func(t *testing.T) {
			h := open(t, stream.Options{ListStaleness: time.Minute})
			h.put(chat.CID{Type: chat.Team, ID: "old"}, "Old")
			under, release := make(chan struct{}), make(chan struct{})
			var once atomic.Bool
			h.net.breakNext(1, http.MethodPost, "/channels", func(n *network, w http.ResponseWriter, r *http.Request) {
				answer := n.effect(r) // the list as it was before
				if once.CompareAndSwap(false, true) {
					close(under)
				}
				<-release
				_, _ = w.Write(answer.Body.Bytes())
			})
			listed := make(chan []chat.Channel, 1)
			go func() {
				list, err := h.AllChannels(context.Background())
				if err != nil {
					t.Error(err)
				}
				listed <- list
			}()
			<-under
			row.write(h)
			close(release)
			for when, list := range map[string][]chat.Channel{"in flight": <-listed, "afterwards": h.all()} {
				var names []string
				for _, c := range list {
					names = append(names, c.Name)
				}
				if !slices.Equal(names, row.want) {
					t.Errorf("%s: got %q, want %q", when, names, row.want)
				}
			}
		})
	}
}

func (h *hosted) remove(cids ...chat.CID) {
	h.Helper()
	if err := h.DeleteChannels(h.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: cids}); err != nil {
		h.Fatal(err)
	}
}

// Channels that come and go while the list is read change the offsets of others.
func TestListingWhileOthersCreateAndDelete(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	passing := h.fill(150, "passing")
	kept := h.fill(300, "kept")
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i, cid := range passing {
			if ctx.Err() != nil {
				return
			}
			_ = h.far.DeleteChannels(ctx, chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{cid}})
			_ = h.far.PutChannel(ctx, chat.PutChannel{Operation: by(clerk), CID: chat.CID{Type: chat.Team, ID: fmt.Sprint("new-", i)}, Name: "New"})
		}
	})
	for range 5 {
		seen := map[chat.CID]int{}
		for _, c := range h.all() {
			seen[c.CID]++
		}
		for _, cid := range kept {
			if seen[cid] != 1 {
				t.Errorf("%s is listed %d times", cid, seen[cid])
			}
		}
	}
	stop()
	wg.Wait()
}

// More channels of one moment than offsets reach are told apart by their type.
func TestChannelsOfOwnTypesInATie(t *testing.T) {
	h := open(t, stream.Options{})
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h.clock.Store(&at)
	h.fill(1_040, "room")
	for _, kind := range []chat.ChannelType{"art", "zine"} { // one is behind the others, whatever the order
		h.ownType(kind)
		for i := range 20 {
			cid := chat.CID{Type: kind, ID: fmt.Sprint(i)}
			if err := h.far.PutChannel(t.Context(), chat.PutChannel{Operation: by(clerk), CID: cid, Name: "Own"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	seen := map[chat.ChannelType]int{}
	for _, c := range h.all() {
		seen[c.CID.Type]++
	}
	if seen["art"] != 20 || seen["zine"] != 20 || seen[chat.Team]+seen[chat.Livestream] != 1_040 {
		t.Errorf("listed %v", seen)
	}
}
