package sqlstore

import (
	"context"
	"sync/atomic"

	"backchannel/internal/chat"
)

// SharedRecord is the single record of all changes of a request, in any number of transactions.
// Each transaction stores its part together with its effect; those that change nothing store none.
type SharedRecord struct {
	draft  chat.Change
	stored atomic.Pointer[chat.Change]
	parts  atomic.Int64
	then   func(c chat.Change)
}

type sharedKey struct{}

// WithRecord returns a context under which all writes go into one record. then is called once,
// after the commit of the first part.
func WithRecord(ctx context.Context, draft chat.Change, then func(c chat.Change)) (context.Context, *SharedRecord) {
	s := &SharedRecord{draft: draft, then: then}
	return context.WithValue(ctx, sharedKey{}, s), s
}

// Stored returns the record as stored by its first part, and the number of parts; nil if nothing
// was changed.
func (s *SharedRecord) Stored() (*chat.Change, int64) { return s.stored.Load(), s.parts.Load() }

// job returns j with its part of the record.
func (s *SharedRecord) job(j Job) Job {
	run := j.Run
	j.Run = func(tx *Tx) error {
		if c := s.stored.Load(); c != nil {
			s.parts.Add(1)
			return tx.RecordMore(c.ID, c.Seq, func() error { return run(tx) })
		}
		_, err := tx.Record(s.draft, func() error {
			err := run(tx)
			if r := tx.recording; r != nil && len(r.targets)+len(r.binned) == 0 {
				tx.Unrecord()
			}
			return err
		}, func(c chat.Change) {
			s.parts.Add(1)
			s.stored.Store(&c)
			s.then(c)
		})
		return err
	}
	return j
}

// WithStoredRecord is like [WithRecord], for a record whose first part is stored already. It
// reports whether the record exists.
func WithStoredRecord(ctx context.Context, s *Store, id string) (context.Context, bool, error) {
	rows, err := s.Query(ctx, `SELECT no FROM changes WHERE id = $1`, id)
	no, found, err := First(rows, err, ScanValue[int64])
	if err != nil || !found {
		return ctx, false, err
	}
	shared := &SharedRecord{}
	shared.stored.Store(&chat.Change{ID: id, Seq: no})
	return context.WithValue(ctx, sharedKey{}, shared), true, nil
}
