package transport

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// tallied is how many minutes the figures go back.
const tallied = 60

// tally counts operations and errors of the last hour, for the overview. A nil
// tally counts nothing.
type tally struct {
	started time.Time

	mu      sync.Mutex
	minutes [tallied]minute
}

// minute is what happened in one minute.
type minute struct {
	number   int64 // since 1970
	requests int
	errors   map[string]int // by code
}

// request counts a query or mutation.
func (t *tally) request() { t.count(func(m *minute) { m.requests++ }) }

// refused counts one that can't be run.
func (t *tally) refused(errs gqlerror.List) {
	t.request()
	for _, e := range errs {
		t.failure(e)
	}
}

// failure counts an error that the caller is told.
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

// Figures say what one server does.
type Figures struct {
	StartedAt   time.Time
	Connections int          // WebSockets and event streams that are open
	Requests    int          // queries and mutations of the last hour
	Errors      []ErrorCount // of the last hour, the most frequent first
}

// ErrorCount is how often callers were answered with an error of a code.
type ErrorCount struct {
	Code  string
	Count int
}

// Figures say what the server does.
func (s *Server) Figures() *Figures {
	f := s.presenter.tally.figures()
	f.Connections = s.live.size()
	return f
}

// figures sums up the hour.
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

// size is how many connections there are.
func (p *connections) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}
