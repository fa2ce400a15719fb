package job

import (
	"context"
	"time"

	"github.com/google/uuid" // as in internal/ledger

	"backchannel/internal/sqlstore"
)

const (
	leaseTime = 15 * time.Second
	endTime   = 5 * time.Second // to release a lease
)

// Duty is work that one server at a time does. A server on duty calls [Duty.On] before each step
// and, in each transaction, [sqlstore.Tx.HoldsLease] with the lease that it got. Then a server that
// paused and lost the lease in the meantime changes nothing. A Duty must be used by one goroutine
// only.
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
	renewed time.Time // zero without the lease
}

// NewDuty returns a duty. Its name is that of its lease.
func NewDuty(store *sqlstore.Store, name string) *Duty {
	return &Duty{store: store, lease: sqlstore.Lease{Name: name, Owner: uuid.NewString()}}
}

// On acquires or renews the lease, and reports whether this server has it. It writes only every few
// seconds.
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

// Lost records that another server has the lease.
func (d *Duty) Lost() { d.renewed = time.Time{} }

// Rest releases the lease, so that another server doesn't have to wait for it.
func (d *Duty) Rest(ctx context.Context) error {
	if d.renewed.IsZero() {
		return nil
	}
	d.renewed = time.Time{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	return d.store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.EndLease(d.lease) })
}
