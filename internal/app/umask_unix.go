//go:build unix

package app

import "syscall"

// keepToOwner has nobody else read the files that the program makes, nor enter its
// folders, whoever makes them: SQLite and the store of uploads choose modes of their own.
func keepToOwner() { syscall.Umask(0o077) }
