package wire

import (
	"backchannel/internal/streamapi/store"
)

// ThreadResponse is a thread in answers.
type ThreadResponse struct {
	ChannelCID             string              `json:"channel_cid"`
	Channel                *ChannelResponse    `json:"channel,omitempty"`
	ParentMessageID        string              `json:"parent_message_id"`
	ParentMessage          *MessageResponse    `json:"parent_message"`
	Title                  string              `json:"title"`
	CreatedByUserID        string              `json:"created_by_user_id"`
	CreatedBy              *UserResponse       `json:"created_by"`
	ReplyCount             int                 `json:"reply_count"`
	ParticipantCount       int                 `json:"participant_count"`
	ActiveParticipantCount int                 `json:"active_participant_count"`
	Participants           []threadParticipant `json:"thread_participants"`
	LatestReplies          []*MessageResponse  `json:"latest_replies"`
	LastMessageAt          *Nanos              `json:"last_message_at,omitempty"`
	CreatedAt              Nanos               `json:"created_at"`
	UpdatedAt              Nanos               `json:"updated_at"`
	Custom                 map[string]any      `json:"custom"`
}

// threadParticipant is a user who takes part in a thread.
type threadParticipant struct {
	ChannelCID string         `json:"channel_cid"`
	ThreadID   string         `json:"thread_id"`
	UserID     string         `json:"user_id"`
	User       *UserResponse  `json:"user"`
	CreatedAt  Nanos          `json:"created_at"`
	Custom     map[string]any `json:"custom"`
}

// ThreadAnswer returns a thread in the form of answers, with at most that many participants.
func ThreadAnswer(t store.Thread, channel *ChannelResponse, participants int) *ThreadResponse {
	all := t.Participants()
	answer := &ThreadResponse{
		ChannelCID: t.CID.String(), Channel: channel, ParentMessageID: t.ParentID, ParentMessage: MessageAnswer(t.Parent), Title: t.Title,
		CreatedByUserID: t.CreatedBy.ID, CreatedBy: UserAnswer(t.CreatedBy), ReplyCount: t.Parent.Replies.Count,
		ParticipantCount: len(all), ActiveParticipantCount: len(all), Participants: []threadParticipant{},
		LatestReplies: MessageAnswers(t.Latest), LastMessageAt: Maybe(t.Parent.Replies.LastAt),
		CreatedAt: At(t.CreatedAt), UpdatedAt: At(t.UpdatedAt), Custom: Object(t.Custom),
	}
	for _, u := range all[:min(len(all), participants)] {
		answer.Participants = append(answer.Participants, threadParticipant{
			ChannelCID: t.CID.String(), ThreadID: t.ParentID, UserID: u.ID, User: UserAnswer(u), CreatedAt: At(t.CreatedAt), Custom: Object(nil)})
	}
	return answer
}
