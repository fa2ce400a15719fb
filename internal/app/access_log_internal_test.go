package app

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"backchannel/internal/transport"
)

// A line is JSON whatever a caller sends.
func TestAccessLogQuotes(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "plain", `quo"te`, `back\slash`, "line\nbreak", "ünï 🎉", "\u2028", "\x7f", "\xff"} {
		var out bytes.Buffer
		l := newAccessLog(&out, true)
		l.note(transport.Access{Remote: "::1", Caller: value, Operation: "channel", Code: "OK", Took: time.Millisecond, RequestID: value})
		l.flush()
		var line struct {
			Level, Msg, Remote, Caller, Code string
			Us                               int    `json:"duration_us"`
			ID                               string `json:"request_id"`
		}
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatalf("%q: %v in %s", value, err, out.Bytes())
		}
		want := value
		if value == "\xff" {
			want = "\ufffd"
		}
		if line.Caller != want || line.ID != want || line.Us != 1000 || line.Msg != "request" || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			t.Errorf("%q: %s", value, out.Bytes())
		}
	}
}

func BenchmarkAccessLog(b *testing.B) {
	l := newAccessLog(io.Discard, true)
	b.ReportAllocs()
	for b.Loop() {
		l.note(transport.Access{Remote: "127.0.0.1", Caller: "clerk", Operation: "sendMessageToChannel", Code: "OK", Took: time.Millisecond, RequestID: "1fa21871f091c1cb"})
	}
}
