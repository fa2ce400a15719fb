package feed

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"backchannel/internal/chat"
)

// Hub knows the end of each log that has subscribers, and wakes them. The zero Hub is ready to use.
// The log in the database is authoritative, and each feed reads it from its position. A new message
// is passed to feeds only to save those that are up to date from reading. So a lost wake-up costs
// time, never an event.
type Hub struct {
	// Tell sends an ephemeral event to other servers: to a user or, if user is "", to those who
	// follow the event's channel. It must not block. It is nil if there are no other servers.
	Tell func(user string, event chat.Event)
	// Patience is how long events wait for earlier ones that another server has appended and is
	// about to send. It is zero if servers don't send events.
	Patience time.Duration

	mu     sync.Mutex
	topics map[chat.CID]*topic // the zero cid is the back office's log
	users  map[string]*topic   // ephemeral events for a user, by id; they are in no log
	online map[string]int      // connections of users who attend a channel or have a feed of their own, by user id

	follower atomic.Pointer[func(chat.CID, bool)]
}

// Follow makes the hub call fn for each log that grows, with its cid and whether a new message is
// known to be the cause, even if the log has no subscribers. fn must not block. Nil ends this.
func (h *Hub) Follow(fn func(cid chat.CID, message bool)) {
	if fn == nil {
		h.follower.Store(nil)
		return
	}
	h.follower.Store(&fn)
}

func (h *Hub) grew(cid chat.CID, message bool) {
	if fn := h.follower.Load(); fn != nil {
		(*fn)(cid, message)
	}
}

// topic is the state shared by the subscribers of a log.
type topic struct {
	cid       chat.CID
	listeners int // guarded by Hub.mu

	mu      sync.Mutex
	last    int64         // seq of the newest known entry
	gone    bool          // the channel is deleted
	changed chan struct{} // closed and replaced on every change
	recent  recent
	early   map[int64]chat.Event // events waiting for earlier ones, by seq

	signals  []chat.Event // ephemeral events, without a seq; the newest maxSignals
	signaled int64        // the number of all ephemeral events so far
	present  map[string]int
}

// maxSignals is the number of ephemeral events that a feed may lag behind before it misses some.
const maxSignals = 64

// join returns the topic of a log and adds a subscriber to it.
func (h *Hub) join(cid chat.CID) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics == nil {
		h.topics = map[chat.CID]*topic{}
	}
	t := h.topics[cid]
	if t == nil {
		t = newTopic(cid)
		h.topics[cid] = t
	}
	t.listeners++
	return t
}

func newTopic(cid chat.CID) *topic {
	return &topic{cid: cid, changed: make(chan struct{}), present: map[string]int{}}
}

// leave removes a subscriber, and the topic after its last one.
func (h *Hub) leave(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.listeners--; t.listeners == 0 && h.topics[t.cid] == t {
		delete(h.topics, t.cid)
	}
}

// Advance reports that a log has reached a seq. Calls for one log may come in any order.
func (h *Hub) Advance(cid chat.CID, seq int64) {
	h.grew(cid, false)
	if t := h.topic(cid); t != nil {
		t.reach(seq)
	}
}

// reach wakes the topic's subscribers if the log has grown beyond what is known.
func (t *topic) reach(seq int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq > t.last {
		t.last = seq
		t.wake()
	}
}

// Posted reports that a message was appended to its channel's log, and passes it to feeds.
func (h *Hub) Posted(m *chat.Message) {
	h.grew(m.CID, true)
	t := h.topic(m.CID)
	if t == nil {
		return
	}
	if event, whole := Posting(m); whole {
		t.told(event, h.Patience)
	} else {
		t.reach(m.Seq)
	}
}

// Posting returns the event for a new message, and whether it is complete: if users are mentioned,
// only their ids are known.
func Posting(m *chat.Message) (chat.Event, bool) {
	return chat.Event{Seq: m.Seq, Type: chat.MessageNew, CID: m.CID, User: m.Sender, Message: m, CreatedAt: m.CreatedAt}, len(m.Mentions) == 0
}

// End reports that a channel was deleted. A new channel with the same cid gets a new topic.
func (h *Hub) End(cid chat.CID) {
	h.mu.Lock()
	t := h.topics[cid]
	delete(h.topics, cid)
	h.mu.Unlock()
	if t != nil {
		t.change(func() { t.gone = true })
	}
}

// Signal sends an ephemeral event to a user or, if user is "", to those who follow its channel, on
// all servers.
func (h *Hub) Signal(user string, event chat.Event) {
	h.DeliverSignal(user, event)
	h.tell(user, event)
}

func (h *Hub) tell(user string, event chat.Event) {
	if h.Tell != nil {
		h.Tell(user, event)
	}
}

// AccessChanged tells the feeds of every channel, and the user's own feed, that the user's rights
// changed.
func (h *Hub) AccessChanged(user string, at time.Time) {
	for _, t := range h.all() {
		t.signal(chat.Event{Type: chat.AccessChanged, CID: t.cid, User: chat.User{ID: user}, CreatedAt: at})
	}
	h.DeliverSignal(user, chat.Event{Type: chat.AccessChanged, User: chat.User{ID: user}, CreatedAt: at})
}

func (h *Hub) topic(cid chat.CID) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[cid]
}

// Channels returns the channels that have subscribers.
func (h *Hub) Channels() []chat.CID {
	topics := h.all()
	cids := make([]chat.CID, len(topics))
	for i, t := range topics {
		cids[i] = t.cid
	}
	return cids
}

// BackOffice reports whether the back office's log has subscribers.
func (h *Hub) BackOffice() bool { return h.topic(chat.CID{}) != nil }

// all returns the topics of all channels.
func (h *Hub) all() []*topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*topic, 0, len(h.topics))
	for cid, t := range h.topics {
		if cid != (chat.CID{}) {
			list = append(list, t)
		}
	}
	return list
}

func (t *topic) signal(event chat.Event) {
	t.change(func() {
		if len(t.signals) == maxSignals {
			t.signals = slices.Delete(t.signals, 0, 1)
		}
		t.signals = append(t.signals, event)
		t.signaled++
	})
}

// change runs fn with the topic locked and wakes its subscribers.
func (t *topic) change(fn func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fn()
	t.wake()
}

// wake wakes the topic's subscribers. The caller must hold t.mu.
func (t *topic) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// end returns the seq of the last known event.
func (t *topic) end() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// wait waits until there is something that the feed hasn't seen.
func (t *topic) wait(ctx context.Context, seq, signaled int64) error {
	for {
		t.mu.Lock()
		news := t.last > seq || t.signaled > signaled || t.gone
		changed := t.changed
		t.mu.Unlock()
		if news {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
