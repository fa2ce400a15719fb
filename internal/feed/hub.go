package feed

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"backchannel/internal/chat"
)

// Hub knows the end of each log that has subscribers, and wakes them. The zero Hub is empty
// and ready. The log in the database is the truth, and each feed reads on from its
// position. A new message is passed on only to save the feeds directly before it from
// reading. So a lost wake-up costs time, never an event.
type Hub struct {
	// Tell passes on to other servers what isn't stored: for a user, or if that is "" for
	// those who follow the event's channel. It must not block. Nil if there are none.
	Tell func(user string, event chat.Event)
	// Patience is how long events wait for those before them, which another server has
	// appended and is about to tell of. Zero if servers don't tell.
	Patience time.Duration

	mu     sync.Mutex
	topics map[chat.CID]*topic // the zero cid is the back office
	users  map[string]*topic   // what is sent to a user, by id; nothing of it is in a log
	online map[string]int      // connections of users who attend a channel or have a feed of their own

	follower atomic.Pointer[func(chat.CID, bool)]
}

// Follow has fn told of each log that grows, by its cid, with or without subscribers, and
// whether that is known to be by a new message. It must not block. Nil ends that.
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

// topic is the subscribers of one log.
type topic struct {
	cid       chat.CID
	listeners int // guarded by Hub.mu

	mu      sync.Mutex
	last    int64         // seq of the newest entry known of
	gone    bool          // the channel is deleted
	changed chan struct{} // closed and replaced with every change
	recent  recent
	early   map[int64]chat.Event // that wait for those before them, by seq

	signals  []chat.Event // not stored, without a seq; the newest maxSignals
	signaled int64        // how many there ever were
	present  map[string]int
}

// maxSignals is how many ephemeral events a feed may lag behind before it misses
// some.
const maxSignals = 64

// join returns the topic of a log, for one more subscriber.
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

// leave frees the topic when its last subscriber leaves.
func (h *Hub) leave(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.listeners--; t.listeners == 0 && h.topics[t.cid] == t {
		delete(h.topics, t.cid)
	}
}

// Advance says that a log has reached a seq. Calls for one log may come in any order.
func (h *Hub) Advance(cid chat.CID, seq int64) {
	h.grew(cid, false)
	if t := h.topic(cid); t != nil {
		t.change(func() {
			t.last = max(t.last, seq)
		})
	}
}

// Posted says that a message is in its channel's log, and passes it on.
func (h *Hub) Posted(m *chat.Message) {
	h.grew(m.CID, true)
	t := h.topic(m.CID)
	if t == nil {
		return
	}
	if event, whole := Posting(m); whole {
		t.told(event, h.Patience)
	} else {
		t.change(func() { t.last = max(t.last, m.Seq) })
	}
}

// Posting returns the event that a message is new, and whether it is whole: of mentioned
// users only the ids are known.
func Posting(m *chat.Message) (chat.Event, bool) {
	return chat.Event{Seq: m.Seq, Type: chat.MessageNew, CID: m.CID, User: m.Sender, Message: m, CreatedAt: m.CreatedAt}, len(m.Mentions) == 0
}

// End says that a channel is deleted. A new channel with the same cid gets a topic of its
// own.
func (h *Hub) End(cid chat.CID) {
	h.mu.Lock()
	t := h.topics[cid]
	delete(h.topics, cid)
	h.mu.Unlock()
	if t != nil {
		t.change(func() { t.gone = true })
	}
}

// Signal passes an event on that isn't stored, to a user, or if that is "" to those who
// follow its channel, also at other servers.
func (h *Hub) Signal(user string, event chat.Event) {
	h.Heard(user, event)
	h.tell(user, event)
}

func (h *Hub) tell(user string, event chat.Event) {
	if h.Tell != nil {
		h.Tell(user, event)
	}
}

// AccessChanged tells every channel's feeds, and the user's own, that its rights changed.
func (h *Hub) AccessChanged(user string, at time.Time) {
	for _, t := range h.all() {
		t.signal(chat.Event{Type: chat.AccessChanged, CID: t.cid, User: chat.User{ID: user}, CreatedAt: at})
	}
	h.Heard(user, chat.Event{Type: chat.AccessChanged, User: chat.User{ID: user}, CreatedAt: at})
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

// all returns the topics of channels.
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

// change changes the topic and wakes its subscribers.
func (t *topic) change(fn func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fn()
	t.wake()
}

// wake wakes the topic's subscribers. The caller holds t.mu.
func (t *topic) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// end returns the seq of the last event that is known.
func (t *topic) end() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// wait returns at once if there is something that the feed hasn't seen.
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
