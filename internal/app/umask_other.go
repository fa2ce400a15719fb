//go:build !unix

package app

// keepToOwner does nothing where files have no such modes.
func keepToOwner() {}
