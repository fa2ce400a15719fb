package load

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// serverFrame is a frame as a server sends it: not masked.
func serverFrame(text string) []byte {
	b := clientFrame(opText, []byte(text))
	switch b[1] &^ 0x80 {
	case 126:
		return append(append(b[:1:1], 126, b[2], b[3]), text...)
	case 127:
		return append(append(append(b[:1:1], 127), b[2:10]...), text...)
	}
	return append(append(b[:1:1], byte(len(text))), text...)
}

func message(seq, n int, more string) string {
	return fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"channelEvents":{"seq":%d,"type":"message.new","message":{"text":"%010d %s"}}}}}`, seq, n, more)
}

func TestSubscriberCountsEachMessageHoweverItIsCut(t *testing.T) {
	var stream []byte
	for i, more := range []string{"short", string(make([]byte, 200)), string(make([]byte, 70_000))} {
		stream = append(stream, serverFrame(message(i+1, i, more))...)
	}
	for _, cut := range []int{211, 1009, 4096, len(stream)} {
		a := NewAudience(100_000)
		s := &subscriber{audience: a}
		for rest := stream; len(rest) > 0; {
			part := rest[:min(cut, len(rest))]
			rest = rest[len(part):]
			if err := s.take(append(s.rest[:len(s.rest):len(s.rest)], part...)); err != nil {
				t.Fatal(err)
			}
		}
		if a.Deliveries() != 3 || a.missed.Load() != 0 || a.repeated.Load() != 0 {
			t.Errorf("cut to %d: %d deliveries, %d missed, %d repeated", cut, a.Deliveries(), a.missed.Load(), a.repeated.Load())
		}
	}
}

func TestSubscriberNoticesWhatIsWrong(t *testing.T) {
	for _, row := range []struct {
		name             string
		seqs             []int
		missed, repeated int64
	}{
		{"nothing is", []int{1, 2, 3}, 0, 0},
		{"a gap", []int{1, 4, 5}, 2, 0},
		{"a repeat", []int{1, 2, 2, 3}, 0, 1},
		{"a late start", []int{3}, 2, 0},
	} {
		a := NewAudience(1)
		s := &subscriber{audience: a}
		for _, seq := range row.seqs {
			if err := s.take(serverFrame(message(seq, 0, ""))); err != nil {
				t.Fatal(err)
			}
		}
		if a.missed.Load() != row.missed || a.repeated.Load() != row.repeated {
			t.Errorf("%s: %d missed, %d repeated", row.name, a.missed.Load(), a.repeated.Load())
		}
	}
	if err := (&subscriber{audience: NewAudience(1)}).take(serverFrame(`{"id":"1","type":"error","payload":[]}`)); err == nil {
		t.Error("an error goes unnoticed")
	}
}

func TestAudienceReadsAConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	a := NewAudience(100)
	a.Attach(client, 0)
	const messages = 5000
	for i := range messages {
		if _, err := server.Write(serverFrame(message(i+1, i, "x"))); err != nil {
			t.Fatal(err)
		}
	}
	_ = server.Close()
	a.readers.Wait()
	if a.Deliveries() != messages || a.missed.Load() != 0 || a.Err() == nil {
		t.Errorf("%d deliveries, %d missed, %v", a.Deliveries(), a.missed.Load(), a.Err())
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Millisecond)
	}
	l := h.latency()
	if l.P50 < 500 || l.P50 > 516 || l.P99 < 990 || l.P99 > 1000 || l.Max != 1000 {
		t.Errorf("got %+v", l)
	}
	for _, us := range []int64{0, 1, 31, 32, 63, 64, 65, 1000, 123_456_789} {
		if b := bucketOf(us); top(b) < us || b > 0 && top(b-1) >= us {
			t.Errorf("%d is in bucket %d, which ends at %d", us, b, top(b))
		}
	}
}
