package feed

import "backchannel/internal/chat"

// Attend counts a connection of a member to a channel until leave is called. It tells the
// channel's subscribers by tell's event when the user's first connection to this server
// opens and when the last one closes.
func (h *Hub) Attend(cid chat.CID, user string, tell func(online bool) chat.Event) (leave func()) {
	t := h.join(cid)
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
	}
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

// exit uncounts it and reports whether it was the last.
func (t *topic) exit(user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.present[user]--; t.present[user] > 0 {
		return false
	}
	delete(t.present, user)
	return true
}
