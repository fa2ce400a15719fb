package breaker

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func testBreaker() *Breaker {
	return New("test", 5*time.Second, 2*time.Second, slog.New(slog.DiscardHandler), nil)
}

const callTime = 300 * time.Millisecond

// operate does an operation of some calls, each of which takes some time.
func operate(ctx context.Context, b *Breaker, takes time.Duration, calls ...bool) error {
	ctx, op, end := Begin(ctx)
	defer end()
	for _, good := range calls {
		passed, err := op.Enter(ctx, b)
		if err != nil {
			return err
		}
		time.Sleep(takes)
		op.Note(b, passed, good, !good)
	}
	return nil
}

func TestBreakerCountsOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBreaker()
		for range tripAfter - 1 {
			if err := operate(t.Context(), b, callTime, false, false, false, false, false, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := operate(t.Context(), b, callTime, true); err != nil {
			t.Errorf("after %d operations of six failures each: %v", tripAfter-1, err)
		}
		for range tripAfter {
			if err := operate(t.Context(), b, callTime, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := operate(t.Context(), b, callTime, true); !errors.Is(err, errShut) {
			t.Errorf("after %d failures in a row: %v", tripAfter, err)
		}
	})
}

// When Stream has recovered, all operations get through, more and more at once.
func TestBreakerOpensStepByStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBreaker()
		for range tripAfter {
			_ = operate(t.Context(), b, callTime, false)
		}
		time.Sleep(b.pause)
		begun := time.Now()
		var mu sync.Mutex
		began := map[time.Duration]int{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := operate(t.Context(), b, callTime, true, true); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				began[(time.Since(begun)-2*callTime)/callTime]++
			})
		}
		wg.Wait()
		if want := map[time.Duration]int{0: 1, 1: 2, 2: 4, 3: 3}; !maps.Equal(began, want) {
			t.Errorf("began in each step: %v, want %v", began, want)
		}
	})
}

// The others wait as long as operations end, however slow Stream is, and no longer.
func TestBreakerLetsOthersWait(t *testing.T) {
	for _, row := range []struct {
		takes  time.Duration // a call
		passed int           // of ten
	}{
		{1900 * time.Millisecond, 10},
		{2100 * time.Millisecond, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := testBreaker()
			for range tripAfter {
				_ = operate(t.Context(), b, 0, false)
			}
			time.Sleep(b.pause)
			var passed atomic.Int32
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					switch err := operate(t.Context(), b, row.takes, true); {
					case err == nil:
						passed.Add(1)
					case !errors.Is(err, errShut):
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if int(passed.Load()) != row.passed {
				t.Errorf("of 10 operations of %v, %d passed, want %d", row.takes, passed.Load(), row.passed)
			}
		})
	}
}

func TestBreakerShutsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBreaker()
		for range tripAfter {
			_ = operate(t.Context(), b, callTime, false)
		}
		time.Sleep(b.pause)
		_ = operate(t.Context(), b, callTime, true, false) // good at first, bad in the end
		if err := operate(t.Context(), b, callTime, true); !errors.Is(err, errShut) {
			t.Errorf("after a failure: %v", err)
		}
		time.Sleep(b.pause)
		for range closeAfter {
			if err := operate(t.Context(), b, callTime, true); err != nil {
				t.Fatal(err)
			}
		}
		if b.state != closed {
			t.Errorf("after %d successes it is %s", closeAfter, b.state)
		}
	})
}
