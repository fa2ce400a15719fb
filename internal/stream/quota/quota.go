// Package quota keeps calls of Stream's API below the app's limits, which it learns from the answers' headers.
// The limits are shared with other nodes and services of the operator.
package quota

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate" // the Go project's token bucket; BSD-3

	"backchannel/internal/chat"
)

// Quota keeps the rate of one call below its limit.
//
// Stream limits calls per minute, and per second to twice the average rate. A bucket that refills
// at nine tenths of the average rate and holds one second's worth of it keeps below both limits.
type Quota struct {
	limiter *rate.Limiter

	mu        sync.Mutex
	perMinute int
	closed    time.Time // no calls before this time
	told      chat.CallBudget
}

const (
	headroom = 0.9
	// NoLimit is the limit of a server that has none.
	NoLimit = 1 << 30
)

// WaitError means that the limit allows no call before the caller's deadline.
type WaitError struct{ cause error }

func (e *WaitError) Error() string { return "waiting for room in the rate limit: " + e.cause.Error() }
func (e *WaitError) Unwrap() error { return e.cause }

// New returns a quota of calls per minute, until an answer tells another limit.
func New(perMinute int) *Quota {
	return &Quota{limiter: rate.NewLimiter(evenPace(perMinute), burst(perMinute)), perMinute: perMinute}
}

func (q *Quota) setLimit(perMinute int) {
	q.perMinute = perMinute
	q.limiter.SetBurst(burst(perMinute))
	q.limiter.SetLimit(evenPace(perMinute))
}

func evenPace(perMinute int) rate.Limit { return rate.Limit(headroom * float64(perMinute) / 60) }

func burst(perMinute int) int { return max(1, perMinute/60) }

// Wait waits for a turn. It fails immediately, with a [WaitError], if the caller's deadline is earlier.
func (q *Quota) Wait(ctx context.Context) error {
	q.mu.Lock()
	pause := time.Until(q.closed)
	q.mu.Unlock()
	if pause > 0 {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < pause {
			return &WaitError{context.DeadlineExceeded}
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
		return &WaitError{err}
	}
	return nil
}

// Learn applies what an answer's headers say about the app's limit, the remaining calls in this
// minute, and the time used in Stream's database.
func (q *Quota) Learn(h http.Header) {
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

// budgetPause is how long no calls are made after the database's budget is used up. The budget is
// for the last minute, so some of it is free again by then.
const budgetPause = 5 * time.Second

func (q *Quota) learnBudget(h http.Header) {
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

// Limit returns the calls per minute.
func (q *Quota) Limit() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.perMinute
}

// Budget returns the last reported limits; false if there are none.
func (q *Quota) Budget() (b chat.CallBudget, told bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.told, q.told.PerMinute > 0 || q.told.DatabaseLimit != nil
}
