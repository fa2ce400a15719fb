package stream

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func testBreaker() *breaker {
	return newBreaker("test", 5*time.Second, slog.New(slog.DiscardHandler), nil)
}

const callTime = 300 * time.Millisecond

// operate does an operation of some calls.
func operate(ctx context.Context, b *breaker, calls ...bool) error {
	ctx, end := withOperation(ctx)
	defer end()
	op, _ := ctx.Value(operationKey{}).(*operation)
	for _, good := range calls {
		passed, err := op.enter(ctx, b)
		if err != nil {
			return err
		}
		time.Sleep(callTime)
		op.note(b, passed, good, !good)
	}
	return nil
}

func TestBreakerCountsOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBreaker()
		for range tripAfter - 1 {
			if err := operate(t.Context(), b, false, false, false, false, false, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := operate(t.Context(), b, true); err != nil {
			t.Errorf("after %d operations of six failures each: %v", tripAfter-1, err)
		}
		for range tripAfter {
			if err := operate(t.Context(), b, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := operate(t.Context(), b, true); !errors.Is(err, errShut) {
			t.Errorf("after %d failures in a row: %v", tripAfter, err)
		}
	})
}

// When Stream has recovered, all operations get through, more and more at once.
func TestBreakerOpensStepByStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBreaker()
		for range tripAfter {
			_ = operate(t.Context(), b, false)
		}
		time.Sleep(b.pause)
		begun := time.Now()
		var mu sync.Mutex
		began := map[time.Duration]int{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := operate(t.Context(), b, true, true); err != nil {
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

func TestBreakerShutsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBreaker()
		for range tripAfter {
			_ = operate(t.Context(), b, false)
		}
		time.Sleep(b.pause)
		_ = operate(t.Context(), b, true, false) // good at first, bad in the end
		if err := operate(t.Context(), b, true); !errors.Is(err, errShut) {
			t.Errorf("after a failure: %v", err)
		}
		time.Sleep(b.pause)
		for range closeAfter {
			if err := operate(t.Context(), b, true); err != nil {
				t.Fatal(err)
			}
		}
		if b.state != breakerClosed {
			t.Errorf("after %d successes it is %s", closeAfter, b.state)
		}
	})
}
