//go:build !unix

package wire

// attempt is one write that doesn't wait.
type attempt struct {
	buf     []byte
	written int
}

// try leaves everything to a goroutine that may wait.
func (a *attempt) try(*Conn) error { return nil }
