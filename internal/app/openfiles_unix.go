//go:build unix

package app

import (
	"math"
	"syscall"
)

// openFiles is how many files and sockets the process may have open. Go's runtime
// has raised the soft limit to the hard one by now.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt
	}
	return int(min(uint64(limit.Cur), math.MaxInt)) //nolint:unconvert // it is signed on some systems
}
