package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

const limit = 1 << 20

// frame is one frame as a client sends it.
func frame(fin bool, op ws.OpCode, payload string) []byte {
	return rawFrame(ws.MaskFrame(ws.NewFrame(op, fin, []byte(payload))))
}

func rawFrame(f ws.Frame) []byte {
	var b bytes.Buffer
	if err := ws.WriteFrame(&b, f); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

// read takes all messages out of what a client sent, and says what ended it.
func read(sent []byte, limit int) (messages, controls []string, err error) {
	r := &reader{src: bufio.NewReaderSize(bytes.NewReader(sent), readBuffer)}
	r.control = func(op ws.OpCode, payload []byte) {
		controls = append(controls, string(rune('0'+op))+string(payload))
	}
	for {
		_, text, err := r.message(upTo(limit))
		if err != nil {
			return messages, controls, err
		}
		messages = append(messages, string(text))
	}
}

func upTo(limit int) Reading {
	return Reading{Limit: limit, Alive: func() {}, Grow: func(int) bool { return true }}
}

// Room is asked for before what fills it is read, and only for long messages.
func TestLongMessagesAskForRoom(t *testing.T) {
	for _, row := range []struct{ sent, asked int }{{piece, 0}, {piece + 1, 1}, {10 * piece, 9}} {
		asked, left := 0, 1<<30
		how := Reading{Limit: limit, Grow: func(n int) bool { asked++; left -= n; return left >= 0 }}
		r := &reader{src: bufio.NewReader(bytes.NewReader(frame(true, ws.OpText, strings.Repeat("x", row.sent))))}
		if _, _, err := r.message(how); err != nil || asked != row.asked {
			t.Errorf("%d bytes ask %d times, %v", row.sent, asked, err)
		}
		if row.asked == 0 {
			continue
		}
		left = 0
		r.src.Reset(bytes.NewReader(frame(false, ws.OpText, strings.Repeat("x", row.sent))))
		_, _, err := r.message(how)
		if refused, ok := errors.AsType[*CloseError](err); !ok || refused.Code != TooMany {
			t.Errorf("without room: %v", err)
		}
	}
}

func TestMessages(t *testing.T) {
	long := strings.Repeat("long ", 30_000)
	for name, row := range map[string]struct {
		sent []byte
		want []string
	}{
		"one frame":                       {frame(true, ws.OpText, "hello"), []string{"hello"}},
		"empty":                           {frame(true, ws.OpText, ""), []string{""}},
		"two":                             {join(frame(true, ws.OpText, "a"), frame(true, ws.OpText, "b")), []string{"a", "b"}},
		"fragments":                       {join(frame(false, ws.OpText, "he"), frame(false, 0, "l"), frame(true, 0, "lo")), []string{"hello"}},
		"a character split by fragments":  {join(frame(false, ws.OpText, "\xc3"), frame(true, 0, "\xa9")), []string{"é"}},
		"a ping between fragments":        {join(frame(false, ws.OpText, "he"), frame(true, ws.OpPing, "?"), frame(true, 0, "llo")), []string{"hello"}},
		"longer than the buffer":          {frame(true, ws.OpText, long), []string{long}},
		"as long as may be":               {frame(true, ws.OpText, strings.Repeat("x", limit)), []string{strings.Repeat("x", limit)}},
		"binary, which is for the caller": {frame(true, ws.OpBinary, "\xff"), []string{"\xff"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := read(row.sent, limit)
			if !errors.Is(err, io.EOF) || strings.Join(got, "|") != strings.Join(row.want, "|") {
				t.Errorf("got %.60q, %v", got, err)
			}
		})
	}
}

func TestViolations(t *testing.T) {
	closing := func(body string) []byte { return frame(true, ws.OpClose, body) }
	rsv := ws.MaskFrame(ws.NewTextFrame([]byte("x")))
	rsv.Header.Rsv = ws.Rsv(true, false, false)
	for name, row := range map[string]struct {
		sent []byte
		code ws.StatusCode // 0 for a correct close frame
	}{
		"no mask":                       {rawFrame(ws.NewTextFrame([]byte("x"))), 1002},
		"a reserved bit":                {rawFrame(rsv), 1002},
		"a reserved opcode":             {frame(true, 3, ""), 1002},
		"a reserved control opcode":     {frame(true, 0xb, ""), 1002},
		"a continuation of nothing":     {frame(true, 0, "x"), 1002},
		"a message within another":      {join(frame(false, ws.OpText, "x"), frame(true, ws.OpText, "y")), 1002},
		"a fragmented ping":             {frame(false, ws.OpPing, ""), 1002},
		"a long ping":                   {frame(true, ws.OpPing, strings.Repeat("x", 126)), 1002},
		"a negative length":             {[]byte{0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1002},
		"too long":                      {frame(true, ws.OpText, strings.Repeat("x", limit+1)), 1009},
		"too long, says the header":     {[]byte{0x81, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1009},
		"too long in fragments":         {join(frame(false, ws.OpText, strings.Repeat("x", limit)), frame(true, 0, "x")), 1009},
		"no UTF-8":                      {frame(true, ws.OpText, "\xff"), 1007},
		"half a character":              {frame(true, ws.OpText, "\xc3"), 1007},
		"a goodbye":                     {closing("\x03\xe8bye"), 0},
		"a goodbye without a code":      {closing(""), 0},
		"a goodbye of the application":  {closing("\x0f\xa0"), 0},
		"a goodbye with half a code":    {closing("\x03"), 1002},
		"a goodbye with a code of none": {closing("\x03\xed"), 1002}, // 1005
		"a goodbye with a code too low": {closing("\x00\x01"), 1002},
		"a goodbye with no UTF-8":       {closing("\x03\xe8\xff"), 1007},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(row.sent, limit)
			refused, _ := errors.AsType[*CloseError](err)
			switch {
			case row.code == 0 && !errors.Is(err, ErrClosed),
				row.code != 0 && (refused == nil || refused.Code != row.code):
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzRead reads anything that a client might send: it never panics, gives text in UTF-8
// within the limit, and ends with a reason.
func FuzzRead(f *testing.F) {
	f.Add(frame(true, ws.OpText, "hello"))
	f.Add(join(frame(false, ws.OpText, "he"), frame(true, ws.OpPing, ""), frame(true, 0, "llo")))
	f.Add(frame(true, ws.OpClose, "\x03\xe8bye"))
	f.Add([]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, sent []byte) {
		const small = 1_000
		r := &reader{src: bufio.NewReaderSize(bytes.NewReader(sent), readBuffer), control: func(ws.OpCode, []byte) {}}
		for {
			op, text, err := r.message(upTo(small))
			if err != nil {
				return
			}
			if len(text) > small || op == ws.OpText && !utf8.Valid(text) || op != ws.OpText && op != ws.OpBinary {
				t.Fatalf("opcode %d: %.100q", op, text)
			}
		}
	})
}

// FuzzWrite frames items, which must come out of the reader of another library as
// they went in.
func FuzzWrite(f *testing.F) {
	f.Add(`{"id":"1","payload":`, `{"data":1}`)
	f.Add("", "x")
	f.Add("p", strings.Repeat("x", 1<<16))
	f.Fuzz(func(t *testing.T, prefix, body string) {
		want := body
		if prefix != "" {
			want = prefix + body + suffix
		}
		got, err := ws.ReadFrame(bytes.NewReader(encodeFrame(nil, &Item{Prefix: prefix, Body: []byte(body), Op: ws.OpText}))) //nolint:staticcheck // the frames are our own
		if err != nil || !got.Header.Fin || got.Header.Masked || got.Header.OpCode != ws.OpText || string(got.Payload) != want {
			t.Errorf("%.60q became %+v %.60q, %v", want, got.Header, got.Payload, err)
		}
	})
}
