//go:build !unix

package app

import "math"

// openFiles is how many files and sockets the process may have open: no limit
// that we know of.
func openFiles() int { return math.MaxInt }
