package engine

import (
	"sync"
	"time"
)

// recent caches the last result of an expensive query.
type recent[T any] struct {
	mu    sync.Mutex
	taken time.Time
	last  T
}

// get returns a result that is at most that old. Only one caller at a time reads a new one.
func (r *recent[T]) get(age time.Duration, read func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.taken) < age {
		return r.last, nil
	}
	fresh, err := read()
	if err == nil {
		r.taken, r.last = time.Now(), fresh
	}
	return fresh, err
}
