package job

import (
	"context"
	"time"

	"github.com/google/uuid" // as in internal/ledger

	"backchannel/internal/sqlstore"
)

const (
	leaseTime = 15 * time.Second
	endTime   = 5 * time.Second // for giving a lease back
)

// Duty is work that one server at a time does. A server on duty asks [Duty.On] before each
// step, and in each transaction [sqlstore.Tx.HoldsLease] of the lease that it got: then a
// server that stood still, and lost the lease meanwhile, changes nothing. It is for one
// goroutine.
//
//	duty := job.NewDuty(store, "webhooks")
//	defer duty.Rest(ctx)
//	for … {
//		lease, held, err := duty.On(ctx)
//		if err != nil || !held {
//			wait, then try again
//		}
//		store.Write(ctx, func(tx *sqlstore.Tx) error {
//			held, err := tx.HoldsLease(lease)
//			if err != nil || !held {
//				return err
//			}
//			…
//		})
//	}
type Duty struct {
	store   *sqlstore.Store
	lease   sqlstore.Lease
	renewed time.Time // zero if the lease isn't held
}

// NewDuty returns a duty by its name, which is that of its lease.
func NewDuty(store *sqlstore.Store, name string) *Duty {
	return &Duty{store: store, lease: sqlstore.Lease{Name: name, Owner: uuid.NewString()}}
}

// On takes the duty, or keeps it, and reports whether this server has it. It writes every
// few seconds only.
func (d *Duty) On(ctx context.Context) (l sqlstore.Lease, held bool, err error) {
	if !d.renewed.IsZero() && time.Since(d.renewed) < leaseTime/3 {
		return d.lease, true, nil
	}
	begun := time.Now()
	err = d.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		l, held, err = tx.TakeLease(d.lease.Name, d.lease.Owner, leaseTime)
		return err
	})
	d.renewed = time.Time{}
	if err != nil || !held {
		return l, false, err
	}
	d.lease, d.renewed = l, begun
	return l, true, nil
}

// Lost says that the lease was found to be another's.
func (d *Duty) Lost() { d.renewed = time.Time{} }

// Rest gives the duty back, so that another server needn't wait for it.
func (d *Duty) Rest(ctx context.Context) error {
	if d.renewed.IsZero() {
		return nil
	}
	d.renewed = time.Time{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	return d.store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.EndLease(d.lease) })
}
