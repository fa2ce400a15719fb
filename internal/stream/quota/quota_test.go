package quota_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"backchannel/internal/stream/quota"
)

// Under any load a call stays below its limit per minute and per second.
func TestQuotaKeepsBelowTheLimits(t *testing.T) {
	for _, limit := range []int{60, 300, 1_000, 10_000} {
		synctest.Test(t, func(t *testing.T) {
			q := quota.New(limit)
			var calls []time.Time
			for begun := time.Now(); time.Since(begun) < 3*time.Minute; {
				if err := q.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				calls = append(calls, time.Now())
			}
			for _, span := range []struct {
				length time.Duration
				most   int
			}{{time.Second, limit / 30}, {time.Minute, limit}} {
				first := 0
				for i := range calls {
					for calls[i].Sub(calls[first]) >= span.length {
						first++
					}
					if n := i - first + 1; n > span.most {
						t.Fatalf("limit %d: %d calls within %v, more than %d", limit, n, span.length, span.most)
					}
				}
			}
			if least := limit * 5 / 2; len(calls) < least {
				t.Errorf("limit %d: only %d calls in three minutes, want %d", limit, len(calls), least)
			}
		})
	}
}

func limits(limit, remaining int, reset time.Time) http.Header {
	h := http.Header{}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	return h
}

// Others use the app's limits up too: the answers tell.
func TestQuotaHeedsTheAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := quota.New(60)
		took := func(calls int) time.Duration {
			begun := time.Now()
			for range calls {
				if err := q.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(begun)
		}
		took(1)
		q.Learn(limits(6_000, 5_000, time.Now().Add(time.Minute)))
		if d := took(200); d > 3*time.Second {
			t.Errorf("with a higher limit 200 calls took %v", d)
		}
		q.Learn(limits(6_000, 10, time.Now().Add(20*time.Second)))
		if d := took(10); d < 8*time.Second || d > 20*time.Second {
			t.Errorf("with 10 calls left for 20 s, 10 took %v", d)
		}
		q.Learn(limits(6_000, 0, time.Now().Add(15*time.Second)))
		if d := took(1); d < 14*time.Second {
			t.Errorf("with no calls left for 15 s, one took %v", d)
		}
		q.Learn(limits(6_000, 5_999, time.Now().Add(time.Minute)))
		if d := took(200); d > 3*time.Second {
			t.Errorf("in the next minute 200 calls took %v", d)
		}
		q.Learn(limits(6_000, 0, time.Now().Add(15*time.Second)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		var tired *quota.WaitError
		if err := q.Wait(ctx); !errors.As(err, &tired) || time.Since(begun) > 0 {
			t.Errorf("a caller who can't wait so long heard after %v: %v", time.Since(begun), err)
		}
	})
}
