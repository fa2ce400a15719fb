//go:build unix

package app

import "syscall"

// keepToOwner makes the program's files and folders inaccessible to other users. SQLite and the
// store of uploads set modes of their own.
func keepToOwner() { syscall.Umask(0o077) }
