package pgtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Relay stands for the network between a client and a server.
type Relay struct {
	URL   string        // of the database, through the relay
	Addr  string        // of the relay
	Delay time.Duration // delay of answers; set it before the first connection

	network, address string // of the server
	postgres         bool   // the server is PostgreSQL
	trips, asked     atomic.Int64
	held             sync.RWMutex // for writing while answers are held back

	mu      sync.Mutex
	conns   map[net.Conn]bool // open, of both sides
	severed bool              // no connection is let through
}

// Hold holds back all answers until release is called.
func (r *Relay) Hold() (release func()) {
	r.held.Lock()
	return r.held.Unlock
}

// OpenRelay starts a relay to a database, for the length of a test.
func OpenRelay(t testing.TB, databaseURL string, delay time.Duration) *Relay {
	t.Helper()
	target, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{Delay: delay, network: "tcp", address: target.Host, postgres: true}
	q := target.Query()
	if folder := q.Get("host"); strings.HasPrefix(folder, "/") {
		r.network, r.address = "unix", folder+"/.s.PGSQL.5432"
		q.Del("host")
		q.Del("port")
	}
	r.listen(t)
	q.Set("sslmode", "disable")
	target.Host, target.RawQuery = r.Addr, q.Encode()
	r.URL = target.String()
	return r
}

// OpenTCPRelay starts a relay to a server that isn't PostgreSQL.
func OpenTCPRelay(t testing.TB, addr string) *Relay {
	t.Helper()
	r := &Relay{network: "tcp", address: addr}
	r.listen(t)
	return r
}

func (r *Relay) listen(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	r.Addr, r.conns = l.Addr().String(), map[net.Conn]bool{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(c)
		}
	}()
}

// Cut closes all connections.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}

// Sever closes all connections, and refuses new ones until mend is called.
func (r *Relay) Sever() (mend func()) {
	set := func(severed bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.severed = severed
	}
	set(true)
	r.Cut()
	return func() { set(false) }
}

// open registers a connection, and reports whether it is allowed.
func (r *Relay) open(client, server net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.severed {
		r.conns[client], r.conns[server] = true, true
	}
	return !r.severed
}

func (r *Relay) close(client, server net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, client)
	delete(r.conns, server)
	_, _ = client.Close(), server.Close()
}

// RoundTrips returns how often connections with transactions of several statements have waited for the
// server: a client waits for the answer to each Query and each Sync.
func (r *Relay) RoundTrips() int64 { return r.trips.Load() }

// Questions returns how often all connections have waited for the server.
func (r *Relay) Questions() int64 { return r.asked.Load() }

func (r *Relay) serve(client net.Conn) {
	server, err := net.Dial(r.network, r.address)
	if err != nil {
		_ = client.Close()
		return
	}
	defer r.close(client, server)
	if !r.open(client, server) {
		return
	}
	go r.answer(client, server)
	if !r.postgres {
		_, _ = io.Copy(server, client)
		return
	}
	said, heard := io.Pipe()
	go r.count(said)
	_, _ = io.Copy(server, io.TeeReader(client, heard))
	_ = heard.Close()
}

// count reads a client's messages. The first one has no type before its length.
func (r *Relay) count(said io.Reader) {
	header := make([]byte, 5)
	begun := false
	for first := true; ; first = false {
		kind, length := header[:1], header[1:]
		if first {
			kind = nil
			header[0] = 0
		}
		if _, err := io.ReadFull(said, kind); err != nil {
			break
		}
		if _, err := io.ReadFull(said, length); err != nil {
			break
		}
		text := make([]byte, int64(binary.BigEndian.Uint32(length))-4)
		if _, err := io.ReadFull(said, text); err != nil {
			break
		}
		begun = begun || bytes.HasPrefix(text, []byte("BEGIN"))
		if header[0] == 'Q' || header[0] == 'S' {
			r.asked.Add(1)
			if begun {
				r.trips.Add(1)
			}
		}
	}
	_, _ = io.Copy(io.Discard, said)
}

type delayed struct {
	at   time.Time
	said []byte
}

// answer passes on the server's answers, each after the relay's delay.
func (r *Relay) answer(client, server net.Conn) {
	line := make(chan delayed, 1024)
	go func() {
		defer func() { _ = client.Close() }()
		for d := range line {
			time.Sleep(time.Until(d.at))
			r.held.RLock()
			_, _ = client.Write(d.said)
			r.held.RUnlock()
		}
	}()
	defer close(line)
	for {
		said := make([]byte, 32<<10)
		n, err := server.Read(said)
		if err != nil {
			return
		}
		line <- delayed{time.Now().Add(r.Delay), said[:n]}
	}
}
