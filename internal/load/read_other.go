//go:build !unix

package load

func (s *subscriber) readAll() error { return s.readPlainly() }
