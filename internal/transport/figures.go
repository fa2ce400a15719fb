package transport

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// tallied is the number of minutes that the statistics cover.
const tallied = 60

// tally counts the operations and errors of the last hour, for the overview. A nil tally counts
// nothing.
type tally struct {
	started time.Time

	mu      sync.Mutex
	minutes [tallied]minute
}

// minute has the counts of one minute.
type minute struct {
	number   int64 // since 1970
	requests int
	errors   map[string]int // by code
}

// request counts a query or mutation.
func (t *tally) request() { t.count(func(m *minute) { m.requests++ }) }

// refused counts a query or mutation that was refused before it ran.
func (t *tally) refused(errs gqlerror.List) {
	t.request()
	for _, e := range errs {
		t.failure(e)
	}
}

// failure counts an error in an answer.
func (t *tally) failure(e *gqlerror.Error) {
	t.count(func(m *minute) { m.errors[fmt.Sprint(e.Extensions["code"])]++ })
}

func (t *tally) count(add func(*minute)) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	number := time.Now().Unix() / 60
	m := &t.minutes[number%tallied]
	if m.number != number {
		*m = minute{number: number, errors: map[string]int{}}
	}
	add(m)
}

// Figures are statistics of one server.
type Figures struct {
	StartedAt   time.Time
	Connections int          // open WebSockets and event streams
	Requests    int          // queries and mutations in the last hour
	Errors      []ErrorCount // in the last hour, the most frequent first
}

// ErrorCount is the number of errors with a code.
type ErrorCount struct {
	Code  string
	Count int
}

// Figures returns the server's statistics.
func (s *Server) Figures() *Figures {
	f := s.presenter.tally.figures()
	f.Connections = s.live.size()
	return f
}

// figures sums up the last hour.
func (t *tally) figures() *Figures {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := &Figures{StartedAt: t.started, Errors: []ErrorCount{}}
	oldest := time.Now().Unix()/60 - tallied
	codes := map[string]int{}
	for i := range t.minutes {
		m := &t.minutes[i]
		if m.number <= oldest {
			continue
		}
		f.Requests += m.requests
		for code, n := range m.errors {
			codes[code] += n
		}
	}
	for code, n := range codes {
		f.Errors = append(f.Errors, ErrorCount{Code: code, Count: n})
	}
	slices.SortFunc(f.Errors, func(a, b ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return f
}

// size returns the number of connections.
func (p *connections) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}
