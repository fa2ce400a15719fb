//go:build !unix

package app

// keepToOwner does nothing on systems whose files have no such modes.
func keepToOwner() {}
