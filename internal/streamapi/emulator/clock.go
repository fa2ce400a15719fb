package emulator

import (
	"sync/atomic"
	"time"
)

// clock is the real time, shifted.
type clock struct{ ahead atomic.Int64 } // nanoseconds

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Now returns the emulator's time.
func (e *Emulator) Now() time.Time { return e.clock.now() }

// Advance moves the clock forward, or back if d is negative. The clock keeps running.
func (e *Emulator) Advance(d time.Duration) { e.clock.ahead.Add(int64(d)) }

// SetTime sets the clock. The clock keeps running.
func (e *Emulator) SetTime(t time.Time) { e.clock.ahead.Store(int64(time.Until(t))) }
