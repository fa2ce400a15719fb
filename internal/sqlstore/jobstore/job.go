package jobstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const columns = `id, operation, state, actor, actor_name, change, announcement, local_time, zone, total, done, failed,
	created_at, begun_at, ended_at, seq`

func scanJob(rows sqlstore.Row) (j chat.Job, err error) {
	var created, begun, ended int64
	err = rows.Scan(&j.ID, &j.Operation, &j.State, &j.By.ID, &j.By.Name, &j.Change, &j.Announcement, &j.Schedule.Local, &j.Schedule.Zone,
		&j.Total, &j.Done, &j.Failed, &created, &begun, &ended, &j.Seq)
	j.CreatedAt, j.BegunAt, j.EndedAt = sqlstore.Moment(created), sqlstore.Moment(begun), sqlstore.Moment(ended)
	return j, err
}

// Get returns a job and whether it exists.
func Get(ctx context.Context, s *sqlstore.Store, id string) (chat.Job, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+columns+` FROM jobs WHERE id = $1`, id)
	return sqlstore.First(rows, err, scanJob)
}

// ByChange returns the job that made a change and whether there is one.
func ByChange(ctx context.Context, s *sqlstore.Store, change string) (chat.Job, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+columns+` FROM jobs WHERE change = $1 AND change <> ''`, change)
	return sqlstore.First(rows, err, scanJob)
}

// List returns up to one more job than the query's limit, newest first.
func List(ctx context.Context, s *sqlstore.Store, q chat.JobQuery) ([]chat.Job, error) {
	rows, err := s.Query(ctx, `SELECT `+columns+` FROM jobs WHERE ($1 = '' OR id < $1) AND ($2 = '' OR state = $2)
		AND ($3 = '' OR announcement = $3) AND ($4 = 0 AND state <> 'DRAFT' OR $4 = 1 AND announcement = id) ORDER BY id DESC LIMIT $5`,
		q.After, string(q.State), q.Announcement, number(q.Announcements), q.Limit+1)
	return sqlstore.Collect(rows, err, scanJob)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Open returns the jobs whose state is [chat.JobState.Open], oldest first.
func Open(ctx context.Context, s *sqlstore.Store) ([]chat.Job, error) {
	rows, err := s.Query(ctx, `SELECT `+columns+` FROM jobs WHERE state IN ('SCHEDULED', 'RUNNING') ORDER BY id LIMIT $1`, chat.MaxOpenJobs)
	return sqlstore.Collect(rows, err, scanJob)
}

// LastOf returns the last job of each operation about an announcement, except for the one that
// sends it.
func LastOf(ctx context.Context, s *sqlstore.Store, announcement string) ([]chat.Job, error) {
	rows, err := s.Query(ctx, `SELECT `+columns+` FROM jobs j WHERE announcement = $1 AND id <> $1
		AND NOT EXISTS (SELECT 1 FROM jobs later WHERE later.announcement = $1 AND later.operation = j.operation AND later.id > j.id)`, announcement)
	return sqlstore.Collect(rows, err, scanJob)
}

// OpenOf returns the jobs about an announcement that are running or paused.
func OpenOf(tx *sqlstore.Tx, announcement string) ([]chat.Job, error) {
	return sqlstore.TxCollect(tx, scanJob, `SELECT `+columns+` FROM jobs WHERE announcement = $1 AND state IN ('RUNNING', 'PAUSED') ORDER BY id`, announcement)
}

// LastAbout returns the last job about an announcement, of one operation or of all, "", and whether
// there is one.
func LastAbout(tx *sqlstore.Tx, announcement, operation string) (chat.Job, bool, error) {
	return sqlstore.TxFirst(tx, scanJob, `SELECT `+columns+` FROM jobs WHERE announcement = $1 AND ($2 = '' OR operation = $2)
		ORDER BY id DESC LIMIT 1`, announcement, operation)
}

// End returns the end of the log of jobs.
func End(ctx context.Context, s *sqlstore.Store) (sqlstore.LogEnd, error) {
	rows, err := s.Query(ctx, `SELECT c.value, COALESCE((SELECT value FROM counters WHERE name = 'log_base'), 0) FROM counters c WHERE c.name = 'jobs'`)
	end, _, err := sqlstore.First(rows, err, func(rows sqlstore.Row) (end sqlstore.LogEnd, err error) {
		err = rows.Scan(&end.Seq, &end.Floor)
		return end, err
	})
	return end, err
}

// Events returns the events of a part of the log of jobs. A job appears at its last change. In
// place of an earlier change is the next job in its current state, even if its last change is after
// this part.
func Events(ctx context.Context, s *sqlstore.Store, part sqlstore.Span) (list []chat.Event, err error) {
	rows, err := s.Query(ctx, `SELECT `+columns+` FROM jobs WHERE seq > $1 ORDER BY seq LIMIT $2`, part.After, part.Limit)
	jobs, err := sqlstore.Collect(rows, err, scanJob)
	seq := part.After
	for _, j := range jobs {
		for seq < min(j.Seq, part.UpTo) && len(list) < part.Limit {
			seq++
			list = append(list, chat.Event{Seq: seq, Type: chat.JobProgressed, Job: &j, CreatedAt: j.CreatedAt})
		}
	}
	return list, err
}

// Find returns a job and whether it exists. It is locked until this transaction ends.
func Find(tx *sqlstore.Tx, id string) (chat.Job, bool, error) {
	return sqlstore.Returning(tx, scanJob, `UPDATE jobs SET state = state WHERE id = $1 RETURNING `+columns, id)
}

// Insert adds a job with its input.
func Insert(tx *sqlstore.Tx, j chat.Job, in chat.JobInput) error {
	text, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encoding a job's input: %w", err)
	}
	_, err = tx.Change(`INSERT INTO jobs (id, operation, state, input, actor, actor_name, change, announcement, local_time, zone, total, done, failed,
		created_at, begun_at, ended_at, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', 0, 0, 0, $9, 0, 0, 0)`,
		j.ID, j.Operation, string(j.State), string(text), j.By.ID, j.By.Name, j.Change, j.Announcement, sqlstore.Micros(j.CreatedAt))
	return err
}

