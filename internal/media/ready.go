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
	probeTime  = 1500 * time.Millisecond // less than those have who ask
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
		limited, cancel := context.WithTimeoutCause(ctx, probeTime, errStalled)
		defer cancel()
		err := s.probe(limited)
		if err != nil && ctx.Err() != nil {
			return unavailable(err) // the caller left, which says nothing about the files
		}
		s.ready.err, s.ready.known, s.ready.probed = err, true, time.Now()
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

// away returns an error if the last file couldn't be stored, and trying to fails still. So those who
// upload don't wait for a bucket that doesn't answer.
func (s *Store) away(ctx context.Context) error {
	s.ready.mu.Lock()
	fine := !s.ready.known || s.ready.err == nil
	s.ready.mu.Unlock()
	if fine {
		return nil
	}
	return s.Ready(ctx)
}

// writable is a metric.
func (s *Store) writable() float64 {
	if s.away(context.Background()) != nil {
		return 0
	}
	return 1
}

// reason describes why uploads can't be stored, without internal details.
func reason(err error) string {
	switch code := gcerrors.Code(err); {
	case errors.Is(err, errStalled):
		return "The place of the uploads doesn't answer."
	case errors.Is(err, syscall.ENOSPC):
		return "The disk of the uploads is full."
	case code == gcerrors.NotFound, errors.Is(err, errNoBucket):
		return "The place of the uploads doesn't exist."
	case code == gcerrors.PermissionDenied:
		return "The place of the uploads may not be written."
	}
	return "Uploads can't be stored."
}
