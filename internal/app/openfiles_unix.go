//go:build unix

package app

import (
	"math"
	"syscall"
)

// openFiles returns the maximum number of open files and sockets of the process. Go's runtime has
// already raised the soft limit to the hard one.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt
	}
	return int(min(uint64(limit.Cur), math.MaxInt)) //nolint:unconvert // it is signed on some systems
}
