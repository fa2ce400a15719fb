package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// pendingSeq is the start of the seqs of changes without an outcome, so that they are listed as the
// newest.
const pendingSeq = int64(1) << 62

// pendingFor is how long the outcome of a change is looked for.
const pendingFor = 24 * time.Hour

// Intend stores that a change is about to be made in a hosted chat, and returns its record. If an
// earlier attempt stored it, that record is returned. After due, whoever makes the change has
// certainly stopped.
func (ChangeLog) Intend(tx *Tx, c chat.Change, due time.Time) (chat.Change, error) {
	text, err := json.Marshal(c.Targets)
	if err != nil {
		return c, fmt.Errorf("encoding what a change is about: %w", err)
	}
	earlier, found, err := TxFirst(tx, scanIntent, `SELECT `+intentColumns+` FROM change_intents i WHERE i.id = $1`, c.ID)
	if err != nil || found {
		return earlier, err
	}
	_, err = tx.Change(`INSERT INTO change_intents (id, operation, actor, via, reason, request_id, address, undoes, targets, at, due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID, c.Operation, c.By, string(c.Via), c.Reason, c.RequestID, c.Address, c.Undoes, string(text), Micros(c.At), Micros(due))
	return c, err
}

// HasOutcome reports whether the outcome of a change is stored.
func (ChangeLog) HasOutcome(tx *Tx, id string) (bool, error) {
	_, found, err := TxFirst(tx, ScanValue[int64], `SELECT no FROM changes WHERE id = $1`, id)
	return found, err
}

const (
	intentColumns = `i.id, i.operation, i.actor, i.via, i.reason, i.request_id, i.address, i.undoes, i.targets, i.at`
	noOutcome     = `NOT EXISTS (SELECT 1 FROM changes h WHERE h.id = i.id)`
)

func scanIntent(rows Row) (c chat.Change, err error) {
	var at int64
	var targets string
	err = rows.Scan(&c.ID, &c.Operation, &c.By, &c.Via, &c.Reason, &c.RequestID, &c.Address, &c.Undoes, &targets, &at)
	if err == nil {
		err = json.Unmarshal([]byte(targets), &c.Targets)
	}
	c.At, c.Outcome, c.Seq, c.TargetCount = Moment(at), chat.ChangeUnknown, pendingSeq+at, int64(len(c.Targets))
	return c, err
}

// Overdue returns the first changes since a time that have no outcome and that nobody is making any
// longer, with all targets.
func (l ChangeLog) Overdue(ctx context.Context, since, now time.Time, limit int) ([]chat.Change, error) {
	rows, err := l.store.Query(ctx, `SELECT `+intentColumns+` FROM change_intents i WHERE i.at >= $1 AND i.due < $2 AND `+noOutcome+
		` ORDER BY i.at LIMIT $3`, max(Micros(since), 0), Micros(now), limit)
	return Collect(rows, err, scanIntent)
}

// pending returns changes without an outcome that match a query, newest first.
func (l ChangeLog) pending(ctx context.Context, q chat.ChangeQuery) ([]chat.Change, error) {
	if q.After != 0 && q.After <= pendingSeq {
		return nil, nil
	}
	before := pendingSeq // before all of them
	if q.After > pendingSeq {
		before = q.After - pendingSeq
	}
	rows, err := l.store.Query(ctx, `SELECT `+intentColumns+` FROM change_intents i WHERE i.at >= $1 AND i.at < $2 AND `+noOutcome+
		` ORDER BY i.at DESC`, max(Micros(time.Now().Add(-pendingFor)), 0), before)
	list, err := Collect(rows, err, scanIntent)
	return slices.DeleteFunc(list, func(c chat.Change) bool { return !q.Matches(c) }), err
}

// pendingOne returns a change without an outcome, if there is one.
func (l ChangeLog) pendingOne(ctx context.Context, id string) ([]chat.Change, error) {
	rows, err := l.store.Query(ctx, `SELECT `+intentColumns+` FROM change_intents i WHERE i.id = $1 AND `+noOutcome, id)
	return Collect(rows, err, scanIntent)
}

// shown truncates the targets to those shown in lists.
func shown(list []chat.Change) []chat.Change {
	for i := range list {
		list[i].Targets = list[i].Targets[:min(len(list[i].Targets), chat.MaxTargetsShown)]
	}
	return list
}
