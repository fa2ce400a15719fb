package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// TaskLifetime is how long a task's result is kept.
const TaskLifetime = 7 * 24 * time.Hour

// Task is what Stream does in the background, and the engine at once: it is always completed. Callers
// identify it by its id.
type Task struct {
	ID        string
	Result    map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// InsertTask stores a new task.
func InsertTask(tx *sqlstore.Tx, t Task) error {
	result, err := sqlstore.ToObject(t.Result)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO tasks (id, status, result, error, created_at, updated_at) VALUES ($1, 'completed', $2, '', $3, $4)`,
		t.ID, result, sqlstore.Micros(t.CreatedAt), sqlstore.Micros(t.UpdatedAt))
	return err
}

// Task returns a task and whether it exists.
func (s *Store) Task(ctx context.Context, id string) (Task, bool, error) {
	rows, err := s.Query(ctx, `SELECT id, result, created_at, updated_at FROM tasks WHERE id = $1`, id)
	return sqlstore.First(rows, err, scanTask)
}

// ForgetTasks removes the tasks created before a time.
func ForgetTasks(tx *sqlstore.Tx, before time.Time) error {
	_, err := tx.Change(`DELETE FROM tasks WHERE created_at < $1`, sqlstore.Micros(before))
	return err
}

// ChannelsIn returns the channels that a record of a change is about.
func (s *Store) ChannelsIn(ctx context.Context, change string) (map[chat.CID]bool, error) {
	rows, err := s.Query(ctx, `SELECT DISTINCT t.cid FROM change_targets t JOIN changes h ON h.no = t.change WHERE h.id = $1 AND t.cid <> ''`, change)
	list, err := sqlstore.Collect(rows, err, sqlstore.ScanValue[string])
	found := make(map[chat.CID]bool, len(list))
	for _, cid := range list {
		found[sqlstore.SplitCID(cid)] = true
	}
	return found, err
}

func scanTask(rows sqlstore.Row) (t Task, err error) {
	var result string
	var created, updated int64
	if err = rows.Scan(&t.ID, &result, &created, &updated); err != nil {
		return t, err
	}
	t.CreatedAt, t.UpdatedAt = sqlstore.Moment(created), sqlstore.Moment(updated)
	return t, sqlstore.FromObject(result, &t.Result)
}
