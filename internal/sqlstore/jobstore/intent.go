package jobstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Intent returns what an earlier attempt at a row was about to change, nil if nothing is known.
func Intent(tx *sqlstore.Tx, t chat.Task) (targets []chat.ChangeTarget, err error) {
	text, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[string], `SELECT intent FROM job_rows WHERE job = $1 AND no = $2`, t.Job, t.Row)
	if err != nil || text == "" {
		return nil, err
	}
	err = json.Unmarshal([]byte(text), &targets)
	return targets, err
}

// Intend stores what a row is about to change elsewhere, if it is still to be done by this lease.
func Intend(tx *sqlstore.Tx, t chat.Task, targets []chat.ChangeTarget) error {
	text, err := json.Marshal(targets)
	if err != nil {
		return fmt.Errorf("encoding what a row is about: %w", err)
	}
	if err := Claim(tx, t, true); err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE job_rows SET intent = $3 WHERE job = $1 AND no = $2`, t.Job, t.Row, string(text))
	return err
}

// Doubt is a row whose job ended before it was known whether the row changed something elsewhere.
type Doubt struct {
	chat.Task
	State  chat.RowState // RowBegun or RowFailed
	Intent []chat.ChangeTarget
	Ended  time.Time // the job
}

// Doubts returns some of those rows, of jobs that ended after a time; of one job, unless that is "".
func Doubts(ctx context.Context, s *sqlstore.Store, job string, since time.Time) ([]Doubt, error) {
	const atOnce = 100
	rows, err := s.Query(ctx, `SELECT r.job, r.no, r.state, r.intent, j.ended_at, j.change, COALESCE(c.no, 0) FROM jobs j
		JOIN job_rows r ON r.job = j.id LEFT JOIN changes c ON c.id = j.change
		WHERE j.state IN ('STOPPED', 'DONE_WITH_FAILURES') AND j.ended_at > $1 AND ($2 = '' OR j.id = $2)
			AND r.state IN ('BEGUN', 'FAILED') AND r.intent <> '' ORDER BY j.ended_at, r.no LIMIT $3`, max(sqlstore.Micros(since), 0), job, atOnce)
	return sqlstore.Collect(rows, err, func(rows sqlstore.Row) (d Doubt, err error) {
		var intent string
		var ended int64
		if err = rows.Scan(&d.Job, &d.Row, &d.State, &intent, &ended, &d.Change, &d.ChangeNo); err == nil {
			err = json.Unmarshal([]byte(intent), &d.Intent)
		}
		d.Ended = sqlstore.Moment(ended)
		return d, err
	})
}

// InDoubt reports whether it isn't known what became of a row of a job that has begun.
func InDoubt(tx *sqlstore.Tx, job string) (bool, error) {
	_, found, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT no FROM job_rows
		WHERE job = $1 AND state = 'BEGUN' AND intent <> '' LIMIT 1`, job)
	return found, err
}

// Settle ends a doubt: it adds what the row changed to the job's record, and a row that has begun is
// done, or was never begun. It does nothing if the job goes on by now, or the row was settled.
func Settle(tx *sqlstore.Tx, d Doubt, done bool, changed []chat.ChangeTarget) error {
	j, found, err := Find(tx, d.Job)
	if err != nil || !found || j.EndedAt.IsZero() {
		return err
	}
	state, more := d.State, 0
	switch {
	case d.State == chat.RowBegun && done:
		state, more = chat.RowDone, 1
	case d.State == chat.RowBegun:
		state = chat.RowWaiting
	}
	n, err := tx.Change(`UPDATE job_rows SET state = $4, intent = '' WHERE job = $1 AND no = $2 AND state = $3 AND intent <> ''`,
		d.Job, d.Row, string(d.State), string(state))
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.Change(`UPDATE jobs SET done = done + $2 WHERE id = $1`, d.Job, more); err != nil {
		return err
	}
	if d.ChangeNo > 0 {
		err = tx.RecordMore(d.Change, d.ChangeNo, func() error {
			tx.Note(changed...)
			return nil
		})
	}
	if err == nil {
		_, err = Tell(tx, d.Job)
	}
	return err
}
