// Package seq numbers the messages of a channel at Stream, which doesn't number them.
//
// A message's seq here is its time in microseconds, which fits a JSON number and increases as a seq
// must, except for messages of the same microsecond. So that each message has a seq of its own, and
// the same one in every answer, seqs are assigned slot by slot, a slot being ten milliseconds: within
// a slot, in the order of time and id, each message gets its time or, if that is taken, the next
// number; at the slot's end, numbers before that. Numbering a message requires all messages of its
// slot. A slot has room for 10,000 messages, so that many messages of a channel may have the same
// time, for instance after an import. If there are more, the last ones share their numbers with the
// next slot's.
package seq

import (
	"cmp"
	"slices"
	"time"

	"backchannel/internal/chat"
)

const (
	slotLength = 10 * time.Millisecond
	// InSlot is how many seqs a slot has.
	InSlot = int64(slotLength / time.Microsecond)
)

// Slot returns the slot of a time in microseconds, identified by its first seq.
func Slot(micros int64) int64 { return micros - micros%InSlot }

// Assign assigns seqs to the messages and sorts them. Their slots must be complete.
func Assign(list []chat.Message) {
	slices.SortFunc(list, func(a, b chat.Message) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	for begin := 0; begin < len(list); {
		slot := Slot(list[begin].CreatedAt.UnixMicro())
		end, next := begin, slot
		for ; end < len(list) && Slot(list[end].CreatedAt.UnixMicro()) == slot; end++ {
			list[end].Seq = max(next, list[end].CreatedAt.UnixMicro())
			next = list[end].Seq + 1
		}
		for i, limit := end-1, slot+InSlot; i >= begin && list[i].Seq >= limit; i-- {
			limit--
			list[i].Seq = limit
		}
		begin = end
	}
}
