package load

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

func frameOf(seq, n int, more string) []byte {
	return Frame(nil, int64(seq), fmt.Sprintf("%010d %s", n, more))
}

func TestSubscriberCountsEachMessageHoweverItIsCut(t *testing.T) {
	var stream []byte
	for i, more := range []string{"short", strings.Repeat("x", 200), strings.Repeat("x", 70_000)} {
		stream = append(stream, frameOf(i+1, i, more)...)
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
			if err := s.take(frameOf(seq, 0, "")); err != nil {
				t.Fatal(err)
			}
		}
		if a.missed.Load() != row.missed || a.repeated.Load() != row.repeated {
			t.Errorf("%s: %d missed, %d repeated", row.name, a.missed.Load(), a.repeated.Load())
		}
	}
	if err := (&subscriber{audience: NewAudience(1)}).take([]byte("\x81\x27" + `{"id":"1","type":"error","payload":[]}` + " ")); err == nil {
		t.Error("an error goes unnoticed")
	}
}

func TestAudienceReadsAConnection(t *testing.T) {
	client, server := connected(t)
	a := NewAudience(100)
	a.Attach(client, 0)
	const messages = 5000
	for i := range messages {
		if _, err := server.Write(frameOf(i+1, i, "x")); err != nil {
			t.Fatal(err)
		}
	}
	_ = server.Close()
	a.readers.Wait()
	if a.Deliveries() != messages || a.missed.Load() != 0 || a.Err() == nil {
		t.Errorf("%d deliveries, %d missed, %v", a.Deliveries(), a.missed.Load(), a.Err())
	}
}

// A server may send its last bytes and close the connection before the client reads.
func TestAudienceNoticesAnEndThatComesWithTheLastFrame(t *testing.T) {
	for range 50 {
		client, server := connected(t)
		for i := range 3 {
			if _, err := server.Write(frameOf(i+1, i, "x")); err != nil {
				t.Fatal(err)
			}
		}
		_ = server.Close()
		time.Sleep(time.Millisecond) // for the end to reach the reader
		a := NewAudience(100)
		a.Attach(client, 0)
		gone := make(chan struct{})
		go func() { a.readers.Wait(); close(gone) }()
		select {
		case <-gone:
		case <-time.After(20 * time.Second):
			t.Fatal("the connection's end goes unnoticed")
		}
		if a.Deliveries() != 3 || a.Err() == nil {
			t.Fatalf("%d deliveries, %v", a.Deliveries(), a.Err())
		}
	}
}

// connected are the two ends of a connection.
func connected(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
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
