package chat

import (
	"encoding/json"
	"time"
)

// Announcement is one message for many channels.
type Announcement struct {
	ID       string // the id of the job that sends it
	Body     MessageBody
	Audience ChannelSelection
	By       string // user id of the author
	Job      Job    // sends it
	Edit     *Job   // the last one that edited it everywhere; nil for none
	Recall   *Job   // the last one that recalled it everywhere; nil for none
	// RecallUndoneBy is the id of the change that undid the last recall; "" for none.
	RecallUndoneBy string

	SenderDeleted bool // the sender is a deleted user
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// CheckSend returns an error if the announcement may not be posted in its sender's name, or says
// nothing. Whoever changes it before it is sent becomes its sender.
func (a Announcement) CheckSend() *Error {
	switch {
	case a.Body.Text == "" && len(a.Body.Attachments) == 0:
		return Invalid("id", "The announcement says nothing: its sender's data was erased. Change it first.")
	case a.SenderDeleted:
		return Invalid("id", "The announcement's sender was deleted, so it can't be sent in that name. Change it first.")
	}
	return nil
}

// Cursor marks the announcement's place in listings.
func (a Announcement) Cursor() string { return encodeCursor(jobCursor, a.ID) }

// MessageBody is the validated content of an announcement.
type MessageBody struct {
	Sender      Actor
	Text        string
	Attachments []json.RawMessage
	Mentions    []string // user ids
}

// Message returns the body as a message in a channel.
func (b MessageBody) Message(cid CID, id string) Message {
	return Message{ID: id, CID: cid, Sender: b.Sender.User(), Text: b.Text, Attachments: b.Attachments, Mentions: Users(b.Mentions)}
}

// ChannelSelection selects channels: those named, or those that match all of the other fields.
type ChannelSelection struct {
	CIDs          []CID       `json:",omitzero"`
	Type          ChannelType `json:",omitzero"` // "" for all
	Search        string      `json:",omitzero"` // part of the name or id
	InactiveSince time.Time   `json:",omitzero"` // no message since then; zero for all
	All           bool        `json:",omitzero"` // required if nothing else is given
}

// Readers says how many members have read an announcement.
type Readers struct {
	Read    int64 // members whose read state has reached the message
	Members int64 // members of the channels that have it, except its sender
}

// PutAnnouncement asks for an announcement to be created as a draft, or changed before it is sent.
type PutAnnouncement struct {
	Operation Operation
	ID        string // "" for a new one
	Body      MessageBody
	Audience  ChannelSelection
}

// SendAnnouncement asks for an announcement to be sent now, at a time, or not yet.
type SendAnnouncement struct {
	Operation Operation
	ID        string
	Schedule  Schedule // zero: now
	Cancel    bool     // it becomes a draft again
}
