package wire

import (
	"backchannel/internal/chat"
)

// ReadResponse is how far a member has read, in answers.
type ReadResponse struct {
	LastRead        Nanos         `json:"last_read"`
	LastReadID      string        `json:"last_read_message_id,omitempty"`
	Unread          int           `json:"unread_messages"`
	LastDeliveredAt *Nanos        `json:"last_delivered_at,omitempty"`
	LastDeliveredID string        `json:"last_delivered_message_id,omitempty"`
	User            *UserResponse `json:"user"`
}

// ReadAnswer returns how far a member has read, in the form of answers.
func ReadAnswer(m chat.Member, r chat.ReadState) ReadResponse {
	last := m.ReadAt
	if last.IsZero() {
		last = m.AddedAt
	}
	return ReadResponse{
		LastRead: At(last), LastReadID: r.LastRead, Unread: r.Unread, LastDeliveredAt: Maybe(m.DeliveredAt),
		LastDeliveredID: m.DeliveredID, User: UserAnswer(m.User),
	}
}

// ReadEvent is the result of marking a channel as read.
type ReadEvent struct {
	Type        string        `json:"type"`
	CID         string        `json:"cid"`
	ChannelID   string        `json:"channel_id"`
	ChannelType string        `json:"channel_type"`
	LastReadID  string        `json:"last_read_message_id,omitempty"`
	User        *UserResponse `json:"user"`
	CreatedAt   Nanos         `json:"created_at"`
}
