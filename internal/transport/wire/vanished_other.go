//go:build !linux

package wire

import (
	"syscall"
	"time"
)

// vanishes leaves it to the system when a peer counts as gone.
func vanishes(syscall.RawConn, time.Duration) {}
