package media

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"
	"time"

	"gocloud.dev/gcerrors"

	"backchannel/internal/chat"
)

const (
	probeName  = "ready-probe"
	probeEvery = time.Second
)

// readiness remembers whether storing the last file succeeded. Initially that is unknown.
type readiness struct {
	mu     sync.Mutex
	known  bool
	err    error
	probed time.Time
}

// note records the result of storing a file.
func (r *readiness) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.err = true, err
}

// Ready returns nil if uploads can be stored. Unless the last file was stored successfully, it
// stores and removes a tiny file, at most once a second. The error's message is safe to show.
func (s *Store) Ready(ctx context.Context) error {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	if (!s.ready.known || s.ready.err != nil) && time.Since(s.ready.probed) >= probeEvery {
		s.ready.err = s.probe(ctx)
		s.ready.known, s.ready.probed = true, time.Now()
	}
	if s.ready.err == nil {
		return nil
	}
	return &chat.Error{Code: chat.Unavailable, Message: reason(s.ready.err), Cause: s.ready.err}
}

func (s *Store) probe(ctx context.Context) error {
	_, err := s.files.put(ctx, probeName, "text/plain", func(w io.Writer) error {
		_, err := io.WriteString(w, "Backchannel can write here.\n")
		return err
	})
	if err != nil {
		return err
	}
	return s.files.remove(ctx, probeName)
}

// reason describes why uploads can't be stored, without internal details.
func reason(err error) string {
	switch code := gcerrors.Code(err); {
	case errors.Is(err, syscall.ENOSPC):
		return "The disk of the uploads is full."
	case code == gcerrors.NotFound:
		return "The place of the uploads doesn't exist."
	case code == gcerrors.PermissionDenied:
		return "The place of the uploads may not be written."
	}
	return "Uploads can't be stored."
}
