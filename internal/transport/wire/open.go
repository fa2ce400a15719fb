package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gobwas/ws"
)

// IsUpgrade reports whether a request asks for a WebSocket.
func IsUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Upgrade upgrades a request to a WebSocket. offered reports whether the client offers the
// protocol. If the request is malformed, Upgrade answers it and returns an error.
func Upgrade(w http.ResponseWriter, r *http.Request, protocol string, limits *Limits) (conn *Conn, offered bool, err error) {
	up := ws.HTTPUpgrader{
		Header:   w.Header(),
		Protocol: func(name string) bool { return name == protocol },
	}
	c, rw, handshake, err := up.Upgrade(r, w)
	if err != nil {
		if c != nil {
			_ = c.Close()
		}
		return nil, false, fmt.Errorf("upgrading to a WebSocket: %w", err)
	}
	return newConn(c, newReader(c, rw.Reader), false, limits), handshake.Protocol == protocol, nil
}

// newReader returns a reader with a small buffer, which first returns the data that net/http has
// read already.
func newReader(c net.Conn, old *bufio.Reader) *reader {
	var src io.Reader = c
	if n := old.Buffered(); n > 0 {
		early, _ := old.Peek(n)
		src = io.MultiReader(bytes.NewReader(bytes.Clone(early)), c)
	}
	return &reader{src: bufio.NewReaderSize(src, readBuffer)}
}

var errOldHTTP = errors.New("the stream needs HTTP/1.1")

// Stream turns the answer to a request into a stream of server-sent events, which ends with the
// connection.
func Stream(w http.ResponseWriter, r *http.Request, limits *Limits) (*Conn, error) {
	if r.ProtoMajor != 1 {
		return nil, errOldHTTP
	}
	h := w.Header().Clone()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // otherwise nginx would buffer events
	h.Set("Connection", "close")
	c, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("taking over the connection: %w", err)
	}
	_ = c.SetDeadline(time.Time{})
	_, _ = rw.WriteString("HTTP/1.1 200 OK\r\n")
	_ = h.Write(rw)
	_, _ = rw.WriteString("\r\n:\n\n")
	if err := rw.Flush(); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("opening the stream: %w", err)
	}
	return newConn(c, nil, true, limits), nil
}
