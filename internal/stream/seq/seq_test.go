package seq_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"backchannel/internal/chat"
	"backchannel/internal/stream/seq"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Whatever the times, each message has a seq of its own near its time, in order;
// and it has the same one whichever whole slots it is numbered with.
func TestNumbering(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "n")
		list := make([]chat.Message, n)
		for i := range list {
			micros := epoch.UnixMicro() + rapid.SampledFrom([]int64{0, 0, 1, 9_990, 9_999, 10_000, 25_000}).Draw(t, "base") +
				rapid.Int64Range(0, 3).Draw(t, "more")
			list[i] = chat.Message{ID: fmt.Sprint("m", i), CreatedAt: time.UnixMicro(micros)}
		}
		seq.Assign(list)
		for i, m := range list {
			if i > 0 && (m.Seq <= list[i-1].Seq || m.CreatedAt.Before(list[i-1].CreatedAt)) {
				t.Fatalf("%d at %v comes after %d at %v", m.Seq, m.CreatedAt, list[i-1].Seq, list[i-1].CreatedAt)
			}
			if seq.Slot(m.Seq) != seq.Slot(m.CreatedAt.UnixMicro()) {
				t.Fatalf("%d is not in the slot of its time %d", m.Seq, m.CreatedAt.UnixMicro())
			}
		}
		for from := range n {
			if from > 0 && seq.Slot(list[from].Seq) == seq.Slot(list[from-1].Seq) {
				continue // not whole
			}
			part := slices.Clone(list[from:])
			seq.Assign(part)
			if !slices.EqualFunc(part, list[from:], func(a, b chat.Message) bool { return a.ID == b.ID && a.Seq == b.Seq }) {
				t.Fatal("the seqs depend on what else is numbered")
			}
		}
	})
}

func TestNumberingAsManyAsFit(t *testing.T) {
	list := make([]chat.Message, seq.InSlot)
	for i := range list {
		list[i] = chat.Message{ID: fmt.Sprint("m", i), CreatedAt: epoch.Add(5 * time.Millisecond)}
	}
	seq.Assign(list)
	if first, last := list[0].Seq, list[len(list)-1].Seq; first != epoch.UnixMicro() || last != epoch.UnixMicro()+seq.InSlot-1 {
		t.Errorf("%d messages of one moment have the seqs %d to %d", seq.InSlot, first, last)
	}
}
