package chat

import "time"

// TaskStatus is how far a task has come.
type TaskStatus string

// The states of a task.
const (
	TaskCompleted TaskStatus = "completed"
	TaskFailed    TaskStatus = "failed"
)

// TaskLifetime is how long a task's outcome is kept.
const TaskLifetime = 7 * 24 * time.Hour

// Task is work that a caller was given an id for.
type Task struct {
	ID        string
	Status    TaskStatus
	Result    map[string]any
	Error     string // why it failed; "" where it didn't
	CreatedAt time.Time
	UpdatedAt time.Time
}
