// Package keylock has locks by name, which callers wait for no longer than their contexts.
package keylock

import (
	"context"
	"sync"
)

// Locks are locks by name. The zero value is ready to use.
type Locks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

type keyLock struct {
	turn  chan struct{} // holds a value while the lock is free
	users int           // number of goroutines that hold or await it
}

// Lock waits for the lock with a name. If ctx ends first, it returns ctx.Err().
func (l *Locks) Lock(ctx context.Context, name string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*keyLock{}
	}
	k := l.held[name]
	if k == nil {
		k = &keyLock{turn: make(chan struct{}, 1)}
		k.turn <- struct{}{}
		l.held[name] = k
	}
	k.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.users--; k.users == 0 {
			delete(l.held, name)
		}
	}
	select {
	case <-k.turn:
		return func() {
			k.turn <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
