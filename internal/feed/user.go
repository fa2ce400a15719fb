package feed

import (
	"sync"

	"backchannel/internal/chat"
)

// OpenUser opens a feed of the ephemeral events that are sent to a user from now on.
func (h *Hub) OpenUser(user string) chat.Feed {
	t := h.joinUser(user)
	f, gone := &feed{topic: t}, h.connect(user)
	t.change(func() { f.signaled = t.signaled })
	var once sync.Once
	return chat.Feed{End: t.end, Next: f.next, Close: func() {
		once.Do(func() {
			h.leaveUser(user, t)
			gone()
		})
	}}
}

// joinUser returns the topic of a user and adds a subscriber to it.
func (h *Hub) joinUser(user string) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users == nil {
		h.users = map[string]*topic{}
	}
	t := h.users[user]
	if t == nil {
		t = newTopic(chat.CID{})
		h.users[user] = t
	}
	t.listeners++
	return t
}

// leaveUser removes a subscriber, and the topic after its last one.
func (h *Hub) leaveUser(user string, t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.listeners--; t.listeners == 0 {
		delete(h.users, user)
	}
}
