package plan

import (
	"context"
	"errors"
	"testing"
)

// Writing a list ends when the caller has gone.
func TestListsEndForNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var m Memory
	l, err := m.Lease(ctx, ChunkSize)
	if err != nil {
		t.Fatal(err)
	}
	o := NewOutput(ctx, nil, nil, 1<<30, l)
	o.begin()
	list := make([]int, 1_000_000)
	written := 0
	b := appendList(o, nil, list, func(b []byte, _ *int) []byte {
		if written++; written == 100_000 {
			cancel()
		}
		if b = append(b, "0123456789"...); len(b) > o.room && !o.more(len(b)) {
			return nil
		}
		return b
	})
	if b != nil || written > 150_000 || !errors.Is(o.failed, context.Canceled) {
		t.Errorf("%d items were written: %v", written, o.failed)
	}
	l.End()
	if m.used != 0 {
		t.Errorf("%d bytes are leased", m.used)
	}
}
