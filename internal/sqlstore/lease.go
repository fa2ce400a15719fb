package sqlstore

import "time"

// Lease is the exclusive right of its owner to do what it names, for a time. A later owner has a
// higher number, and times are by the database's clock, so owners' clocks don't matter.
type Lease struct {
	Name, Owner string
	Number      int64
}

// TakeLease acquires or renews a lease, and reports whether the owner has it now. All owners must
// give the same time. A lease that lasts far longer was given while the clock was ahead, and counts
// as ended: its owner may be gone, and another would wait for the clock.
func (tx *Tx) TakeLease(name, owner string, ttl time.Duration) (Lease, bool, error) {
	now := tx.writer.dialect.clock
	number, taken, err := Returning(tx, ScanValue[int64], `INSERT INTO leases (name, owner, number, until)
		VALUES ($1, $2, 1, `+now+` + $3)
		ON CONFLICT (name) DO UPDATE SET owner = $2, until = `+now+` + $3,
			number = leases.number + CASE WHEN leases.owner = $2 AND leases.until > `+now+` THEN 0 ELSE 1 END
		WHERE leases.owner = $2 OR leases.until <= `+now+` OR leases.until > `+now+` + 2 * $3 RETURNING number`, name, owner, ttl.Microseconds())
	return Lease{Name: name, Owner: owner, Number: number}, taken, err
}

// HoldsLease reports whether a lease is still valid, and keeps it valid until this transaction
// ends. Work under a lease must call it first, in its own transaction.
func (tx *Tx) HoldsLease(l Lease) (bool, error) {
	_, held, err := TxFirst(tx, ScanValue[int64], `SELECT number FROM leases
		WHERE name = $1 AND owner = $2 AND number = $3 AND until > `+tx.writer.dialect.clock+tx.writer.dialect.hold, l.Name, l.Owner, l.Number)
	return held, err
}

// EndLease releases a lease.
func (tx *Tx) EndLease(l Lease) error {
	_, err := tx.Change(`UPDATE leases SET until = 0 WHERE name = $1 AND owner = $2 AND number = $3`, l.Name, l.Owner, l.Number)
	return err
}
