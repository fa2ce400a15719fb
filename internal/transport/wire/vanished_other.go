//go:build !linux

package wire

import (
	"syscall"
	"time"
)

// vanishes leaves it to the system to decide when a peer is gone.
func vanishes(syscall.RawConn, time.Duration) {}
