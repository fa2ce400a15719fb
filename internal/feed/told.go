package feed

import (
	"time"

	"backchannel/internal/chat"
)

// Told passes on an event that another server has appended to a channel's log. Servers that
// append to one log may be heard in any order: an event that comes early waits for those
// before it, but no longer than the hub's patience. Then feeds read the log.
func (h *Hub) Told(event chat.Event) {
	h.grew(event.CID, event.Type == chat.MessageNew)
	if t := h.topic(event.CID); t != nil {
		t.told(event, h.Patience)
	}
}

func (t *topic) told(event chat.Event, patience time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case event.Seq <= t.last:
		return
	case event.Seq > t.last+1 && t.last > 0 && patience > 0 && len(t.early) < maxRecent:
		if t.early == nil {
			t.early = map[int64]chat.Event{}
			time.AfterFunc(patience, t.hurry)
		}
		t.early[event.Seq] = event
		return
	}
	t.append(event)
}

// append passes on an event, and those that have waited for it. Nobody waits for a reading:
// whoever needs the events after that reads them too. The caller holds t.mu.
func (t *topic) append(event chat.Event) {
	run := []chat.Event{event}
	for seq := event.Seq + 1; ; seq++ {
		next, waits := t.early[seq]
		if !waits {
			break
		}
		delete(t.early, seq)
		run = append(run, next)
	}
	if t.recent.mu.TryLock() {
		t.recent.add(event.Seq-1, run)
		t.recent.mu.Unlock()
	}
	t.last = run[len(run)-1].Seq
	t.wake()
}

// hurry has what waits for earlier events read from the log.
func (t *topic) hurry() {
	t.change(func() {
		for seq := range t.early {
			t.last = max(t.last, seq)
		}
		t.early = nil
	})
}

// Heard passes on what isn't stored and comes from another server: to a user, or if that
// is "" to those who follow the event's channel.
func (h *Hub) Heard(user string, event chat.Event) {
	t := h.topic(event.CID)
	if user != "" {
		h.mu.Lock()
		t = h.users[user]
		h.mu.Unlock()
	}
	switch {
	case t == nil:
	case event.Type == chat.PresenceChanged && t.attends(event.User.ID):
		if !event.Online { // the user is still connected here
			event.Online = true
			h.tell(user, event)
		}
	default:
		t.signal(event)
	}
}
