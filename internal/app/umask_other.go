//go:build !unix

package app

// keepToOwner does nothing on systems without file modes.
func keepToOwner() {}
