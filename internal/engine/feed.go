package engine

import (
	"context"
	"slices"
	"sync"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const (
	feedBatch = 500   // events of one reading
	maxRecent = 1_000 // events kept in memory for a topic's further feeds
)

// source is where a feed's events are read from.
type source struct {
	end  func(ctx context.Context) (sqlstore.LogEnd, error)
	read func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error)
}

func (e *Engine) channelLog(cid chat.CID) source {
	return source{
		end: func(ctx context.Context) (sqlstore.LogEnd, error) {
			end, found, err := e.store.ChannelLog(ctx, cid)
			if err == nil && !found {
				err = noChannel("cid")
			}
			return end, err
		},
		read: func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error) {
			list, found, err := e.store.Events(ctx, cid, part)
			if err == nil && !found {
				err = noChannel("cid")
			}
			for _, event := range list {
				if event.Message != nil {
					*event.Message = e.shown(*event.Message)
				}
			}
			return list, err
		},
	}
}

func (e *Engine) backOfficeLog() source {
	return source{end: e.store.BackOfficeLog, read: e.store.BackOfficeEvents}
}

// Subscribe implements chat.Provider.
func (e *Engine) Subscribe(ctx context.Context, req chat.Subscribe) (chat.Feed, error) {
	if err := e.MayRead(ctx, req.By, req.CID); err != nil {
		return chat.Feed{}, err
	}
	return e.open(ctx, req.CID, e.channelLog(req.CID), req.After)
}

// SubscribeBackOffice implements chat.Provider.
func (e *Engine) SubscribeBackOffice(ctx context.Context, after *int64) (chat.Feed, error) {
	return e.open(ctx, chat.CID{}, e.backOfficeLog(), after)
}

func refetch() error {
	return &chat.Error{Code: chat.Refetch, Field: "after",
		Message: "The log no longer reaches back to this seq. Query again, and subscribe from the seq that you then have."}
}

// feed is one listener's place in a log.
type feed struct {
	topic    *topic
	source   source
	seq      int64 // of the last event given
	signaled int64 // of the last ephemeral event given
}

func (e *Engine) open(ctx context.Context, cid chat.CID, src source, after *int64) (chat.Feed, error) {
	t := e.hub.join(cid) // before asking where the log stands, so that nothing falls between
	end, err := src.end(ctx)
	if err == nil && after != nil && (*after < end.Floor || *after > end.Seq) {
		err = refetch()
	}
	if err != nil {
		e.hub.leave(t)
		return chat.Feed{}, err
	}
	f := &feed{topic: t, source: src, seq: end.Seq}
	if after != nil {
		f.seq = *after
	}
	t.change(func() {
		t.last = max(t.last, end.Seq)
		f.signaled = t.signaled
	})
	var once sync.Once
	return chat.Feed{Start: f.seq, End: t.end, Next: f.next, Close: func() { once.Do(func() { e.hub.leave(t) }) }}, nil
}

func (f *feed) next(ctx context.Context) ([]chat.Event, error) {
	for {
		if err := f.topic.wait(ctx, f.seq, f.signaled); err != nil {
			return nil, err
		}
		list, err := f.topic.events(ctx, f.source, f.seq)
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

// signals returns the ephemeral events that the feed has not given yet. Whatever
// the log has come to meanwhile, they come after the event that it gave last.
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
	list  []chat.Event // consecutive, ends where the last reading ended
	after int64        // the seq before the first of them
}

// events returns what comes after a seq: from memory where another feed has read
// it already, else from the database. Where the channel is gone it says so, after
// the last event.
func (t *topic) events(ctx context.Context, src source, after int64) ([]chat.Event, error) {
	t.mu.Lock()
	last, gone := t.last, t.gone
	t.mu.Unlock()
	if gone {
		return nil, noChannel("cid")
	}
	if last <= after {
		return nil, nil
	}
	t.recent.mu.Lock()
	defer t.recent.mu.Unlock()
	if list := t.recent.since(after); len(list) > 0 {
		return list, nil
	}
	list, err := src.read(ctx, sqlstore.Span{After: after, UpTo: last, Limit: feedBatch})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Seq != after+1 {
		return nil, refetch() // what comes next was forgotten meanwhile
	}
	t.recent.add(after, list)
	return list, nil
}

// since returns the events kept that come after a seq, where none is missing
// between.
func (r *recent) since(after int64) []chat.Event {
	if skip := after - r.after; skip >= 0 && skip < int64(len(r.list)) {
		return r.list[skip:]
	}
	return nil
}

// add keeps what comes after a seq. Where it doesn't join what is kept, that which
// goes further stays, or begins earlier.
func (r *recent) add(after int64, list []chat.Event) {
	end, newEnd := r.after+int64(len(r.list)), after+int64(len(list))
	if newEnd < end || newEnd == end && after >= r.after {
		return
	}
	if after != end || slices.ContainsFunc(list, chat.Event.AltersMessage) {
		r.after, r.list = after, nil
	} else if over := len(r.list) + len(list) - maxRecent; over > 0 {
		over = min(len(r.list), over+maxRecent/2) // moving half of it at a time costs little
		r.after, r.list = r.after+int64(over), slices.Clone(r.list[over:])
	}
	r.list = append(r.list, list...) // feeds that hold the shorter list don't see what comes after it
}