// Input returns the input of a job's operation.
func Input(ctx context.Context, s *sqlstore.Store, id string) (in chat.JobInput, err error) {
	rows, err := s.Query(ctx, `SELECT input FROM jobs WHERE id = $1`, id)
	text, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[string])
	if err != nil {
		return in, err
	}
	err = json.Unmarshal([]byte(text), &in)
	return in, err
}

// Put stores a job's state, times, schedule and who started it. It returns the job with its place
// in the log of jobs. The counts of its rows don't change.
func Put(tx *sqlstore.Tx, j chat.Job) (chat.Job, error) {
	seq, err := nextSeq(tx)
	if err != nil {
		return j, err
	}
	j.Seq = seq
	_, err = tx.Change(`UPDATE jobs SET state = $2, local_time = $3, zone = $4, begun_at = $5, ended_at = $6, actor = $7, actor_name = $8,
		change = $9, seq = $10 WHERE id = $1`, j.ID, string(j.State), j.Schedule.Local, j.Schedule.Zone, sqlstore.Micros(j.BegunAt),
		sqlstore.Micros(j.EndedAt), j.By.ID, j.By.Name, j.Change, seq)
	return j, err
}

// Tell appends a job's progress to the log of jobs.
func Tell(tx *sqlstore.Tx, id string) (int64, error) {
	seq, err := nextSeq(tx)
	if err == nil {
		_, err = tx.Change(`UPDATE jobs SET seq = $2 WHERE id = $1`, id, seq)
	}
	return seq, err
}

func nextSeq(tx *sqlstore.Tx) (int64, error) {
	seq, _, err := sqlstore.Returning(tx, sqlstore.ScanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'jobs' RETURNING value`)
	return seq, err
}

// CountOpen counts the jobs that [Open] returns. Other servers can't open one before this transaction
// ends.
func CountOpen(tx *sqlstore.Tx) (int64, error) {
	if _, _, err := sqlstore.Returning(tx, sqlstore.ScanValue[int64], `UPDATE counters SET value = value WHERE name = 'jobs' RETURNING value`); err != nil {
		return 0, err
	}
	n, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT COUNT(*) FROM jobs WHERE state IN ('SCHEDULED', 'RUNNING')`)
	return n, err
}

