package fanout_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid" // property tests that shrink what fails; MPL-2.0, in tests only

	"backchannel/internal/chat"
	"backchannel/internal/transport/fanout"
)

// record is a log in memory, with feeds that read from it.
type record struct {
	mu      sync.Mutex
	events  []chat.Event
	changed chan struct{}
}

func (r *record) publish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, chat.Event{Seq: int64(len(r.events) + 1), Type: chat.MessageNew})
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *record) end() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int64(len(r.events))
}

// feed gives at most so many events at a time.
func (r *record) feed(after int64, atMost int) chat.Feed {
	place := after
	next := func(ctx context.Context) ([]chat.Event, error) {
		for {
			r.mu.Lock()
			list, changed := r.events[place:], r.changed
			r.mu.Unlock()
			if len(list) > 0 {
				list = list[:min(len(list), atMost)]
				place = list[len(list)-1].Seq
				return list, nil
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-changed:
			}
		}
	}
	return chat.Feed{Start: after, End: r.end, Next: next, Close: func() {}}
}

// sink checks that its events come once and in order.
type sink struct {
	mu    sync.Mutex
	last  int64
	fault error
	slow  int // how often others go first before it has taken what came
}

func (s *sink) Deliver(list []*fanout.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range list {
		if e.Seq != s.last+1 || string(e.JSON) != fmt.Sprint(e.Seq) {
			s.fault = fmt.Errorf("the event %d %s comes after %d", e.Seq, e.JSON, s.last)
		}
		s.last = e.Seq
	}
}

func (s *sink) Settle(ctx context.Context) error {
	for range s.slow {
		runtime.Gosched()
	}
	return ctx.Err()
}

func (s *sink) End(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fmt.Errorf("ended: %w", err)
}

func (s *sink) state() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.fault
}

// Members join anywhere in a log that grows, leave, and come back after what they have
// seen, while their group delivers. Each sees each event once and in order, and members
// that stay see all of them.
func TestMembersSeeEachEventOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &record{changed: make(chan struct{})}
		var groups fanout.Groups[string]
		var joining sync.WaitGroup
		type member struct {
			*fanout.Member[string]
			sink *sink
		}
		var members []member
		join := func(after int64, t *rapid.T) {
			m := member{sink: &sink{last: after, slow: rapid.IntRange(0, 20).Draw(t, "slow")}}
			m.Member = &fanout.Member[string]{Sink: m.sink, MayRead: func(context.Context) error { return nil }}
			start := fanout.Start[string]{
				Key: "all", Feed: r.feed(after, rapid.IntRange(1, 40).Draw(t, "batch")),
				Render: func() fanout.Render { return func(e *chat.Event) []byte { return fmt.Append(nil, e.Seq) } },
			}
			members = append(members, m)
			joining.Go(func() { _ = groups.Join(context.Background(), start, m.Member) })
		}
		t.Repeat(map[string]func(*rapid.T){
			"publish": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 5, 30, 100}).Draw(t, "events") {
					r.publish()
				}
			},
			"join": func(t *rapid.T) { join(rapid.Int64Range(0, r.end()).Draw(t, "after"), t) },
			"leave and come back": func(t *rapid.T) {
				if len(members) == 0 {
					t.Skip("nobody is there")
				}
				i := rapid.IntRange(0, len(members)-1).Draw(t, "who")
				joining.Wait()
				groups.Leave(members[i].Member)
				last, fault := members[i].sink.state()
				if fault != nil {
					t.Fatal(fault)
				}
				members = slices.Delete(members, i, i+1)
				join(last, t)
			},
		})
		joining.Wait()
		for i, m := range members {
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Microsecond) {
				last, fault := m.sink.state()
				if fault != nil || time.Now().After(deadline) {
					t.Fatalf("member %d at %d of %d: %v", i, last, r.end(), fault)
				}
				if last == r.end() {
					break
				}
			}
			groups.Leave(m.Member)
		}
		groups.Wait()
	})
}

// However many members a group has, each event is rendered once.
func TestAnEventIsRenderedOnce(t *testing.T) {
	const events = 100
	r := &record{changed: make(chan struct{})}
	var groups fanout.Groups[string]
	var rendered atomic.Int64
	members, sinks := make([]*fanout.Member[string], 200), make([]sink, 200)
	for i := range members {
		members[i] = &fanout.Member[string]{Sink: &sinks[i], MayRead: func(context.Context) error { return nil }}
		err := groups.Join(t.Context(), fanout.Start[string]{Key: "all", Feed: r.feed(0, 10), Render: func() fanout.Render {
			return func(e *chat.Event) []byte {
				rendered.Add(1)
				return fmt.Append(nil, e.Seq)
			}
		}}, members[i])
		if err != nil {
			t.Fatal(err)
		}
	}
	for range events {
		r.publish()
	}
	for i := range sinks {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			last, fault := sinks[i].state()
			if fault != nil || time.Now().After(deadline) {
				t.Fatalf("member %d at %d: %v", i, last, fault)
			}
			if last == events {
				break
			}
		}
		groups.Leave(members[i])
	}
	groups.Wait()
	if n := rendered.Load(); n != events {
		t.Errorf("%d events were rendered %d times", events, n)
	}
}

// patientSink is a peer that takes nothing until it is waited for.
type patientSink struct {
	sink
	waiting, most int
}

func (s *patientSink) Deliver(list []*fanout.Event) {
	s.sink.Deliver(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting += len(list)
	s.most = max(s.most, s.waiting)
}

func (s *patientSink) Settle(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = 0
	return ctx.Err()
}

// A member that starts far back is waited for, also if it is alone, and doesn't delay
// members that join later.
func TestComingFromFarBehind(t *testing.T) {
	r := &record{changed: make(chan struct{})}
	for range 20_000 {
		r.publish()
	}
	var groups fanout.Groups[string]
	join := func(s fanout.Sink, after int64) *fanout.Member[string] {
		m := &fanout.Member[string]{Sink: s, MayRead: func(context.Context) error { return nil }}
		err := groups.Join(t.Context(), fanout.Start[string]{
			Key: "all", Feed: r.feed(after, 500),
			Render: func() fanout.Render { return func(e *chat.Event) []byte { return fmt.Append(nil, e.Seq) } },
		}, m)
		if err != nil {
			t.Error(err)
		}
		return m
	}
	far, near := &patientSink{}, &sink{last: r.end()}
	members := []*fanout.Member[string]{join(far, 0), join(near, r.end())}
	r.publish()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		last, fault := far.state()
		latest, otherFault := near.state()
		if fault != nil || otherFault != nil || time.Now().After(deadline) {
			t.Fatalf("at %d and %d of %d: %v, %v", last, latest, r.end(), fault, otherFault)
		}
		if last == r.end() && latest == r.end() {
			break
		}
	}
	if far.most > 100 {
		t.Errorf("%d events waited for the peer", far.most)
	}
	for _, m := range members {
		groups.Leave(m)
	}
	groups.Wait()
}
