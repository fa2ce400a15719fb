package wire

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// CheckText returns an error if a message is empty. The engine checks its length.
func CheckText(m chat.Message) error {
	if m.Text == "" && len(m.Attachments) == 0 && m.QuotedID == "" && len(m.Custom) == 0 {
		return Invalid("message.text: a message needs a text, an attachment or custom data")
	}
	return nil
}

// MessageResponse is a message in answers.
type MessageResponse struct {
	ID                 string                    `json:"id"`
	CID                string                    `json:"cid"`
	Type               string                    `json:"type"`
	Text               string                    `json:"text"`
	HTML               string                    `json:"html"`
	MML                string                    `json:"mml,omitempty"`
	User               *UserResponse             `json:"user"`
	Member             *memberPart               `json:"member,omitempty"`
	Attachments        []json.RawMessage         `json:"attachments"`
	MentionedUsers     []*UserResponse           `json:"mentioned_users"`
	MentionedChannel   bool                      `json:"mentioned_channel"`
	MentionedHere      bool                      `json:"mentioned_here"`
	LatestReactions    []*ReactionResponse       `json:"latest_reactions"`
	OwnReactions       []*ReactionResponse       `json:"own_reactions"`
	ReactionCounts     map[string]int64          `json:"reaction_counts"`
	ReactionScores     map[string]int64          `json:"reaction_scores"`
	ReactionGroups     map[string]*reactionGroup `json:"reaction_groups"`
	ParentID           string                    `json:"parent_id,omitempty"`
	ShowInChannel      *bool                     `json:"show_in_channel,omitempty"`
	ReplyCount         int                       `json:"reply_count"`
	DeletedReplyCount  int                       `json:"deleted_reply_count"`
	ThreadParticipants []*UserResponse           `json:"thread_participants,omitempty"`
	QuotedMessageID    string                    `json:"quoted_message_id,omitempty"`
	QuotedMessage      *MessageResponse          `json:"quoted_message,omitempty"`
	Pinned             bool                      `json:"pinned"`
	PinnedAt           *Nanos                    `json:"pinned_at,omitempty"`
	PinExpires         *Nanos                    `json:"pin_expires,omitempty"`
	PinnedBy           *UserResponse             `json:"pinned_by,omitempty"`
	Silent             bool                      `json:"silent"`
	Shadowed           bool                      `json:"shadowed"`
	Visibility         []string                  `json:"restricted_visibility"`
	DeletedForMe       *bool                     `json:"deleted_for_me,omitempty"`
	CreatedAt          Nanos                     `json:"created_at"`
	UpdatedAt          Nanos                     `json:"updated_at"`
	DeletedAt          *Nanos                    `json:"deleted_at,omitempty"`
	TextUpdatedAt      *Nanos                    `json:"message_text_updated_at,omitempty"`
	Custom             map[string]any            `json:"custom"`
}

// memberPart is the part of its sender's membership that a message shows.
type memberPart struct {
	ChannelRole        string `json:"channel_role"`
	NotificationsMuted bool   `json:"notifications_muted"`
}

