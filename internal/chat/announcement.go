package chat

import (
	"encoding/json"
	"time"
)

// Announcement is one message for many channels.
type Announcement struct {
	ID       string // that of the job that sends it
	Body     MessageBody
	Audience ChannelSelection
	By       string // user id of who wrote it
	Job      Job    // sends it
	Edit     *Job   // the last one that edited it everywhere; nil for none
	Recall   *Job   // the last one that recalled it everywhere; nil for none

	CreatedAt time.Time
	UpdatedAt time.Time
}

// Cursor marks the announcement's place in listings.
func (a Announcement) Cursor() string { return encodeCursor(jobCursor, a.ID) }

// MessageBody is the checked content of an announcement.
type MessageBody struct {
	Sender      Actor
	Text        string
	Attachments []json.RawMessage
	Mentions    []string // user ids
}

// Message is the body as a message in a channel.
func (b MessageBody) Message(cid CID, id string) Message {
	return Message{ID: id, CID: cid, Sender: b.Sender.User(), Text: b.Text, Attachments: b.Attachments, Mentions: Users(b.Mentions)}
}

// ChannelSelection says which channels something is about: those named, or those that match
// all of the other fields.
type ChannelSelection struct {
	CIDs          []CID       `json:",omitzero"`
	Type          ChannelType `json:",omitzero"` // "" for all
	Search        string      `json:",omitzero"` // part of the name or id
	InactiveSince time.Time   `json:",omitzero"` // without a message since; zero for all
	All           bool        `json:",omitzero"` // needed where nothing else is given
}

// Readers says how many have read an announcement.
type Readers struct {
	Read    int64 // members whose read mark has passed the message
	Members int64 // of the channels that have it, without its sender
}

// PutAnnouncement asks for an announcement to be drafted, or to be changed before it is sent.
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
