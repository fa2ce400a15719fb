package app

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"backchannel/internal/transport"
)

const (
	lateLines   = 200 * time.Millisecond // maximum delay of the access log's lines
	lateLinesIn = 64 << 10               // maximum bytes of delayed lines
)

// accessLog writes a line for each request, in the format of the log's other lines. slog needs
// several times as long for a line, and a system call for each line would cost as much again.
type accessLog struct {
	out  io.Writer
	json bool

	mu    sync.Mutex
	lines []byte
	timer bool
}

func newAccessLog(w io.Writer, asJSON bool) *accessLog {
	return &accessLog{out: w, json: asJSON, lines: make([]byte, 0, lateLinesIn)}
}

// noter returns note, nil if there is no log.
func (l *accessLog) noter() func(transport.Access) {
	if l == nil {
		return nil
	}
	return l.note
}

// note records a request that has ended.
func (l *accessLog) note(a transport.Access) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.json {
		l.jsonLine(now, a)
	} else {
		l.textLine(now, a)
	}
	if len(l.lines) > lateLinesIn-(4<<10) {
		l.write()
	} else if !l.timer {
		l.timer = true
		time.AfterFunc(lateLines, l.flush)
	}
}

func (l *accessLog) jsonLine(now time.Time, a transport.Access) {
	l.lines = append(l.lines, `{"time":"`...)
	l.lines = now.AppendFormat(l.lines, time.RFC3339Nano)
	l.lines = append(l.lines, `","level":"INFO","msg":"request"`...)
	l.field("remote", a.Remote)
	l.field("caller", a.Caller)
	l.field("operation", a.Operation)
	l.field("code", a.Code)
	l.lines = strconv.AppendInt(append(l.lines, `,"duration_us":`...), a.Took.Microseconds(), 10)
	l.field("request_id", a.RequestID)
	l.lines = append(l.lines, "}\n"...)
}

func (l *accessLog) field(key, value string) {
	l.lines = append(append(append(l.lines, `,"`...), key...), `":`...)
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(value) // this can't fail
			l.lines = append(l.lines, quoted...)
			return
		}
	}
	l.lines = append(append(append(l.lines, '"'), value...), '"')
}

// textLine writes a line for people. Its speed doesn't matter.
func (l *accessLog) textLine(now time.Time, a transport.Access) {
	r := slog.NewRecord(now, slog.LevelInfo, "request", 0)
	r.AddAttrs(slog.String("remote", a.Remote), slog.String("caller", a.Caller), slog.String("operation", a.Operation),
		slog.String("code", a.Code), slog.Int64("duration_us", a.Took.Microseconds()), slog.String("request_id", a.RequestID))
	_ = slog.NewTextHandler(appender{&l.lines}, nil).Handle(context.Background(), r)
}

// appender appends to a slice.
type appender struct{ to *[]byte }

// Write implements io.Writer.
func (a appender) Write(p []byte) (int, error) {
	*a.to = append(*a.to, p...)
	return len(p), nil
}

func (l *accessLog) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer = false
	l.write()
}

func (l *accessLog) write() {
	if len(l.lines) > 0 {
		_, _ = l.out.Write(l.lines) // there is nowhere to report a failure
		l.lines = l.lines[:0]
	}
}