// Forget removes jobs that ended before a time, with their rows, a few at a time, except jobs about
// announcements. It reports whether there are more.
func Forget(tx *sqlstore.Tx, before time.Time) (bool, error) {
	const atOnce = 500 // rows
	id, found, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[string], `SELECT id FROM jobs
		WHERE ended_at > 0 AND ended_at < $1 AND announcement = '' LIMIT 1`, sqlstore.Micros(before))
	if err != nil || !found {
		return false, err
	}
	n, err := tx.Change(`DELETE FROM job_rows WHERE job = $1 AND no IN (SELECT no FROM job_rows WHERE job = $1 LIMIT $2)`, id, atOnce)
	if err == nil && n == 0 {
		_, err = tx.Change(`DELETE FROM jobs WHERE id = $1`, id)
	}
	return true, err
}

// ErrTaken means that a row must not be executed: it is done, its job isn't running, or another
// server has the lease. It is never shown to callers.
var ErrTaken = errors.New("the row of a job isn't to be done here, or no longer")

// Claim checks that a row is to be done, and by this lease. Where the effect isn't part of
// the transaction, elsewhere, it notes that the row has begun.
func Claim(tx *sqlstore.Tx, t chat.Task, elsewhere bool) error {
	held, err := tx.HoldsLease(sqlstore.Lease{Name: Lease, Owner: t.Owner, Number: t.Lease})
	if err != nil {
		return err
	}
	_, waits, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT r.no FROM job_rows r JOIN jobs j ON j.id = r.job
		WHERE r.job = $1 AND r.no = $2 AND r.state IN ('WAITING', 'BEGUN') AND j.state = 'RUNNING'`, t.Job, t.Row)
	switch {
	case err != nil:
		return err
	case !held || !waits:
		return ErrTaken
	case elsewhere:
		_, err = tx.Change(`UPDATE job_rows SET state = 'BEGUN' WHERE job = $1 AND no = $2`, t.Job, t.Row)
	}
	return err
}

// Lease is the name of the lease under which jobs run.
const Lease = "jobs"

// Done marks a row as done, and counts it. What is done elsewhere counts also if its job was
// paused or stopped meanwhile.
func Done(tx *sqlstore.Tx, t chat.Task, elsewhere bool) error {
	readers := int64(-1)
	if t.Message != "" && !elsewhere {
		n, found, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT COUNT(b.user_id) FROM messages m JOIN channels c ON c.no = m.channel
			LEFT JOIN members b ON b.channel = m.channel AND b.read_seq >= m.seq AND b.user_id <> m.sender WHERE m.id = $1`, t.Message)
		if err != nil {
			return err
		}
		if found {
			readers = n
		}
	}
	running := ` AND state = 'RUNNING'`
	if elsewhere {
		running = ``
	}
	for _, step := range []struct {
		text string
		args []any
	}{
		{`UPDATE jobs SET done = done + 1 WHERE id = $1` + running, []any{t.Job}},
		{`UPDATE job_rows SET state = 'DONE', readers = $3, error = '', intent = '' WHERE job = $1 AND no = $2 AND state IN ('WAITING', 'BEGUN')`,
			[]any{t.Job, t.Row, readers}},
	} {
		n, err := tx.Change(step.text, step.args...)
		if err == nil && n == 0 {
			err = ErrTaken
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Fail marks a row as failed, and counts it.
func Fail(tx *sqlstore.Tx, t chat.Task, failure *chat.Error) error {
	if err := Claim(tx, t, false); err != nil {
		return err
	}
	text, err := chat.EncodeError(failure)
	if err != nil {
		return err
	}
	if _, err := tx.Change(`UPDATE job_rows SET state = 'FAILED', error = $3 WHERE job = $1 AND no = $2`, t.Job, t.Row, text); err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE jobs SET failed = failed + 1 WHERE id = $1`, t.Job)
	return err
}

// Retry has the failed rows of a job wait again.
func Retry(tx *sqlstore.Tx, id string) error {
	if _, err := tx.Change(`UPDATE job_rows SET state = 'WAITING' WHERE job = $1 AND state = 'FAILED'`, id); err != nil {
		return err
	}
	_, err := tx.Change(`UPDATE jobs SET failed = 0 WHERE id = $1`, id)
	return err
}

// AddRows gives a job its targets, and counts them.
func AddRows(tx *sqlstore.Tx, id string, targets []string) error {
	const atOnce = 100
	no := 0
	for len(targets) > 0 {
		some := targets[:min(atOnce, len(targets))]
		targets = targets[len(some):]
		text := []byte(`INSERT INTO job_rows (job, no, target, state, error, readers) VALUES `)
		args := []any{id}
		for i, t := range some {
			if i > 0 {
				text = append(text, ", "...)
			}
			no++
			text = fmt.Appendf(text, "($1, $%d, $%d, 'WAITING', '', -1)", len(args)+1, len(args)+2)
			args = append(args, no, t)
		}
		if _, err := tx.Change(string(text), args...); err != nil {
			return err
		}
	}
	_, err := tx.Change(`UPDATE jobs SET total = $2 WHERE id = $1`, id, no)
	return err
}

// Rows returns up to one more row than the query's limit, in order.
func Rows(ctx context.Context, s *sqlstore.Store, q chat.RowQuery) ([]chat.JobRow, error) {
	rows, err := s.Query(ctx, `SELECT no, target, state, error FROM job_rows WHERE job = $1 AND no > $2 AND ($3 = '' OR state = $3) ORDER BY no LIMIT $4`,
		q.Job, q.After, string(q.State), q.Limit+1)
	return sqlstore.Collect(rows, err, scanRow)
}

// Waiting returns rows of a job that are to be done, in order.
func Waiting(ctx context.Context, s *sqlstore.Store, id string, limit int) ([]chat.JobRow, error) {
	rows, err := s.Query(ctx, `SELECT no, target, state, error FROM job_rows WHERE job = $1 AND state IN ('WAITING', 'BEGUN') ORDER BY no LIMIT $2`, id, limit)
	return sqlstore.Collect(rows, err, scanRow)
}

// Reached returns the targets of a job on which it did something, or may have.
func Reached(tx *sqlstore.Tx, id string) ([]string, error) {
	return sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT target FROM job_rows WHERE job = $1 AND state IN ('DONE', 'BEGUN') ORDER BY no`, id)
}

func scanRow(rows sqlstore.Row) (r chat.JobRow, err error) {
	var failed string
	if err = rows.Scan(&r.No, &r.Target, &r.State, &failed); err != nil || failed == "" {
		return r, err
	}
	r.Failed, err = chat.DecodeError(failed)
	return r, err
}

// ChangeNo returns the number of a record, 0 if it is gone.
func ChangeNo(ctx context.Context, s *sqlstore.Store, id string) (int64, error) {
	rows, err := s.Query(ctx, `SELECT no FROM changes WHERE id = $1`, id)
	no, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[int64])
	return no, err
}

// TakenCIDs returns those cids that a channel has now.
func TakenCIDs(tx *sqlstore.Tx, cids []string) (taken []string, err error) {
	for chunk := range sqlstore.Chunks(cids) {
		marks, args := sqlstore.In(chunk, sqlstore.Same)
		some, err := sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT cid FROM channels WHERE cid IN `+marks+` ORDER BY cid`, args...)
		if err != nil {
			return nil, err
		}
		taken = append(taken, some...)
	}
	return taken, nil
}

// TargetsOf returns what a change left different, by the numbers that [sqlstore.Tx.MadeBy]
// takes, or the cids of the channels that it moved to the bin and that can come back.
func TargetsOf(tx *sqlstore.Tx, c chat.Change) ([]string, error) {
	if c.Operation == "deleteChannels" {
		return sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT cid FROM bin WHERE change = $1 AND NOT erasing ORDER BY no`, c.ID)
	}
	return sqlstore.TxCollect(tx, func(rows sqlstore.Row) (string, error) {
		no, err := sqlstore.ScanValue[int64](rows)
		return strconv.FormatInt(no, 10), err
	}, `SELECT no FROM change_targets WHERE change = $1 AND state_before <> state_after ORDER BY no`, c.Seq)
}
