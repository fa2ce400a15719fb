package plan

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"backchannel/internal/chat"
)

// Of many large answers at once each finishes, and together they never take more than they
// may.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Memory
		done := make(chan error)
		const answers = 100
		for i := range answers {
			go func() {
				l, err := m.Lease(t.Context(), ChunkSize)
				for range 20 + i {
					if err == nil {
						time.Sleep(time.Millisecond)
						err = l.take(t.Context(), ChunkSize)
					}
					m.mu.Lock()
					if m.used > AllBytes {
						t.Errorf("%d bytes are taken", m.used)
					}
					m.mu.Unlock()
				}
				if l != nil {
					l.Settle(l.answer)
					time.Sleep(time.Millisecond)
					l.End()
				}
				done <- err
			}()
		}
		late := 0
		for range answers {
			if err := <-done; chat.CodeOf(err) == chat.RateLimited {
				late++
			} else if err != nil {
				t.Error(err)
			}
		}
		if late > 0 {
			t.Errorf("%d answers were refused", late)
		}
		if m.used != 0 || m.beyond != nil || len(m.queue) != 0 {
			t.Errorf("afterwards %d bytes are taken, %d wait", m.used, len(m.queue))
		}
	})
}

func TestWaitingForMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Memory
		ctx := t.Context()
		slow, err := m.Lease(ctx, sharedBytes)
		if err != nil {
			t.Fatal(err)
		}
		slow.Settle(sharedBytes) // it is being sent
		large, err := m.Lease(ctx, AllBytes-sharedBytes)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_, err = m.Lease(ctx, 1)
		if chat.CodeOf(err) != chat.RateLimited || time.Since(begin) != leasePatience {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		gone, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err = m.Lease(gone, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who has gone waits: %v", err)
		}
		got := make(chan error)
		go func() {
			l, err := m.Lease(ctx, ChunkSize)
			if err == nil {
				l.End()
			}
			got <- err
		}()
		synctest.Wait()
		slow.End()
		if err := <-got; err != nil {
			t.Errorf("who waits gets what becomes free: %v", err)
		}
		large.End()
		huge, err := m.Lease(ctx, 2*AllBytes) // alone it needn't wait
		if err != nil {
			t.Fatal(err)
		}
		huge.End()
		if m.used != 0 || m.beyond != nil {
			t.Errorf("afterwards %d bytes are taken", m.used)
		}
	})
}
