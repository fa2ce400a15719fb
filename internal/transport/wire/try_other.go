//go:build !unix

package wire

// attempt is one write that doesn't wait.
type attempt struct {
	buf     []byte
	written int
}

// try writes nothing, so that a goroutine that may wait writes everything.
func (a *attempt) try(*Conn) error { return nil }
