package chat

import "time"

// MaxDrafts is how many drafts one user may have.
const MaxDrafts = 1_000

// Draft is a message that its sender has begun to write. There is one in each
// channel, and one in each thread.
type Draft struct {
	Message   MessageDetail // its id, if it has one, is what the client wants to send it by
	CreatedAt time.Time
}
