package sqlstore_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands before a PostgreSQL and cuts connections at chosen moments.
type proxy struct {
	socket   string
	listener net.Listener

	mu    sync.Mutex
	cut   *cut
	conns map[net.Conn]bool // open, of both sides
	shut  bool              // refuses connections
	shown int               // connections that were refused
}

// cut is a moment of a conversation, and what happens then.
type cut struct {
	at     string // in what the client sends
	pass   bool   // the server gets it
	answer bool   // and is waited for; the client never gets what it says
	heard  int    // except its first results, if answer is set: so many, or everyResult
	linger bool   // the server's end stays open
	then   func() // called before the client's end is closed; nil for nothing
}

// everyResult has a client hear all results, but not that they were all.
const everyResult = 1 << 30

func newProxy(t *testing.T, socket string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{socket: socket, listener: l, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = l.Close()
		p.cutAll()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// url is that of the database behind the proxy.
func (p *proxy) url() string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable&connect_timeout=5", p.listener.Addr())
}

// arm has the next conversation that reaches the moment cut there.
func (p *proxy) arm(c cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = &c
}

// refuse lets nobody in, or everybody again.
func (p *proxy) refuse(shut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = shut
}

// refused counts the connections that weren't let in.
func (p *proxy) refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.DialTimeout("unix", p.socket, time.Second)
	p.mu.Lock()
	if err != nil || p.shut {
		p.shown++
		p.mu.Unlock()
		_ = client.Close()
		if err == nil {
			_ = server.Close()
		}
		return
	}
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	c := &conversation{client: client, server: server, unheard: make(chan struct{}, 1)}
	go c.listen()
	for {
		said := make([]byte, 64<<10)
		n, err := client.Read(said)
		if err != nil {
			_ = server.Close()
			return
		}
		if cut := p.reached(said[:n]); cut != nil {
			c.perform(cut, said[:n])
			return
		}
		_, _ = server.Write(said[:n])
	}
}

// reached returns the cut to make, once.
func (p *proxy) reached(said []byte) *cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.cut
	if c == nil || !bytes.Contains(said, []byte(c.at)) {
		return nil
	}
	p.cut = nil
	return c
}

// conversation is one connection through the proxy.
type conversation struct {
	client, server net.Conn
	muted          atomic.Bool
	heard          int           // results that a muted end still gets; set before muted
	unheard        chan struct{} // gets something when the server speaks to a muted end, beyond that
}

// listen hands on what the server says.
func (c *conversation) listen() {
	said := make([]byte, 64<<10)
	for {
		n, err := c.server.Read(said)
		switch {
		case err != nil:
			_ = c.client.Close()
			return
		case c.muted.Load():
			if c.heard > 0 && !c.hearSome(said[:n]) {
				continue
			}
			select {
			case c.unheard <- struct{}{}:
			default:
			}
		default:
			_, _ = c.client.Write(said[:n])
		}
	}
}

// hearSome hands on the results that a muted end still gets, of an answer that begins with
// said, and reports whether there was more. An answer is a row of messages, each with a
// letter and its length; C ends a result, Z the answer.
func (c *conversation) hearSome(said []byte) bool {
	for {
		for len(said) >= 5 {
			size := 1 + int(binary.BigEndian.Uint32(said[1:]))
			if len(said) < size {
				break
			}
			if said[0] == 'Z' || c.heard == 0 {
				c.heard = 0
				return true
			}
			if said[0] == 'C' {
				c.heard--
			}
			_, _ = c.client.Write(said[:size])
			said = said[size:]
		}
		more := make([]byte, 64<<10)
		n, err := c.server.Read(more)
		if err != nil {
			return false // listen finds that out too
		}
		said = append(said, more[:n]...)
	}
}

func (c *conversation) perform(cut *cut, said []byte) {
	c.heard = cut.heard
	c.muted.Store(true)
	if cut.pass {
		_, _ = c.server.Write(said)
	}
	if cut.answer {
		<-c.unheard
	}
	if cut.then != nil {
		cut.then()
	}
	_ = c.client.Close()
	if !cut.linger {
		_ = c.server.Close()
	}
}
