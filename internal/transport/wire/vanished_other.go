//go:build !linux

package wire

import (
	"syscall"
	"time"
)

// vanishes does nothing: the system decides when a peer is gone.
func vanishes(syscall.RawConn, time.Duration) {}
