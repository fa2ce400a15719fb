//go:build unix

package app

import "syscall"

// keepToOwner makes the files and folders of the program unreadable for other users. SQLite
// and the store of uploads choose modes of their own.
func keepToOwner() { syscall.Umask(0o077) }
