package emulator

import (
	"sync/atomic"
	"time"
)

// clock is the real time, moved.
type clock struct{ ahead atomic.Int64 } // nanoseconds

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Now is the emulator's time.
func (e *Emulator) Now() time.Time { return e.clock.now() }

// Advance moves the clock forward, or back by a negative duration. It ticks on from
// there.
func (e *Emulator) Advance(d time.Duration) { e.clock.ahead.Add(int64(d)) }

// SetTime moves the clock to a time. It ticks on from there.
func (e *Emulator) SetTime(t time.Time) { e.clock.ahead.Store(int64(time.Until(t))) }
