package streamapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
)

func (s *Server) routeMessages() {
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/message", s.handle("SendMessage", s.sendMessage))
	s.mux.HandleFunc("GET /api/v2/chat/channels/{type}/{id}/messages", s.handle("GetManyMessages", s.getManyMessages))
	s.mux.HandleFunc("GET /api/v2/chat/messages/{id}", s.handle("GetMessage", s.getMessage))
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}", s.handle("UpdateMessage", s.updateMessage))
	s.mux.HandleFunc("PUT /api/v2/chat/messages/{id}", s.handle("UpdateMessagePartial", s.updateMessagePartial))
	s.mux.HandleFunc("DELETE /api/v2/chat/messages/{id}", s.handle("DeleteMessage", s.deleteMessage))
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}/undelete", s.handle("UndeleteMessage", s.undeleteMessage))
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}/commit", s.handle("CommitMessage", s.commitMessage))
	s.mux.HandleFunc("GET /api/v2/chat/messages/{id}/replies", s.handle("GetReplies", s.getReplies))
	s.mux.HandleFunc("POST /api/v2/chat/messages/history", s.handle("QueryMessageHistory", s.queryMessageHistory))
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
	ShowInChannel *bool             `json:"show_in_channel"`
	QuotedID      string            `json:"quoted_message_id"`
	Silent        bool              `json:"silent"`
	Pinned        *bool             `json:"pinned"`
	PinExpires    *time.Time        `json:"pin_expires"`
	Visibility    []string          `json:"restricted_visibility"`
	PollID        string            `json:"poll_id"`
	Location      *locationRequest  `json:"shared_location"`
	Custom        map[string]any    `json:"custom"`
	CreatedAt     givenTime         `json:"created_at"`
}

// fill gives a message what a request says.
func (r messageRequest) fill(m *chat.MessageDetail) error {
	if len(r.Visibility) > 0 { // left out, it stays
		m.Audience = r.Visibility
	}
	location, err := r.Location.location()
	if err != nil {
		return err
	}
	mentioned, refused := chat.FoldMentions(r.Mentioned)
	if refused != nil {
		return refused
	}
	m.Mentions = make([]chat.UserDetail, len(mentioned))
	for i, id := range mentioned {
		m.Mentions[i].ID = id
	}
	switch r.Type {
	case "":
	case "regular", "reply":
		m.Type = chat.RegularMessage
	default:
		m.Type = chat.MessageType(r.Type)
	}
	if r.ShowInChannel != nil {
		m.ShowInChannel = *r.ShowInChannel
	}
	m.Text, m.HTML, m.MML, m.Attachments, m.Custom = r.Text, r.HTML, r.MML, r.Attachments, r.Custom
	m.QuotedID, m.Location = r.QuotedID, location
	if r.PollID != "" { // left out, it stays
		m.PollID = r.PollID
	}
	return nil
}

