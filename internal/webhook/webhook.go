// Package webhook sends calls to addresses that receive events: to each address in the order of the
// events, with retries, bounded in time and memory, and never to an address in a private network
// unless that is allowed. The caller decides on the content and signature of a call.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// Limits on calls.
const (
	maxWaiting = 1_000 // waiting calls of one address
	maxLines   = 100   // addresses that have waiting calls
	maxTime    = 6 * time.Second
	maxRead    = 64 << 10 // bytes of an answer, which is discarded
	maxIdle    = 8        // idle connections to a host
)

// pauses are the waits before the second, third, … attempt of a call.
var pauses = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}

// Options configure a [Sender]. Logger is required.
type Options struct {
	Logger *slog.Logger
	// Private allows loopback, private and link-local addresses.
	Private bool
	// Wrap, unless it is nil, wraps the transport of the calls, for instance for tracing.
	Wrap func(http.RoundTripper) http.RoundTripper
	// Resolver resolves host names; nil for the system's resolver.
	Resolver *net.Resolver
	// Pauses are the waits before the second, third, … attempt; nil for 1, 5 and 30 s.
	Pauses []time.Duration
}

// Call is a request to an address.
type Call struct {
	URL  string
	Body []byte
	// Header returns the headers of an attempt, counted from 1.
	Header func(attempt int) http.Header
}

// Sender sends calls. The caller must close it.
type Sender struct {
	client *http.Client
	logger *slog.Logger
	pauses []time.Duration
	stop   context.CancelFunc
	ctx    context.Context // ends when the sender is closed

	private bool // see [Options]

	mu    sync.Mutex
	lines map[string][]Call // by address; an entry exists while its goroutine runs
	busy  sync.WaitGroup
}

// New returns a sender.
func New(o Options) *Sender {
	if o.Pauses == nil {
		o.Pauses = pauses
	}
	dialer := &net.Dialer{Timeout: maxTime, Resolver: o.Resolver}
	if !o.Private {
		// The dialed address is checked, so a name that resolves to another address later is
		// checked again.
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return CheckAddress(address) }
	}
	var transport http.RoundTripper = &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: maxIdle, MaxResponseHeaderBytes: maxRead,
		IdleConnTimeout: time.Minute, TLSHandshakeTimeout: maxTime}
	if o.Wrap != nil {
		transport = o.Wrap(transport)
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Sender{
		logger: o.Logger, pauses: o.Pauses, ctx: ctx, stop: stop, lines: map[string][]Call{}, private: o.Private,
		client: &http.Client{
			Timeout:       maxTime,
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Private reports whether the sender calls loopback, private and link-local addresses.
func (s *Sender) Private() bool { return s.private }

// Close abandons all calls, in progress or waiting.
func (s *Sender) Close() {
	s.stop()
	s.busy.Wait()
	s.client.CloseIdleConnections()
}

// Send queues a call after earlier ones to the same address. It doesn't block: if too many calls
// are waiting, it drops the call and logs that.
func (s *Sender) Send(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line, running := s.lines[c.URL]
	switch {
	case s.ctx.Err() != nil:
		return
	case len(line) >= maxWaiting || !running && len(s.lines) >= maxLines:
		s.logger.Warn("a webhook's call was dropped, since too many are waiting", "waiting", len(line))
		return
	}
	s.lines[c.URL] = append(line, c)
	if !running {
		s.busy.Go(func() { s.run(c.URL) })
	}
}

// run sends the calls to an address, one after the other.
func (s *Sender) run(address string) {
	for {
		s.mu.Lock()
		line := s.lines[address]
		if len(line) == 0 || s.ctx.Err() != nil {
			delete(s.lines, address)
			s.mu.Unlock()
			return
		}
		s.lines[address] = line[1:]
		s.mu.Unlock()
		if err := s.call(line[0]); err != nil && s.ctx.Err() == nil {
			s.logger.Warn("a webhook's call was given up", "host", Host(address), "error", err)
		}
	}
}

var errRefused = errors.New("the server may not call this address")

// call sends a call, with retries.
func (s *Sender) call(c Call) error {
	for attempt := 1; ; attempt++ {
		err := s.try(c, attempt)
		if err == nil || errors.Is(err, errRefused) || attempt > len(s.pauses) {
			return err
		}
		if !s.wait(s.pauses[attempt-1]) {
			return err
		}
	}
}

// wait waits and reports whether the sender is still open.
func (s *Sender) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.ctx.Done():
		return false
	}
}

func (s *Sender) try(c Call, attempt int) error {
	_, err := s.Try(s.ctx, c, attempt)
	return err
}

// Try sends a call once, without queueing, and returns the status of the answer, 0 if there was
// none. A status outside of 200 to 299 is an error. Errors don't contain the address, which may
// include a secret.
func (s *Sender) Try(ctx context.Context, c Call, attempt int) (status int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(c.Body))
	if err != nil {
		return 0, errRefused
	}
	req.Header = c.Header(attempt)
	resp, err := s.client.Do(req)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxRead))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, fmt.Errorf("the answer is %d", resp.StatusCode)
	}
	return resp.StatusCode, nil
}

// Host returns the part of an address that may be logged: the rest may contain a secret.
func Host(address string) string {
	req, err := http.NewRequest(http.MethodPost, address, nil) //nolint:noctx // it only parses the address
	if err != nil {
		return ""
	}
	return req.URL.Host
}

// special are networks that aren't part of the public internet or that map to other addresses, in
// addition to those that package netip knows.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("::/96"), netip.MustParsePrefix("::ffff:0:0:0/96"),
}

// CheckAddress returns an error if an IP address with a port isn't public.
func CheckAddress(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.Join(errRefused, err)
	}
	ip := at.Addr().Unmap().WithZone("")
	public := ip.IsGlobalUnicast() && !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast()
	for _, p := range special {
		public = public && !p.Contains(ip)
	}
	if !public {
		return errRefused
	}
	return nil
}
