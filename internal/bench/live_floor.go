package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"backchannel/internal/load"
	"backchannel/internal/sqlstore"
)

// wire is the floor of delivery: a loop that writes the frames that our subscribers get to TCP
// connections, one by one.
type wire struct {
	listener net.Listener
	fresh    chan string // texts to deliver
	done     chan struct{}

	mu    sync.Mutex
	conns []net.Conn
	seq   int64
}

// serveWire runs the floor of delivery. Its HTTP side is floor A of sending: it stores a message in the
// same way and then delivers it. Its own load is the loop alone.
func serveWire(ctx context.Context, dir string, channels int) (*subject, error) {
	store, err := openSeeded(ctx, dir, channels)
	if err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	w := &wire{listener: l, fresh: make(chan string, 1024), done: make(chan struct{})}
	s, err := serve(ctx, func(rw http.ResponseWriter, r *http.Request) { w.take(rw, r, store) })
	if err != nil {
		return nil, errors.Join(err, l.Close(), store.Close())
	}
	s.endpoint.Raw = l.Addr().String()
	s.load = w.loop
	stop := s.close
	s.close = func() error {
		err := errors.Join(stop(), l.Close())
		close(w.fresh)
		<-w.done
		return errors.Join(err, store.Close())
	}
	go w.accept()
	go w.deliver()
	return s, nil
}

func (w *wire) accept() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.mu.Lock()
		w.conns = append(w.conns, c)
		_, _ = c.Write([]byte(load.Welcome)) // the parent notices missing subscribers
		w.mu.Unlock()
	}
}

func (w *wire) take(rw http.ResponseWriter, r *http.Request, store *sqlstore.Store) {
	var in sendRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	if err := post(r.Context(), store, in.Variables.Input.ChannelID, in.Variables.Input.Text); err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	w.fresh <- in.Variables.Input.Text
	answer(rw, newSendAnswer())
}

func (w *wire) deliver() {
	defer close(w.done)
	for text := range w.fresh {
		_, _ = w.write(text) // subscribers may be gone
	}
}

// write is the loop.
func (w *wire) write(text string) (written int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq++
	frame := load.Frame(nil, w.seq, text)
	for _, c := range w.conns {
		if _, err := c.Write(frame); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

// loopText is as long as what the writers send.
func loopText() string { return "9999999999 " + strings.Repeat("x", liveSize-10) }

// loop writes for a while and does nothing else.
func (w *wire) loop(_ int, d time.Duration) (t tally, err error) {
	text := loopText()
	begin := time.Now()
	for time.Since(begin) < d {
		n, err := w.write(text)
		t.Count += n
		if err != nil {
			return t, err
		}
	}
	t.Elapsed = time.Since(begin)
	return t, nil
}
