package bus

import (
	"time"

	"github.com/nats-io/nats.go"

	"backchannel/internal/chat"
)

// frame has the log entries of one committed batch. A heartbeat has no entries, and the number of
// the frame before it.
type frame struct {
	Node    string
	Epoch   string
	Number  int64   // increases by one
	Entries []Entry `json:",omitzero"`
}

// Send sends the log entries of a batch to other servers. It doesn't block: if too much is waiting,
// it drops the batch, and receivers notice the gap.
func (b *Bus) Send(list []Entry) {
	if b == nil || len(list) == 0 {
		return
	}
	size := sizeOf(list)
	if b.queued.Add(size) <= maxQueueBytes {
		select {
		case b.queue <- list:
			return
		default:
		}
	}
	b.queued.Add(-size)
	b.dropped.Add(1)
	b.o.Metrics.BusDropped()
}

func sizeOf(list []Entry) (size int64) {
	const fixed = 100
	for _, e := range list {
		size += fixed
		if e.Event != nil && e.Event.Message != nil {
			size += int64(e.Event.Message.Size())
		}
	}
	return size
}

// Signal sends an ephemeral event to other servers. It doesn't block.
func (b *Bus) Signal(s Signal) {
	if b == nil {
		return
	}
	select {
	case b.signals <- s:
	default:
		b.o.Metrics.BusDropped()
	}
}

// run sends what is waiting, and heartbeats, until the bus is closed.
func (b *Bus) run() {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	number := int64(0)
	for {
		select {
		case list := <-b.queue:
			number = b.forward(list, number)
		case s := <-b.signals:
			b.publish("signals", s)
		case <-beat.C:
			number += b.dropped.Swap(0)
			b.publish("log", frame{Node: b.o.Node, Epoch: b.o.Epoch, Number: number})
			b.look(time.Now())
		case <-b.stop:
			b.drain(number)
			return
		}
	}
}

func (b *Bus) drain(number int64) {
	for {
		select {
		case list := <-b.queue:
			number = b.forward(list, number)
		case s := <-b.signals:
			b.publish("signals", s)
		default:
			return
		}
	}
}

// forward sends one batch after the frame with that number, and returns the number of its last
// frame.
func (b *Bus) forward(list []Entry, number int64) int64 {
	size := sizeOf(list)
	b.handler.Complete(list)
	number = b.sendFrames(list, number+b.dropped.Swap(0))
	b.queued.Add(-size)
	return number
}

// sendFrames sends the entries in one frame, or in several if NATS doesn't accept a message of that
// size. If an event is too large on its own, it is left out.
func (b *Bus) sendFrames(list []Entry, number int64) int64 {
	text, err := chat.Encode(frame{b.o.Node, b.o.Epoch, number + 1, list})
	if limit := b.conn.MaxPayload(); err != nil || limit > 0 && int64(len(text)) > limit {
		if half := len(list) / 2; half > 0 {
			return b.sendFrames(list[half:], b.sendFrames(list[:half], number))
		}
		text, _ = chat.Encode(frame{b.o.Node, b.o.Epoch, number + 1, []Entry{{CID: list[0].CID, Seq: list[0].Seq}}})
	}
	b.pass("log", text)
	b.o.Metrics.BusFrame("sent")
	return number + 1
}

// publish sends a value that can always be encoded.
func (b *Bus) publish(what string, v any) {
	if text, err := chat.Encode(v); err == nil {
		b.pass(what, text)
	}
}

func (b *Bus) pass(what string, text []byte) {
	if err := b.conn.Publish(b.subject(what), text); err != nil {
		b.o.Metrics.BusDropped() // receivers notice the gap by the number
	}
}

// hear handles a frame of another server.
func (b *Bus) hear(m *nats.Msg) {
	var f frame
	if err := chat.Decode(m.Data, &f); err != nil || f.Epoch == "" || f.Epoch == b.o.Epoch {
		if err != nil {
			b.o.Logger.Warn("a frame from NATS can't be read", "cause", err)
			b.gap()
		}
		return
	}
	b.o.Metrics.BusFrame("received")
	fresh, gap, first := b.note(f, time.Now())
	if first {
		b.o.Logger.Info("another server is heard", "node", f.Node)
	}
	if fresh && len(f.Entries) > 0 {
		b.handler.Entries(f.Entries)
	}
	if gap {
		b.gap()
	}
}

// note tracks a server's frames. It reports whether the frame is new, whether some before it may be
// missing, and whether it is the server's first.
func (b *Bus) note(f frame, now time.Time) (fresh, gap, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.peers[f.Epoch]
	if p == nil {
		if len(b.peers) >= maxPeers {
			return true, true, false
		}
		delete(b.silent, f.Epoch)
		b.peers[f.Epoch] = &peer{f.Node, f.Number, now}
		return true, true, true // the server may have sent others before
	}
	p.heard = now
	expected := p.number
	if len(f.Entries) > 0 {
		expected++
	}
	fresh, gap = f.Number >= expected, f.Number > expected
	p.number = max(p.number, f.Number)
	return fresh, gap, false
}

// look detects servers that have fallen silent.
func (b *Bus) look(now time.Time) {
	b.mu.Lock()
	var quiet []string
	for epoch, p := range b.peers {
		if now.Sub(p.heard) > silentAfter {
			b.lose(epoch)
			quiet = append(quiet, p.node)
		}
	}
	for epoch, since := range b.silent {
		if now.Sub(since) > rememberFor {
			delete(b.silent, epoch)
		}
	}
	b.mu.Unlock()
	for _, node := range quiet {
		b.o.Logger.Warn("another server isn't heard any more", "node", node)
	}
	if len(quiet) > 0 {
		b.gap()
	}
}

func (b *Bus) hearSignal(m *nats.Msg) {
	var s Signal
	if err := chat.Decode(m.Data, &s); err != nil {
		b.o.Logger.Warn("a signal from NATS can't be read", "cause", err)
		return
	}
	b.handler.Signal(s)
}
