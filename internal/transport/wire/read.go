package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// readBuffer is the size of a connection's read buffer. Most messages of clients are shorter.
// Longer ones are read directly.
const readBuffer = 256

// CloseError is a reason to close a connection, with the values of the close frame.
type CloseError struct {
	Code   ws.StatusCode
	Reason string
}

func (e *CloseError) Error() string { return e.Reason }

func violation(reason string) error {
	return &CloseError{Code: ws.StatusProtocolError, Reason: reason}
}

// ErrClosed is returned by Read after the peer has closed the connection.
var ErrClosed = errors.New("the peer closed the connection")

// piece is the number of bytes of a message after which more room is requested.
const piece = 16 << 10

// Reading says how to read a message.
type Reading struct {
	Limit int              // maximum length of the message
	Alive func()           // called for each ping and pong
	Grow  func(n int) bool // reports whether a message longer than a piece may use n more bytes
}

// TooManyReason is the close reason after Grow refused.
const (
	TooMany       ws.StatusCode = 4429
	TooManyReason               = "too many bytes of unfinished messages of this user"
)

// reader extracts messages from frames.
type reader struct {
	src     *bufio.Reader
	control func(op ws.OpCode, payload []byte) // called for pings and pongs
}

// Read returns the next message, which may consist of several frames. It answers pings. Protocol
// violations are *CloseErrors.
func (c *Conn) Read(how Reading) (op ws.OpCode, message []byte, err error) {
	c.in.control = func(op ws.OpCode, payload []byte) {
		how.Alive()
		if op == ws.OpPing {
			c.Send(Item{Op: ws.OpPong, Body: payload})
		}
	}
	return c.in.message(how)
}

// Wait returns when there is something to read or the connection has ended, which Read reports. It
// uses less stack than Read.
func (c *Conn) Wait() { _, _ = c.in.src.Peek(1) }

// Waiting reports whether something can be read without waiting.
func (c *Conn) Waiting() bool { return c.in.src.Buffered() > 0 }

// Discard reads until the peer disconnects, and then ends the connection. Closing connections and
// streams need nothing else.
func (c *Conn) Discard() {
	var few [64]byte
	for {
		if _, err := c.net.Read(few[:]); err != nil {
			c.Abort()
			return
		}
	}
}

func (r *reader) message(how Reading) (op ws.OpCode, message []byte, err error) {
	var text bytes.Buffer
	for started := false; ; {
		h, err := r.header(started)
		if err != nil {
			return 0, nil, err
		}
		if h.OpCode.IsControl() {
			if err := r.controlFrame(h); err != nil {
				return 0, nil, err
			}
			continue
		}
		if h.Length > int64(how.Limit-text.Len()) {
			return 0, nil, &CloseError{Code: ws.StatusMessageTooBig, Reason: "the message is too long"}
		}
		if !started {
			op, started = h.OpCode, true
		}
		if err := r.payload(h, &text, how.Grow); err != nil {
			return 0, nil, err
		}
		if h.Fin {
			return op, text.Bytes(), checkText(op, text.Bytes())
		}
	}
}

// header reads a frame's header and checks it against RFC 6455.
func (r *reader) header(started bool) (ws.Header, error) {
	h, err := ws.ReadHeader(r.src)
	switch {
	case errors.Is(err, ws.ErrHeaderLengthMSB) || errors.Is(err, ws.ErrHeaderLengthUnexpected):
		return h, violation("a frame's length is impossible")
	case err != nil:
		return h, err
	case h.Rsv != 0:
		return h, violation("a reserved bit is set")
	case h.OpCode.IsReserved():
		return h, violation("a frame's opcode is reserved")
	case !h.Masked:
		return h, violation("a client's frames must be masked")
	case h.OpCode.IsControl() && (!h.Fin || h.Length > ws.MaxControlFramePayloadSize):
		return h, violation("a control frame is fragmented or too long")
	case h.OpCode == ws.OpContinuation && !started:
		return h, violation("a continuation has no beginning")
	case h.OpCode.IsData() && h.OpCode != ws.OpContinuation && started:
		return h, violation("a message begins within another")
	}
	return h, nil
}

// payload appends a frame's payload. The buffer grows with the data that arrives, not with the
// length in the header.
func (r *reader) payload(h ws.Header, text *bytes.Buffer, grow func(n int) bool) error {
	start := text.Len()
	for left := h.Length; left > 0; {
		n := min(left, piece)
		if text.Len()+int(n) > piece && !grow(int(n)) {
			return &CloseError{Code: TooMany, Reason: TooManyReason}
		}
		if _, err := io.CopyN(text, r.src, n); err != nil {
			return io.ErrUnexpectedEOF
		}
		left -= n
	}
	ws.Cipher(text.Bytes()[start:], h.Mask, 0)
	return nil
}

func (r *reader) controlFrame(h ws.Header) error {
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(r.src, payload); err != nil {
		return err
	}
	ws.Cipher(payload, h.Mask, 0)
	if h.OpCode == ws.OpClose {
		return checkClose(payload)
	}
	r.control(h.OpCode, payload)
	return nil
}

// checkClose returns the error for a peer's close frame.
func checkClose(payload []byte) error {
	if len(payload) == 0 {
		return ErrClosed
	}
	if len(payload) == 1 {
		return violation("a close frame has half a code")
	}
	code := ws.StatusCode(binary.BigEndian.Uint16(payload))
	switch {
	case !mayBeSent(code):
		return violation("a close frame's code is none")
	case !utf8.Valid(payload[2:]):
		return &CloseError{Code: ws.StatusInvalidFramePayloadData, Reason: "a close frame's reason is not UTF-8"}
	}
	return ErrClosed
}

// mayBeSent reports whether a close frame may contain a code.
func mayBeSent(code ws.StatusCode) bool {
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code < 1000 || code > 1014:
		return false
	}
	return code != 1004 && code != ws.StatusNoStatusRcvd && code != ws.StatusAbnormalClosure
}

func checkText(op ws.OpCode, text []byte) error {
	if op == ws.OpText && !utf8.Valid(text) {
		return &CloseError{Code: ws.StatusInvalidFramePayloadData, Reason: "the text is not UTF-8"}
	}
	return nil
}
