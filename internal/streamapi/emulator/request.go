package emulator

import (
	"net/http"
	"sync"
	"time"
)

// Request is a request that the emulator received.
type Request struct {
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"` // of the answer; 0 if the connection was closed without one
	At     time.Time `json:"at"`     // by the real clock
}

// maxRequests is the number of requests that are kept.
const maxRequests = 10_000

type requests struct {
	mu   sync.Mutex
	list []Request
}

// Requests returns the last requests of Stream's API, up to 10,000, oldest first.
func (e *Emulator) Requests() []Request {
	e.requests.mu.Lock()
	defer e.requests.mu.Unlock()
	return append([]Request{}, e.requests.list...)
}

func (q *requests) note(r *http.Request, status int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) >= 2*maxRequests {
		q.list = append(q.list[:0], q.list[maxRequests:]...)
	}
	q.list = append(q.list, Request{Method: r.Method, Path: r.URL.Path, Status: status, At: time.Now()})
}

func (q *requests) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = nil
}
