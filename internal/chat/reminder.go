package chat

import "time"

// MaxReminders is how many messages one user may want to be reminded of.
const MaxReminders = 250

// Reminder is a message that a user wants to come back to.
type Reminder struct {
	MessageID string
	UserID    string
	CID       CID
	At        time.Time // zero for some time
	CreatedAt time.Time
	UpdatedAt time.Time
}
