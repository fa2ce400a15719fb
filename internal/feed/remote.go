package feed

import (
	"time"

	"backchannel/internal/chat"
)

// Receive passes on an event that another server has appended to a channel's log. Events from several
// servers may arrive out of order: an early event waits for earlier ones, but not longer than the
// hub's patience. After that, feeds read the log.
func (h *Hub) Receive(event chat.Event) {
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
			time.AfterFunc(patience, t.skipGap)
		}
		t.early[event.Seq] = event
		return
	}
	t.append(event)
}

// append passes on an event and those that have waited for it. It doesn't wait while a feed reads
// the log: that feed reads these events too. The caller must hold t.mu.
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

// skipGap drops the waiting events, so that feeds read the log.
func (t *topic) skipGap() {
	t.change(func() {
		for seq := range t.early {
			t.last = max(t.last, seq)
		}
		t.early = nil
	})
}

// DeliverSignal passes on an ephemeral event here: to a user or, if user is "", to those who
// follow the event's channel.
func (h *Hub) DeliverSignal(user string, event chat.Event) {
	t := h.topic(event.CID)
	if user != "" {
		h.mu.Lock()
		t = h.users[user]
		h.mu.Unlock()
	}
	switch {
	case t == nil:
	case event.Type == chat.PresenceChanged && t.attends(event.User.ID):
		if !event.Online { // the user is still connected to this server
			event.Online = true
			h.tell(user, event)
		}
	default:
		t.signal(event)
	}
}
