//go:build unix

package load

import (
	"errors"
	"io"
	"syscall"
)

// readAll reads until the connection ends. It uses a buffer only while there is something to read,
// so that thousands of connections share a few.
func (s *subscriber) readAll() error {
	source, ok := s.conn.(syscall.Conn)
	if !ok {
		return s.readPlainly()
	}
	raw, err := source.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		var more bool
		for more = true; more && failed == nil; {
			more, failed = s.readOnce(int(fd))
		}
		return failed != nil
	})
	return errors.Join(failed, err)
}

// readOnce reads the available data; more reports whether there may be more. It reads until nothing
// is available, since the runtime signals new data only once, and would otherwise miss an end that
// arrived with the last bytes.
func (s *subscriber) readOnce(fd int) (more bool, err error) {
	buffer := s.audience.buffers.Get().(*[]byte)
	defer s.audience.buffers.Put(buffer)
	kept := copy(*buffer, s.rest)
	if kept == len(*buffer) {
		return false, errLong
	}
	n, err := syscall.Read(fd, (*buffer)[kept:])
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return false, nil
	case errors.Is(err, syscall.EINTR):
		return true, nil
	case err != nil:
		return false, err
	case n == 0:
		return false, io.EOF
	}
	return true, s.take((*buffer)[:kept+n])
}
