package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// InsertTask stores a new task.
func (tx *Tx) InsertTask(t chat.Task) error {
	result, err := toObject(t.Result)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO tasks (id, status, result, error, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.ID, string(t.Status), result, t.Error, micros(t.CreatedAt), micros(t.UpdatedAt))
	return err
}

// Task returns a task, and whether there is one.
func (s *Store) Task(ctx context.Context, id string) (chat.Task, bool, error) {
	rows, err := s.query(ctx, `SELECT id, status, result, error, created_at, updated_at FROM tasks WHERE id = $1`, id)
	return first(rows, err, scanTask)
}

// ForgetTasks removes those from before a time.
func (tx *Tx) ForgetTasks(before time.Time) error {
	_, err := tx.change(`DELETE FROM tasks WHERE created_at < $1`, micros(before))
	return err
}

func scanTask(rows row) (t chat.Task, err error) {
	var result string
	var created, updated int64
	if err = rows.Scan(&t.ID, &t.Status, &result, &t.Error, &created, &updated); err != nil {
		return t, err
	}
	t.CreatedAt, t.UpdatedAt = moment(created), moment(updated)
	return t, fromObject(result, &t.Result)
}
