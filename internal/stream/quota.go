package stream

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate" // the Go project's token bucket; BSD-3

	"backchannel/internal/chat"
)

// quota keeps one call's pace below the app's limit, which other nodes and services of the
// operator share.
//
// Stream limits calls per minute, and per second to twice the even pace. A bucket
// that refills at nine tenths of the even pace and holds one second's worth of it
// keeps below both.
type quota struct {
	limiter *rate.Limiter

	mu        sync.Mutex
	perMinute int
	closed    time.Time // no calls before
	told      chat.CallBudget
}

const (
	headroom = 0.9
	noLimit  = 1 << 30 // calls per minute
)

func newQuota(perMinute int) *quota {
	return &quota{limiter: rate.NewLimiter(evenPace(perMinute), burst(perMinute)), perMinute: perMinute}
}

func (q *quota) setLimit(perMinute int) {
	q.perMinute = perMinute
	q.limiter.SetBurst(burst(perMinute))
	q.limiter.SetLimit(evenPace(perMinute))
}

func evenPace(perMinute int) rate.Limit { return rate.Limit(headroom * float64(perMinute) / 60) }

func burst(perMinute int) int { return max(1, perMinute/60) }

// wait waits for a turn. It fails at once if the caller would give up before.
func (q *quota) wait(ctx context.Context) error {
	q.mu.Lock()
	pause := time.Until(q.closed)
	q.mu.Unlock()
	if pause > 0 {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < pause {
			return &waitError{context.DeadlineExceeded}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	if err := q.limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &waitError{err}
	}
	return nil
}

// learn applies what an answer says about the app's limit and what is left of it in this
// minute, and about the time that such calls may take in Stream's database.
func (q *quota) learn(h http.Header) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.learnBudget(h)
	limit, bad := strconv.Atoi(h.Get("X-Ratelimit-Limit"))
	if bad != nil || limit <= 0 {
		return
	}
	q.told.PerMinute = limit
	if limit != q.perMinute {
		q.setLimit(limit)
	}
	left, bad := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	reset, worse := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if bad != nil || worse != nil {
		return
	}
	q.told.Remaining, q.told.ResetsAt = &left, time.Unix(reset, 0).UTC()
	rest := min(time.Until(time.Unix(reset, 0)), time.Minute)
	switch {
	case rest <= 0:
		q.limiter.SetLimit(evenPace(limit))
	case left <= 0:
		q.closed = time.Now().Add(rest)
	default:
		q.limiter.SetBurst(min(burst(limit), max(1, left/2)))
		q.limiter.SetLimit(min(evenPace(limit), rate.Limit(float64(left)/rest.Seconds())))
	}
}

// budgetPause is how long nothing is asked once the database's budget is used up. It
// is one of the last minute, so some of it is free again by then.
const budgetPause = 5 * time.Second

func (q *quota) learnBudget(h http.Header) {
	limit, bad := strconv.Atoi(h.Get("X-Budget-Limit-Ms"))
	used, worse := strconv.Atoi(h.Get("X-Budget-Used-Ms"))
	if bad != nil || worse != nil || limit <= 0 || used < 0 {
		return
	}
	q.told.DatabaseLimit = new(time.Duration(limit) * time.Millisecond)
	q.told.DatabaseUsed = new(time.Duration(used) * time.Millisecond)
	if used >= limit {
		q.closed = time.Now().Add(budgetPause)
	}
}

func (q *quota) limit() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.perMinute
}

// budget is what Stream told last; false if it told nothing.
func (q *quota) budget() (b chat.CallBudget, told bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.told, q.told.PerMinute > 0 || q.told.DatabaseLimit != nil
}
