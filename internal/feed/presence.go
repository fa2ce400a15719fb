package feed

import (
	"maps"
	"slices"

	"backchannel/internal/chat"
)

// Attend counts a connection of a member to a channel until leave is called. It signals tell's
// event to the channel's subscribers when the user's first connection to this server opens and when
// the last one closes.
func (h *Hub) Attend(cid chat.CID, user string, tell func(online bool) chat.Event) (leave func()) {
	t := h.join(cid)
	gone := h.connect(user)
	signal := func(online bool) {
		event := tell(online)
		t.signal(event)
		h.tell("", event)
	}
	if t.enter(user) {
		signal(true)
	}
	return func() {
		if t.exit(user) {
			signal(false)
		}
		h.leave(t)
		gone()
	}
}

// connect counts a connection of a user to this server until gone is called.
func (h *Hub) connect(user string) (gone func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.online == nil {
		h.online = map[string]int{}
	}
	h.online[user]++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.online[user]--; h.online[user] == 0 {
			delete(h.online, user)
		}
	}
}

// Online returns the users who attend a channel at this server, or have a feed of their own.
func (h *Hub) Online() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.online))
}

// IsOnline reports whether a user attends a channel at this server or has a feed of its own.
func (h *Hub) IsOnline(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.online[user] > 0
}

// enter counts a connection of a user and reports whether it is the first.
func (t *topic) enter(user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.present[user]++
	return t.present[user] == 1
}

// attends reports whether the user has a connection.
func (t *topic) attends(user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.present[user] > 0
}

// exit removes a connection of a user and reports whether it was the last.
func (t *topic) exit(user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.present[user]--; t.present[user] > 0 {
		return false
	}
	delete(t.present, user)
	return true
}
