package desk

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru" // without a lock of its own: ours guards the buckets too; MPL-2.0
	"golang.org/x/time/rate"                       // token buckets, by the Go project; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

// Rate is a rate limit.
type Rate struct {
	PerSecond float64 // 0 means no limit
	Burst     int     // maximum burst, at least 1
}

// Rates limit what each user without the back-office role does. The zero value has no limit.
type Rates struct {
	Messages Rate // sent
	Changes  Rate // all other changes
}

// ratedUsers is the number of users whose buckets are kept. If more users are active, those that
// were idle longest start with a full bucket.
const ratedUsers = 50_000

// limiter has a bucket of each kind for each user.
type limiter struct {
	rates   Rates
	metrics *metrics.Metrics

	mu    sync.Mutex
	users *simplelru.LRU[string, *buckets]
}

type buckets struct{ messages, changes *rate.Limiter }

func newLimiter(r Rates, m *metrics.Metrics) *limiter {
	users, _ := simplelru.NewLRU[string, *buckets](ratedUsers, nil)
	return &limiter{rates: r, metrics: m, users: users}
}

// take takes a token from the user's bucket, or returns an error that says how long to wait for
// one.
func (l *limiter) take(user string, message bool) error {
	if l.rates == (Rates{}) {
		return nil
	}
	b := l.of(user)
	bucket, what, kind := b.changes, "change something", "changes"
	if message {
		bucket, what, kind = b.messages, "send a message", "messages"
	}
	r := bucket.Reserve()
	wait := r.Delay()
	if wait == 0 {
		return nil
	}
	r.Cancel()
	l.metrics.Limited(kind)
	return chat.TooFast(wait, "You %s too often.", what)
}

func (l *limiter) of(user string) *buckets {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.users.Get(user)
	if !known {
		b = &buckets{l.rates.Messages.bucket(), l.rates.Changes.bucket()}
		l.users.Add(user, b)
	}
	return b
}

func (r Rate) bucket() *rate.Limiter {
	if r.PerSecond == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
}
