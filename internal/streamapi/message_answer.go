package streamapi

import (
	"encoding/json"

	"backchannel/internal/chat"
)

// messageResponse is a message in answers.
type messageResponse struct {
	ID                 string                    `json:"id"`
	CID                string                    `json:"cid"`
	Type               string                    `json:"type"`
	Text               string                    `json:"text"`
	HTML               string                    `json:"html"`
	MML                string                    `json:"mml,omitempty"`
	User               *userResponse             `json:"user"`
	Member             *memberPart               `json:"member,omitempty"`
	Attachments        []json.RawMessage         `json:"attachments"`
	MentionedUsers     []*userResponse           `json:"mentioned_users"`
	MentionedChannel   bool                      `json:"mentioned_channel"`
	MentionedHere      bool                      `json:"mentioned_here"`
	LatestReactions    []*reactionResponse       `json:"latest_reactions"`
	OwnReactions       []*reactionResponse       `json:"own_reactions"`
	ReactionCounts     map[string]int64          `json:"reaction_counts"`
	ReactionScores     map[string]int64          `json:"reaction_scores"`
	ReactionGroups     map[string]*reactionGroup `json:"reaction_groups"`
	ParentID           string                    `json:"parent_id,omitempty"`
	ShowInChannel      *bool                     `json:"show_in_channel,omitempty"`
	ReplyCount         int                       `json:"reply_count"`
	DeletedReplyCount  int                       `json:"deleted_reply_count"`
	ThreadParticipants []*userResponse           `json:"thread_participants,omitempty"`
	QuotedMessageID    string                    `json:"quoted_message_id,omitempty"`
	QuotedMessage      *messageResponse          `json:"quoted_message,omitempty"`
	Pinned             bool                      `json:"pinned"`
	PinnedAt           *nanos                    `json:"pinned_at,omitempty"`
	PinExpires         *nanos                    `json:"pin_expires,omitempty"`
	PinnedBy           *userResponse             `json:"pinned_by,omitempty"`
	Silent             bool                      `json:"silent"`
	Shadowed           bool                      `json:"shadowed"`
	Visibility         []string                  `json:"restricted_visibility"`
	DeletedForMe       *bool                     `json:"deleted_for_me,omitempty"`
	CreatedAt          nanos                     `json:"created_at"`
	UpdatedAt          nanos                     `json:"updated_at"`
	DeletedAt          *nanos                    `json:"deleted_at,omitempty"`
	TextUpdatedAt      *nanos                    `json:"message_text_updated_at,omitempty"`
	Custom             map[string]any            `json:"custom"`
}

// memberPart is what a message shows of its sender's membership.
type memberPart struct {
	ChannelRole        string `json:"channel_role"`
	NotificationsMuted bool   `json:"notifications_muted"`
}

func messageAnswer(m chat.Message) *messageResponse {
	if !m.DeletedAt.IsZero() || m.DeletedForMe {
		m.HTML, m.MML = "", ""
	}
	if !m.DeletedAt.IsZero() { // as in our own API
		m.Latest, m.Own, m.Reactions = nil, nil, nil
	}
	if m.DeletedForMe {
		m.Text, m.Attachments, m.Mentions = "", nil, nil
	}
	answer := &messageResponse{
		ID: m.ID, CID: m.CID.String(), Type: shownType(m), Text: m.Text, HTML: m.HTML, MML: m.MML, User: userAnswer(m.Sender),
		Attachments: listed(m.Attachments), MentionedUsers: userAnswers(m.Mentions),
		LatestReactions: reactionAnswers(m.Latest), OwnReactions: reactionAnswers(m.Own),
		ParentID: m.Parent, ReplyCount: m.Replies.Count, DeletedReplyCount: m.Replies.Deleted,
		ThreadParticipants: userAnswers(m.Replies.Participants), QuotedMessageID: m.QuotedID,
		Pinned: !m.PinnedAt.IsZero(), PinnedAt: maybe(m.PinnedAt), PinExpires: maybe(m.PinExpires),
		Silent: m.Silent, Shadowed: m.Shadowed, Visibility: []string{},
		CreatedAt: at(m.CreatedAt), UpdatedAt: at(m.CreatedAt), DeletedAt: maybe(m.DeletedAt), TextUpdatedAt: maybe(m.EditedAt),
		Custom: object(m.Custom),
	}
	if !m.UpdatedAt.IsZero() {
		answer.UpdatedAt = at(m.UpdatedAt)
	}
	if m.Parent != "" {
		answer.ShowInChannel = &m.ShowInChannel
	}
	if m.DeletedForMe {
		answer.DeletedForMe = &m.DeletedForMe
	}
	if m.MemberRole != "" {
		answer.Member = &memberPart{ChannelRole: m.MemberRole}
	}
	if m.PinnedByUser != nil {
		answer.PinnedBy = userAnswer(*m.PinnedByUser)
	}
	if m.Quoted != nil {
		answer.QuotedMessage = messageAnswer(*m.Quoted)
	}
	answer.setReactions(m)
	return answer
}

func messageAnswers(list []chat.Message) []*messageResponse {
	answers := make([]*messageResponse, len(list))
	for i, m := range list {
		answers[i] = messageAnswer(m)
	}
	return answers
}

func userAnswers(list []chat.User) []*userResponse {
	answers := make([]*userResponse, len(list))
	for i, u := range list {
		answers[i] = userAnswer(u)
	}
	return answers
}

// shownType is the message's type; "deleted" and "reply" take precedence.
func shownType(m chat.Message) string {
	switch {
	case !m.DeletedAt.IsZero() || m.DeletedForMe:
		return "deleted"
	case m.Type != chat.RegularMessage:
		return string(m.Type)
	case m.Parent != "":
		return "reply"
	}
	return "regular"
}
