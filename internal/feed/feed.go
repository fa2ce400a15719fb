package feed

import (
	"context"
	"slices"
	"sync"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Batch is the maximum number of events that one reading returns.
const Batch = 500

const maxRecent = 1_000 // events kept in memory for the other feeds of a topic

// Log reads the log of a feed.
type Log struct {
	// End returns the end of the log. NotFound.
	End func(ctx context.Context) (sqlstore.LogEnd, error)
	// Read returns the first events of a part of the log, in order. NotFound.
	Read func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error)
}

func refetch() error {
	return &chat.Error{Code: chat.Refetch, Field: "after",
		Message: "The log no longer reaches back to this seq. Query again, and subscribe from the seq that you then have."}
}

// feed is one subscriber's position in a log.
type feed struct {
	topic    *topic
	log      Log
	seq      int64 // of the last event given
	signaled int64 // number of the last ephemeral event returned
}

// Open opens a feed of a log, after a seq or from now on. The zero cid is the back office's log. It
// fails with Refetch, or the error of [Log.End].
func (h *Hub) Open(ctx context.Context, cid chat.CID, log Log, after *int64) (chat.Feed, error) {
	t := h.join(cid) // before reading the end of the log, so that no event is missed
	end, err := log.End(ctx)
	if err == nil && after != nil && (*after < end.Floor || *after > end.Seq) {
		err = refetch()
	}
	if err != nil {
		h.leave(t)
		return chat.Feed{}, err
	}
	f := &feed{topic: t, log: log, seq: end.Seq}
	if after != nil {
		f.seq = *after
	}
	t.change(func() {
		t.last = max(t.last, end.Seq)
		f.signaled = t.signaled
	})
	var once sync.Once
	return chat.Feed{Start: f.seq, End: t.end, Next: f.next, Close: func() { once.Do(func() { h.leave(t) }) }}, nil
}

func (f *feed) next(ctx context.Context) ([]chat.Event, error) {
	for {
		if err := f.topic.wait(ctx, f.seq, f.signaled); err != nil {
			return nil, err
		}
		list, err := f.topic.events(ctx, f.log, f.seq)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			f.seq = list[len(list)-1].Seq
			return list, nil
		}
		if list = f.signals(); len(list) > 0 {
			return list, nil
		}
	}
}

// signals returns the ephemeral events that the feed hasn't returned yet. They have the seq of the
// last event that it returned, even if the log has grown since.
func (f *feed) signals() []chat.Event {
	f.topic.mu.Lock()
	defer f.topic.mu.Unlock()
	fresh := min(int(f.topic.signaled-f.signaled), len(f.topic.signals))
	f.signaled = f.topic.signaled
	list := slices.Clone(f.topic.signals[len(f.topic.signals)-fresh:])
	for i := range list {
		list[i].Seq = f.seq
	}
	return list
}

// recent is the newest part of a log, read once for all feeds that keep up.
type recent struct {
	mu    sync.Mutex
	list  []chat.Event // consecutive, ending where the last reading ended
	after int64        // the seq before the first one
}

// events returns the events after a seq, from memory if another feed has read them, otherwise from
// the database. If the channel is deleted, it returns that error.
func (t *topic) events(ctx context.Context, log Log, after int64) ([]chat.Event, error) {
	t.mu.Lock()
	last, gone := t.last, t.gone
	t.mu.Unlock()
	if gone {
		return nil, chat.NoChannel("cid")
	}
	if last <= after {
		return nil, nil
	}
	t.recent.mu.Lock()
	defer t.recent.mu.Unlock()
	if list := t.recent.since(after); len(list) > 0 {
		return list, nil
	}
	list, err := log.Read(ctx, sqlstore.Span{After: after, UpTo: last, Limit: Batch})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Seq != after+1 {
		return nil, refetch() // the next event was removed in the meantime
	}
	t.recent.add(after, list)
	return list, nil
}

// since returns the events in memory after a seq, nil if the first of them isn't in memory.
func (r *recent) since(after int64) []chat.Event {
	if skip := after - r.after; skip >= 0 && skip < int64(len(r.list)) {
		return r.list[skip:]
	}
	return nil
}

// add stores the events after a seq. If they don't follow those in memory, the list that ends later
// is kept, or of two that end together the one that begins earlier.
func (r *recent) add(after int64, list []chat.Event) {
	end, newEnd := r.after+int64(len(r.list)), after+int64(len(list))
	if newEnd < end || newEnd == end && after >= r.after {
		return
	}
	if after != end || slices.ContainsFunc(list, chat.Event.AltersMessage) {
		r.after, r.list = after, nil
	} else if over := len(r.list) + len(list) - maxRecent; over > 0 {
		over = min(len(r.list), over+maxRecent/2) // dropping half at a time makes copying rare
		r.after, r.list = r.after+int64(over), slices.Clone(r.list[over:])
	}
	r.list = append(r.list, list...) // feeds that hold the old slice don't see the appended events
}
