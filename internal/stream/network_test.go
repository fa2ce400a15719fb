package stream_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// network is between a provider and Stream, with faults that can be switched on. It lifts
// Stream's limits, so that tests don't wait for them.
type network struct {
	upstream http.Handler

	mu     sync.Mutex
	faults []*fault
	seen   []string // method and path of what arrived here
}

// fault applies to the next matching requests.
type fault struct {
	method, path string // the path's end; "" fits all
	times        int    // how many requests
	do           func(n *network, w http.ResponseWriter, r *http.Request)
}

// breakNext makes the next matching requests fail.
func (n *network) breakNext(times int, method, path string, do func(*network, http.ResponseWriter, *http.Request)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = append(n.faults, &fault{method, path, times, do})
}

// heal ends all faults.
func (n *network) heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = nil
}

// count is how many requests that fit have arrived.
func (n *network) count(method, path string) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.seen {
		if (method == "" || strings.HasPrefix(s, method+" ")) && strings.HasSuffix(s, path) {
			count++
		}
	}
	return count
}

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if f := n.next(r); f != nil {
		f.do(n, w, r)
		return
	}
	n.pass(w, r)
}

func (n *network) next(r *http.Request) *fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, r.Method+" "+r.URL.Path)
	for _, f := range n.faults {
		if f.times > 0 && (f.method == "" || f.method == r.Method) && strings.HasSuffix(r.URL.Path, f.path) {
			f.times--
			return f
		}
	}
	return nil
}

const noLimit = "6000000"

// pass hands a request to Stream and its answer back.
func (n *network) pass(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-RateLimit-Limit", noLimit)
	n.upstream.ServeHTTP(w, r)
}

// effect hands a request to Stream and keeps the answer.
func (n *network) effect(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	n.upstream.ServeHTTP(answer, r)
	return answer
}

// The faults.

func limited(retryAfter string) func(*network, http.ResponseWriter, *http.Request) {
	return func(_ *network, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", noLimit)
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"code":9,"message":"Too many requests","StatusCode":429,"duration":"0.00ms","details":[]}`)
	}
}

const internalBody = `{"code":-1,"message":"internal error","StatusCode":500,"duration":"0.00ms","details":[]}`

func fails(_ *network, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-RateLimit-Limit", noLimit)
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, internalBody)
}

func failsAfterEffect(n *network, w http.ResponseWriter, r *http.Request) {
	n.effect(r)
	fails(n, w, r)
}

func refuses(status int, body string) func(*network, http.ResponseWriter, *http.Request) {
	return func(_ *network, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// resets ends the connection as a crashed proxy would.
func resets(_ *network, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func resetsAfterEffect(n *network, w http.ResponseWriter, r *http.Request) {
	n.effect(r)
	resets(n, w, r)
}

// resetsForGood is resetsAfterEffect, and nothing can be looked up after it.
func resetsForGood(n *network, w http.ResponseWriter, r *http.Request) {
	n.breakNext(1_000, http.MethodGet, "", fails)
	resetsAfterEffect(n, w, r)
}

// tooLate is late for tests that don't depend on how fast the machine is: hasty has the try
// end as a timeout does, once the effect is there.
func tooLate(n *network, w http.ResponseWriter, r *http.Request) {
	n.effect(r)
	w.Header().Set(tooLateHeader, "yes")
}

const tooLateHeader = "Test-Too-Late"

// hasty sends calls, and doesn't wait for the answers of tooLate.
type hasty struct{ http.RoundTripper }

func newHasty() hasty {
	network := http.DefaultTransport.(*http.Transport).Clone()
	network.MaxIdleConnsPerHost = 32 // as the client's own
	return hasty{network}
}

func (h hasty) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := h.RoundTripper.RoundTrip(r)
	if err == nil && answer.Header.Get(tooLateHeader) != "" {
		_ = answer.Body.Close()
		return nil, context.DeadlineExceeded
	}
	return answer, err
}

// late answers when nobody waits any longer.
func late(n *network, w http.ResponseWriter, r *http.Request) {
	n.effect(r)
	select {
	case <-r.Context().Done():
	case <-time.After(time.Minute):
	}
	_ = w
}

// cut sends half of an answer.
func cut(n *network, w http.ResponseWriter, r *http.Request) {
	answer := n.effect(r)
	whole := answer.Body.Bytes()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", itoa(len(whole)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(whole[:len(whole)/2])
	_ = http.NewResponseController(w).Flush()
	resets(n, w, r)
}

// cutChunked sends half of an answer whose length nobody knows beforehand.
func cutChunked(n *network, w http.ResponseWriter, r *http.Request) {
	answer := n.effect(r)
	whole := answer.Body.Bytes()
	w.WriteHeader(answer.Code)
	_, _ = w.Write(whole[:len(whole)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// answersAfterEffect answers what Stream never does.
func answersAfterEffect(status int, body string) func(*network, http.ResponseWriter, *http.Request) {
	return func(n *network, w http.ResponseWriter, r *http.Request) {
		n.effect(r)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// calls are what has arrived, in order.
func (n *network) calls() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.seen...)
}
