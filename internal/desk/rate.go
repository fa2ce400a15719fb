package desk

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru" // the list alone: the lock guards the buckets as well; MPL-2.0
	"golang.org/x/time/rate"                       // token buckets, of the Go project; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

// Rate is how often a user may do something.
type Rate struct {
	PerSecond float64 // 0 means no limit
	Burst     int     // how often at once, at least 1
}

// Rates bound what each user without the back-office role does. The zero value has
// no limit.
type Rates struct {
	Messages Rate // sent
	Changes  Rate // everything else that changes something
}

// ratedUsers is how many users' buckets are kept. If there are more users at a time, those
// that were idle longest begin anew.
const ratedUsers = 50_000

// limiter keeps a bucket of each kind for each user.
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

// take takes a token from the user's bucket, or says how long to wait for one.
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
