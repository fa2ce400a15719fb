package chat

import "time"

// Thread is the replies to a message.
type Thread struct {
	ParentID  string // id of the message
	CID       CID
	Title     string
	Custom    map[string]any // the callers' own data
	CreatedBy User           // who replied first
	CreatedAt time.Time      // of the first reply
	UpdatedAt time.Time      // of title and data
	Parent    Message
	Latest    []Message // the newest replies, oldest first
}

// CheckDetail says what is wrong with the data of a thread, or nil.
func (t Thread) CheckDetail() error {
	if longerThan(t.Title, MaxNameLength) || hasControl(t.Title) {
		return Invalid("title", "A title is at most %d characters long, without control characters.", MaxNameLength)
	}
	return CheckCustom(t.Custom)
}

// Participants are the users of a thread: the message's sender, and the users who replied,
// in the order of their first reply.
func (t Thread) Participants() []User {
	list := []User{t.Parent.Sender}
	for _, u := range t.Parent.Replies.Participants {
		if u.ID != t.Parent.Sender.ID {
			list = append(list, u)
		}
	}
	return list
}
