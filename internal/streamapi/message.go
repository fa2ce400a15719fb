package streamapi

import (
	"encoding/json"
	"time"

	"backchannel/internal/chat"
)

func (s *Server) routeMessages() {
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/message", s.handle("SendMessage", s.sendMessage))
	s.mux.HandleFunc("GET /api/v2/chat/messages/{id}", s.handle("GetMessage", s.getMessage))
}

// messageRequest is a message as requests have it.
type messageRequest struct {
	ID            string            `json:"id"`
	Text          string            `json:"text"`
	HTML          string            `json:"html"`
	MML           string            `json:"mml"`
	Type          string            `json:"type"`
	UserID        string            `json:"user_id"`
	User          *userRequest      `json:"user"`
	Attachments   []json.RawMessage `json:"attachments"`
	Mentioned     []string          `json:"mentioned_users"`
	ParentID      string            `json:"parent_id"`
	ShowInChannel bool              `json:"show_in_channel"`
	QuotedID      string            `json:"quoted_message_id"`
	Silent        bool              `json:"silent"`
	Pinned        bool              `json:"pinned"`
	PinExpires    *time.Time        `json:"pin_expires"`
	Visibility    []string          `json:"restricted_visibility"`
	PollID        string            `json:"poll_id"`
	Location      json.RawMessage   `json:"shared_location"`
	Custom        map[string]any    `json:"custom"`
}

// fill gives a message what a request says. It refuses what could only be
// half true here.
func (r messageRequest) fill(m *chat.MessageDetail) error {
	switch {
	case len(r.Visibility) > 0:
		return invalid("private messaging is not allowed: a message is for all who may read its channel; leave restricted_visibility out")
	case r.PollID != "":
		return invalid("there are no polls here; leave poll_id out")
	case len(r.Location) > 0 && string(r.Location) != "null":
		return invalid("locations can't be shared here; leave shared_location out")
	}
	mentioned, refused := chat.FoldMentions(r.Mentioned)
	if refused != nil {
		return refused
	}
	m.Mentions = make([]chat.UserDetail, len(mentioned))
	for i, id := range mentioned {
		m.Mentions[i].ID = id
	}
	switch kind := chat.MessageType(r.Type); kind {
	case "regular", "reply", "":
		m.Type = chat.RegularMessage
	case chat.SystemMessage, chat.ErrorMessage:
		m.Type = kind
	default:
		return invalid("type must be regular, reply, system or error")
	}
	m.Text, m.HTML, m.MML, m.Attachments, m.Custom = r.Text, r.HTML, r.MML, r.Attachments, r.Custom
	m.QuotedID = r.QuotedID
	return nil
}

// pin pins a message, or unpins it.
func pin(m *chat.MessageDetail, pinned bool, until time.Time, by string, now time.Time) {
	switch {
	case !pinned:
		m.PinnedAt, m.PinExpires, m.PinnedBy = time.Time{}, time.Time{}, ""
	case m.PinnedNow(now):
		m.PinExpires = until
	default:
		m.PinnedAt, m.PinExpires, m.PinnedBy = now, until, by
	}
}

// checkText says that a message has nothing in it, or nil. How long it may be is the
// engine's to say.
func checkText(m chat.MessageDetail) error {
	if m.Text == "" && len(m.Attachments) == 0 && m.QuotedID == "" && len(m.Custom) == 0 {
		return invalid("message.text: a message needs a text, an attachment or custom data")
	}
	return nil
}

// messageResponse is a message as answers have it.
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

// memberPart is what a message shows of its sender as a member.
type memberPart struct {
	ChannelRole        string `json:"channel_role"`
	NotificationsMuted bool   `json:"notifications_muted"`
}

func messageAnswer(m chat.MessageDetail) *messageResponse {
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

func messageAnswers(list []chat.MessageDetail) []*messageResponse {
	answers := make([]*messageResponse, len(list))
	for i, m := range list {
		answers[i] = messageAnswer(m)
	}
	return answers
}

func userAnswers(list []chat.UserDetail) []*userResponse {
	answers := make([]*userResponse, len(list))
	for i, u := range list {
		answers[i] = userAnswer(u)
	}
	return answers
}

// shownType is a message's type, which what became of it comes before.
func shownType(m chat.MessageDetail) string {
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

func (s *Server) sendMessage(c *call) (any, error) {
	var req struct {
		Message    messageRequest `json:"message"`
		KeepHidden bool           `json:"keep_channel_hidden"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	m := chat.MessageDetail{ID: req.Message.ID, CID: cid, Parent: req.Message.ParentID}
	if err := req.Message.fill(&m); err != nil {
		return nil, err
	}
	if err := checkText(m); err != nil {
		return nil, err
	}
	m.ShowInChannel, m.Silent = req.Message.ShowInChannel, req.Message.Silent
	if m.Sender.ID, err = s.user(c.Context(), req.Message.UserID, req.Message.User); err != nil {
		return nil, err
	}
	if m.Sender.ID == "" {
		return nil, invalid("either message.user or message.user_id must be provided when using server side auth.")
	}
	if req.Message.Pinned {
		pin(&m, true, optionalTime(req.Message.PinExpires), m.Sender.ID, time.Now())
	}
	id, err := s.engine.PostMessage(c.Context(), m, req.KeepHidden)
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, m.Sender.ID)
}

func optionalTime(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// messageAnswer is the answer that has one message, as a viewer sees it where one
// is given.
func (s *Server) messageAnswer(c *call, id, viewer string) (map[string]any, error) {
	m, err := s.engine.MessageDetail(c.Context(), id, viewer)
	if err != nil {
		return nil, err
	}
	return map[string]any{"message": messageAnswer(m)}, nil
}

func (s *Server) getMessage(c *call) (any, error) {
	m, err := s.engine.MessageDetail(c.Context(), c.part("id"), "")
	if err != nil {
		return nil, err
	}
	channel, err := s.engine.ChannelDetail(c.Context(), m.CID, "")
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UserDetails(c.Context(), unique([]string{channel.CreatedBy, channel.TruncatedBy}))
	if err != nil {
		return nil, err
	}
	answer := struct {
		*messageResponse
		Channel *channelResponse `json:"channel"`
	}{messageAnswer(m), channelAnswer(channel, users)}
	return map[string]any{"message": answer}, nil
}

// channelMessages are the newest messages of each of those channels, oldest first,
// as a viewer sees them where one is given.
func (s *Server) channelMessages(c *call, list []chat.ChannelDetail, viewer string, limit int) (map[chat.CID][]*messageResponse, error) {
	found, err := s.engine.MessagesOf(c.Context(), list, viewer, limit)
	return answersByChannel(found), err
}

const pinnedPerChannel = 10

// pinnedMessages are the newest pinned messages of each of those channels.
func (s *Server) pinnedMessages(c *call, list []chat.ChannelDetail, viewer string) (map[chat.CID][]*messageResponse, error) {
	found, err := s.engine.PinnedMessagesOf(c.Context(), list, viewer, pinnedPerChannel)
	return answersByChannel(found), err
}

func answersByChannel(found map[chat.CID][]chat.MessageDetail) map[chat.CID][]*messageResponse {
	answers := make(map[chat.CID][]*messageResponse, len(found))
	for cid, list := range found {
		answers[cid] = messageAnswers(list)
	}
	return answers
}
