package bus_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

// Whatever frames are lost, doubled, late or in another order, each subscriber gets each
// entry of the log once and in order.
func TestFramesOnABadNetwork(t *testing.T) { rapid.Check(t, badNetwork) }

func FuzzFramesOnABadNetwork(f *testing.F) { f.Fuzz(rapid.MakeFuzz(badNetwork)) }

func badNetwork(t *rapid.T) {
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	var log []chat.Event // the database's
	hub := feed.Hub{Patience: time.Millisecond}
	reading := feed.Log{
		End: func(context.Context) (sqlstore.LogEnd, error) { return sqlstore.LogEnd{Seq: int64(len(log))}, nil },
		Read: func(_ context.Context, part sqlstore.Span) ([]chat.Event, error) {
			return log[part.After:min(part.UpTo, int64(len(log)), part.After+int64(part.Limit))], nil
		},
	}
	readOn := func() { hub.Advance(cid, int64(len(log))) }
	b := bus.NewQuiet(bus.Options{Logger: slog.New(slog.DiscardHandler), Epoch: "ours"}, bus.Handler{
		Missed: readOn,
		Entries: func(list []bus.Entry) {
			for _, e := range list {
				if e.Event != nil {
					hub.Receive(*e.Event)
				} else {
					hub.Advance(e.CID, e.Seq)
				}
			}
		},
	})
	open := func(after int64) *subscriber {
		f, err := hub.Open(t.Context(), cid, reading, &after)
		if err != nil {
			t.Fatal(err)
		}
		return &subscriber{feed: f, position: after}
	}
	subscribers := []*subscriber{open(0)}
	numbers := map[string]int64{}
	var wire [][]byte // on its way
	servers := []string{"a", "b", "c"}
	t.Repeat(map[string]func(*rapid.T){
		"commit": func(t *rapid.T) {
			from := rapid.SampledFrom(servers).Draw(t, "from")
			var entries []bus.Entry
			for range rapid.IntRange(1, 4).Draw(t, "entries") {
				seq := int64(len(log) + 1)
				kind := rapid.SampledFrom([]chat.EventType{chat.MessageNew, chat.MessageUpdated, chat.MemberAdded}).Draw(t, "kind")
				log = append(log, chat.Event{Seq: seq, CID: cid, Type: kind})
				entry := bus.Entry{CID: cid, Seq: seq}
				if rapid.Bool().Draw(t, "whole") {
					entry.Event = &log[seq-1]
				}
				entries = append(entries, entry)
			}
			numbers[from]++
			wire = append(wire, bus.Frame(from, numbers[from], entries))
		},
		"deliver": func(t *rapid.T) {
			if len(wire) == 0 {
				t.Skip("nothing is on its way")
			}
			at := 0
			if rapid.IntRange(0, 3).Draw(t, "order") == 0 {
				at = rapid.IntRange(0, len(wire)-1).Draw(t, "which")
			}
			switch rapid.SampledFrom([]string{"once", "once", "twice", "never"}).Draw(t, "how often") {
			case "twice":
				b.Hear(wire[at])
				fallthrough
			case "once":
				b.Hear(wire[at])
			}
			wire = slices.Delete(wire, at, at+1)
		},
		"subscribe": func(t *rapid.T) {
			subscribers = append(subscribers, open(rapid.Int64Range(0, int64(len(log))).Draw(t, "after")))
		},
		"read": func(t *rapid.T) {
			s := rapid.SampledFrom(subscribers).Draw(t, "who")
			if s.position < s.feed.End() {
				s.read(t)
			}
		},
		"": func(*rapid.T) {},
	})
	for _, server := range slices.Sorted(maps.Keys(numbers)) {
		b.Hear(bus.Frame(server, numbers[server], nil)) // each beats in the end
	}
	for _, s := range subscribers {
		for s.position < int64(len(log)) {
			s.read(t)
		}
		s.feed.Close()
	}
}

type subscriber struct {
	feed     chat.Feed
	position int64
}

// read takes the next events, and checks that they are the next.
func (s *subscriber) read(t *rapid.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	list, err := s.feed.Next(ctx)
	if err != nil {
		t.Fatalf("after %d: %v", s.position, err)
	}
	for _, e := range list {
		if e.Seq != s.position+1 {
			t.Fatalf("after %d comes %d", s.position, e.Seq)
		}
		s.position = e.Seq
	}
}

// An event is the same after its way over the bus, whatever it has.
func TestEventsSurviveTheWay(t *testing.T) {
	var sent, got bus.Entry
	fill(reflect.ValueOf(&sent).Elem(), 0)
	sent.Event.Message.Attachments = []json.RawMessage{json.RawMessage(`{"title":"<b> & \"c\"","n":12345678901234567890}`)}
	sent.Event.Message.Custom = map[string]any{"n": json.Number("12345678901234567890"), "list": []any{"a", true, nil}}
	text, err := chat.Encode(sent)
	if err == nil {
		err = chat.Decode(text, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
	if text, err = chat.Encode(chat.Event{}); err != nil || len(text) > 4 {
		t.Errorf("an empty event takes %d bytes: %s, %v", len(text), text, err)
	}
}

// fill gives every field a value that isn't zero.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth < 8 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth+1)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.UnixMicro(1_790_000_000_123_456).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		if v.Type() != reflect.TypeFor[[]json.RawMessage]() && depth < 8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Interface:
		v.Set(reflect.ValueOf("any"))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(7)
	default:
		v.SetInt(7)
	}
}
