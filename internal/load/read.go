package load

import (
	"errors"
	"io"
)

var errLong = errors.New("the server sent a frame longer than any that was asked for")

// readPlainly reads with a buffer that the connection keeps while it waits.
func (s *subscriber) readPlainly() error {
	buffer := make([]byte, len(*s.audience.buffers.Get().(*[]byte)))
	for {
		kept := copy(buffer, s.rest)
		if kept == len(buffer) {
			return errLong
		}
		n, err := s.conn.Read(buffer[kept:])
		if n > 0 {
			if err := s.take(buffer[:kept+n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

func (s *subscriber) read() {
	err := s.readAll()
	if err == nil {
		err = io.EOF
	}
	s.audience.ended(err)
	_ = s.conn.Close()
}