// MessageAnswer returns a message in the form of answers.
func MessageAnswer(m chat.Message) *MessageResponse {
	if !m.DeletedAt.IsZero() || m.DeletedForMe {
		m.HTML, m.MML = "", ""
	}
	if !m.DeletedAt.IsZero() { // as in our own API
		m.Latest, m.Own, m.Reactions = nil, nil, nil
	}
	if m.DeletedForMe {
		m.Text, m.Attachments, m.Mentions = "", nil, nil
	}
	answer := &MessageResponse{
		ID: m.ID, CID: m.CID.String(), Type: shownType(m), Text: m.Text, HTML: m.HTML, MML: m.MML, User: UserAnswer(m.Sender),
		Attachments: Listed(m.Attachments), MentionedUsers: userAnswers(m.Mentions),
		LatestReactions: ReactionAnswers(m.Latest), OwnReactions: ReactionAnswers(m.Own),
		ParentID: m.Parent, ReplyCount: m.Replies.Count, DeletedReplyCount: m.Replies.Deleted,
		ThreadParticipants: userAnswers(m.Replies.Participants), QuotedMessageID: m.QuotedID,
		Pinned: !m.PinnedAt.IsZero(), PinnedAt: Maybe(m.PinnedAt), PinExpires: Maybe(m.PinExpires),
		Silent: m.Silent, Shadowed: m.Shadowed, Visibility: []string{},
		CreatedAt: At(m.CreatedAt), UpdatedAt: At(m.CreatedAt), DeletedAt: Maybe(m.DeletedAt), TextUpdatedAt: Maybe(m.EditedAt),
		Custom: Object(m.Custom),
	}
	if !m.UpdatedAt.IsZero() {
		answer.UpdatedAt = At(m.UpdatedAt)
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
		answer.PinnedBy = UserAnswer(*m.PinnedByUser)
	}
	if m.Quoted != nil {
		answer.QuotedMessage = MessageAnswer(*m.Quoted)
	}
	answer.setReactions(m)
	return answer
}

// MessageAnswers returns messages in the form of answers.
func MessageAnswers(list []chat.Message) []*MessageResponse {
	answers := make([]*MessageResponse, len(list))
	for i, m := range list {
		answers[i] = MessageAnswer(m)
	}
	return answers
}

func userAnswers(list []chat.User) []*UserResponse {
	answers := make([]*UserResponse, len(list))
	for i, u := range list {
		answers[i] = UserAnswer(u)
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

// reservedFields are fields of messages that partial updates can't change.
var reservedFields = []string{
	"id", "cid", "type", "user", "user_id", "created_at", "updated_at", "deleted_at", "pinned_at", "pinned_by", "parent_id",
	"silent", "shadowed", "reply_count", "deleted_reply_count", "latest_reactions", "own_reactions", "reaction_counts",
	"reaction_scores", "reaction_groups", "quoted_message", "thread_participants", "message_text_updated_at", "member",
	"restricted_visibility", "poll_id", "poll", "shared_location", "command", "i18n",
}

// PatchMessage applies a partial update to a message.
func PatchMessage(m *chat.Message, p Patch, by string, now time.Time) error {
	for _, name := range append(slices.Collect(maps.Keys(p.Set)), p.Unset...) {
		if first, _, _ := strings.Cut(name, "."); slices.Contains(reservedFields, first) {
			return Invalid("%q is a reserved field: it can't be set or unset", first)
		}
	}
	pinned, until := !m.PinnedAt.IsZero(), m.PinExpires
	mentioned := chat.IDs(m.Mentions)
	fields := map[string]any{
		"text": &m.Text, "html": &m.HTML, "mml": &m.MML, "attachments": &m.Attachments, "mentioned_users": &mentioned,
		"pinned": &pinned, "pin_expires": &until, "show_in_channel": &m.ShowInChannel, "quoted_message_id": &m.QuotedID,
	}
	if err := p.Apply(fields, &m.Custom); err != nil {
		return err
	}
	mentioned, refused := chat.FoldMentions(mentioned)
	if refused != nil {
		return refused
	}
	m.Mentions = chat.Users(mentioned)
	m.Pin(pinned, until, by, now)
	return CheckText(*m)
}

// VersionResponse is a previous version of a message, in answers.
type VersionResponse struct {
	MessageID   string            `json:"message_id"`
	Text        string            `json:"text"`
	Attachments []json.RawMessage `json:"attachments"`
	Custom      map[string]any    `json:"custom"`
	UpdatedAt   Nanos             `json:"message_updated_at"`
	UpdatedBy   string            `json:"message_updated_by_id"`
	Deleted     bool              `json:"is_deleted"`
}

// FoundMessage is a message and its channel.
type FoundMessage struct {
	*MessageResponse
	Channel *ChannelResponse `json:"channel"`
}
