//go:build unix

package wire

import (
	"errors"
	"syscall"
)

// attempt is one write that doesn't wait.
type attempt struct {
	buf     []byte
	written int
	err     error
	fn      func(fd uintptr) bool
}

// try writes as much as the kernel accepts without waiting.
func (a *attempt) try(c *Conn) error {
	if c.raw == nil {
		return nil // nothing was written
	}
	if a.fn == nil {
		a.fn = a.once
	}
	a.err = nil
	if err := c.raw.Write(a.fn); err != nil {
		return err
	}
	return a.err
}

func (a *attempt) once(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), a.buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
		case err != nil:
			a.err = err
		default:
			a.written = n
		}
		return true
	}
}
