package chat

import "time"

// TaskStatus is the state of a task.
type TaskStatus string

// The states of a task.
const (
	TaskCompleted TaskStatus = "completed"
	TaskFailed    TaskStatus = "failed"
)

// TaskLifetime is how long a task's outcome is kept.
const TaskLifetime = 7 * 24 * time.Hour

// Task is work in the background, which a caller knows by its id.
type Task struct {
	ID        string
	Status    TaskStatus
	Result    map[string]any
	Error     string // why it failed; "" if it didn't
	CreatedAt time.Time
	UpdatedAt time.Time
}
