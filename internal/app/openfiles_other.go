//go:build !unix

package app

import "math"

// openFiles returns the maximum number of open files and sockets of the process: no known limit.
func openFiles() int { return math.MaxInt }