// checkText says that a message has nothing in it, or nil. How long it may be is the
// engine's to say.
func checkText(m chat.MessageDetail) error {
	if m.Text == "" && len(m.Attachments) == 0 && m.QuotedID == "" && m.PollID == "" && !m.Located && m.Location == nil &&
		len(m.Custom) == 0 {
		return invalid("message.text: a message needs a text, an attachment, a poll, a location or custom data")
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
	PollID             string                    `json:"poll_id,omitempty"`
	Poll               *pollResponse             `json:"poll,omitempty"`
	SharedLocation     *locationResponse         `json:"shared_location,omitempty"`
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
	if !m.DeletedAt.IsZero() || m.DeletedForMe {
		m.HTML, m.MML = "", ""
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
		Silent: m.Silent, Shadowed: m.Shadowed, Visibility: listed(m.Audience),
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
	if m.Location != nil && !m.DeletedForMe {
		answer.SharedLocation = locationAnswer(*m.Location)
	}
	if m.Poll != nil && !m.DeletedForMe {
		answer.PollID, answer.Poll = m.PollID, pollAnswer(*m.Poll)
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
		Message    messageRequest    `json:"message"`
		KeepHidden bool              `json:"keep_channel_hidden"`
		Pending    bool              `json:"pending"`
		Metadata   map[string]string `json:"pending_message_metadata"`
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
	m.Silent, m.CreatedAt = req.Message.Silent, s.madeAt(req.Message.CreatedAt)
	if m.Sender.ID, err = s.user(c.Context(), req.Message.UserID, req.Message.User); err != nil {
		return nil, err
	}
	if m.Sender.ID == "" {
		return nil, invalid("either message.user or message.user_id must be provided when using server side auth.")
	}
	req.Message.pin(&m, m.Sender.ID, s.engine.Now())
	if req.Pending {
		return s.sendPending(c, chat.PendingMessage{Message: m, KeepHidden: req.KeepHidden, Metadata: req.Metadata})
	}
	id, err := s.engine.PostMessage(c.Context(), m, req.KeepHidden)
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, m.Sender.ID)
}

// pin pins the message, or unpins it, where the request says so.
func (r messageRequest) pin(m *chat.MessageDetail, by string, now time.Time) {
	if r.Pinned != nil {
		m.Pin(*r.Pinned, optionalTime(r.PinExpires), by, now)
	}
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
	m, metadata, err := s.anyMessage(c, c.part("id"))
	if err != nil {
		return nil, err
	}
	if c.URL.Query().Get("show_deleted_message") == "true" && !m.DeletedAt.IsZero() {
		if err := s.restoreText(c, &m); err != nil {
			return nil, err
		}
	}
	channel, err := s.engine.ChannelDetail(c.Context(), m.CID, "")
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UserDetails(c.Context(), unique([]string{channel.CreatedBy, channel.TruncatedBy}))
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"message": struct {
		*messageResponse
		Channel *channelResponse `json:"channel"`
	}{messageAnswer(m), channelAnswer(channel, users)}}
	if metadata != nil {
		answer["pending_message_metadata"] = metadata
	}
	return answer, nil
}

// restoreText shows what a deleted message said.
func (s *Server) restoreText(c *call, m *chat.MessageDetail) error {
	last, found, err := s.engine.LastVersion(c.Context(), m.ID)
	if err != nil || !found {
		return err
	}
	ids := make([]string, len(last.Mentions))
	for i, u := range last.Mentions {
		ids[i] = u.ID
	}
	users, err := s.engine.UserDetails(c.Context(), ids)
	m.Text, m.Attachments, m.Custom, m.Mentions = last.Text, last.Attachments, last.Custom, nil
	for _, id := range ids {
		if u, ok := users[id]; ok {
			m.Mentions = append(m.Mentions, u)
		}
	}
	return err
}

const messagesAtOnce = 100

func (s *Server) getManyMessages(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	ids := unique(strings.Split(c.URL.Query().Get("ids"), ","))
	if len(ids) == 0 || len(ids) > messagesAtOnce {
		return nil, invalid("ids must name 1 to %d messages", messagesAtOnce)
	}
	if _, err := s.engine.ChannelDetail(c.Context(), cid, ""); err != nil {
		return nil, err
	}
	found, err := s.engine.MessageDetails(c.Context(), ids, "")
	if err != nil {
		return nil, err
	}
	messages := []*messageResponse{}
	for _, id := range ids {
		if m, ok := found[id]; ok && m.CID == cid {
			messages = append(messages, messageAnswer(m))
		}
	}
	return map[string]any{"messages": messages}, nil
}

// updateMessage replaces what a message says.
func (s *Server) updateMessage(c *call) (any, error) {
	var req struct {
		Message messageRequest `json:"message"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Message.Location != nil {
		return nil, invalid("a location changes by PUT /users/live_locations; leave shared_location out")
	}
	by, err := s.user(c.Context(), req.Message.UserID, req.Message.User)
	if err != nil {
		return nil, err
	}
	id := c.part("id")
	err = s.engine.ChangeMessage(c.Context(), server(by), id, func(m *chat.MessageDetail) error {
		if err := req.Message.fill(m); err != nil {
			return err
		}
		req.Message.pin(m, by, s.engine.Now())
		return checkText(*m)
	})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, by)
}

// reservedFields are those of a message that partial updates don't change.
var reservedFields = []string{
	"id", "cid", "type", "user", "user_id", "created_at", "updated_at", "deleted_at", "pinned_at", "pinned_by", "parent_id",
	"silent", "shadowed", "reply_count", "deleted_reply_count", "latest_reactions", "own_reactions", "reaction_counts",
	"reaction_scores", "reaction_groups", "quoted_message", "thread_participants", "message_text_updated_at", "member",
	"restricted_visibility", "poll_id", "poll", "shared_location", "command", "i18n",
}

// updateMessagePartial sets and removes single fields.
func (s *Server) updateMessagePartial(c *call) (any, error) {
	p, by, err := s.patchOf(c)
	if err != nil {
		return nil, err
	}
	id := c.part("id")
	err = s.engine.ChangeMessage(c.Context(), server(by), id, func(m *chat.MessageDetail) error {
		return patchMessage(m, p, by, s.engine.Now())
	})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, by)
}

func patchMessage(m *chat.MessageDetail, p patch, by string, now time.Time) error {
	for _, name := range append(slices.Collect(maps.Keys(p.set)), p.unset...) {
		if first, _, _ := strings.Cut(name, "."); slices.Contains(reservedFields, first) {
			return invalid("%q is a reserved field: it can't be set or unset", first)
		}
	}
	pinned, until := !m.PinnedAt.IsZero(), m.PinExpires
	mentioned := make([]string, len(m.Mentions))
	for i, u := range m.Mentions {
		mentioned[i] = u.ID
	}
	fields := map[string]any{
		"text": &m.Text, "html": &m.HTML, "mml": &m.MML, "attachments": &m.Attachments, "mentioned_users": &mentioned,
		"pinned": &pinned, "pin_expires": &until, "show_in_channel": &m.ShowInChannel, "quoted_message_id": &m.QuotedID,
	}
	if err := p.apply(fields, &m.Custom); err != nil {
		return err
	}
	mentioned, refused := chat.FoldMentions(mentioned)
	if refused != nil {
		return refused
	}
	m.Mentions = make([]chat.UserDetail, len(mentioned))
	for i, id := range mentioned {
		m.Mentions[i].ID = id
	}
	m.Pin(pinned, until, by, now)
	return checkText(*m)
}

func (s *Server) deleteMessage(c *call) (any, error) {
	query := c.URL.Query()
	id, hard, forMe := c.part("id"), query.Get("hard") == "true", query.Get("delete_for_me") == "true"
	if hard && forMe {
		return nil, invalid("hard and delete_for_me can't be combined")
	}
	by, err := s.user(c.Context(), query.Get("deleted_by"), nil)
	if err != nil {
		return nil, err
	}
	if forMe {
		if by == "" {
			return nil, invalid("deleted_by must name the user that deletes the message for itself")
		}
		if err := s.engine.HideMessage(c.Context(), by, id); err != nil {
			return nil, err
		}
		return s.messageAnswer(c, id, by)
	}
	m, metadata, err := s.anyMessage(c, id)
	if err != nil {
		return nil, err
	}
	if metadata != nil {
		err = s.engine.DropPending(c.Context(), id)
	} else {
		err = s.engine.DeleteMessageDetail(c.Context(), server(by), id, hard)
	}
	if err != nil {
		return nil, err
	}
	if hard || metadata != nil {
		m.DeletedAt = s.engine.Now()
		return map[string]any{"message": messageAnswer(m)}, nil
	}
	return s.messageAnswer(c, id, "")
}

func (s *Server) undeleteMessage(c *call) (any, error) {
	var req struct {
		By string `json:"undeleted_by"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.By == "" {
		return nil, invalid("undeleted_by is a required field")
	}
	users, err := s.engine.UserDetails(c.Context(), []string{req.By})
	if err == nil && users[req.By].ID == "" {
		err = invalid("undeleted_by: there is no user %q", req.By)
	}
	if err != nil {
		return nil, err
	}
	if err := s.engine.UndeleteMessage(c.Context(), server(req.By), c.part("id")); err != nil {
		return nil, err
	}
	return s.messageAnswer(c, c.part("id"), "")
}
