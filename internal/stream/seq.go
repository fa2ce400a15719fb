package stream

import (
	"cmp"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// Stream doesn't number messages. A message's seq here is its time in
// microseconds, which fits a JSON number and grows as a seq must, but for
// messages of the same microsecond. So that each has a seq of its own, and the
// same one in every answer, seqs are given out slot by slot, a slot being ten
// milliseconds: within one, in the order of time and id, each message gets its
// time or, where that is taken, the next number; at the slot's end, numbers before
// that. It takes all messages of a slot to number one. A slot has room for 10,000
// messages, which is how many of one channel may bear the same time, say after an
// import; of more, the last would share their number with the next slot's.
const (
	slotLength = 10 * time.Millisecond
	slotSeqs   = int64(slotLength / time.Microsecond)
)

// slotOf is the slot of a time in microseconds, by its first seq.
func slotOf(micros int64) int64 { return micros - micros%slotSeqs }

// number gives the messages their seqs and puts them in order. Their slots must be
// whole.
func number(list []chat.Message) {
	slices.SortFunc(list, func(a, b chat.Message) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	for begin := 0; begin < len(list); {
		slot := slotOf(list[begin].CreatedAt.UnixMicro())
		end, next := begin, slot
		for ; end < len(list) && slotOf(list[end].CreatedAt.UnixMicro()) == slot; end++ {
			list[end].Seq = max(next, list[end].CreatedAt.UnixMicro())
			next = list[end].Seq + 1
		}
		for i, limit := end-1, slot+slotSeqs; i >= begin && list[i].Seq >= limit; i-- {
			limit--
			list[i].Seq = limit
		}
		begin = end
	}
}
