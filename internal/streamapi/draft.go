package streamapi

import (
	"encoding/json"

	"backchannel/internal/chat"
)

func (s *Server) routeDrafts() {
	const path = " /api/v2/chat/channels/{type}/{id}/draft"
	s.mux.HandleFunc("POST"+path, s.handle("CreateDraft", s.createDraft))
	s.mux.HandleFunc("GET"+path, s.handle("GetDraft", s.getDraft))
	s.mux.HandleFunc("DELETE"+path, s.handle("DeleteDraft", s.deleteDraft))
	s.mux.HandleFunc("POST /api/v2/chat/drafts/query", s.handle("QueryDrafts", s.queryDrafts))
}

// draftResponse is a draft as answers have it.
type draftResponse struct {
	ChannelCID    string           `json:"channel_cid"`
	Channel       *channelResponse `json:"channel,omitempty"`
	ParentID      string           `json:"parent_id,omitempty"`
	ParentMessage *messageResponse `json:"parent_message,omitempty"`
	QuotedMessage *messageResponse `json:"quoted_message,omitempty"`
	Message       draftMessage     `json:"message"`
	CreatedAt     nanos            `json:"created_at"`
}

// draftMessage is what a draft says.
type draftMessage struct {
	ID              string            `json:"id"`
	Text            string            `json:"text"`
	HTML            string            `json:"html,omitempty"`
	MML             string            `json:"mml,omitempty"`
	ParentID        string            `json:"parent_id,omitempty"`
	QuotedMessageID string            `json:"quoted_message_id,omitempty"`
	PollID          string            `json:"poll_id,omitempty"`
	ShowInChannel   bool              `json:"show_in_channel,omitempty"`
	Silent          bool              `json:"silent,omitempty"`
	Type            string            `json:"type"`
	Attachments     []json.RawMessage `json:"attachments"`
	MentionedUsers  []*userResponse   `json:"mentioned_users"`
	Custom          map[string]any    `json:"custom"`
}

// draftAnswers completes drafts with what they are about.
func (s *Server) draftAnswers(c *call, list []chat.Draft) ([]*draftResponse, error) {
	var parents []string
	messages := make([]chat.MessageDetail, len(list))
	for i, d := range list {
		messages[i] = d.Message
		parents = append(parents, d.Message.Parent)
	}
	channels, err := s.channelsOf(c, messages)
	if err != nil {
		return nil, err
	}
	found, err := s.engine.MessageDetails(c.Context(), unique(parents), "")
	if err != nil {
		return nil, err
	}
	answers := make([]*draftResponse, len(list))
	for i, d := range list {
		m := d.Message
		answers[i] = &draftResponse{
			ChannelCID: m.CID.String(), Channel: channels[m.CID], ParentID: m.Parent, CreatedAt: at(d.CreatedAt),
			Message: draftMessage{
				ID: m.ID, Text: m.Text, HTML: m.HTML, MML: m.MML, ParentID: m.Parent, QuotedMessageID: m.QuotedID, PollID: m.PollID,
				ShowInChannel: m.ShowInChannel, Silent: m.Silent, Type: shownType(m), Attachments: listed(m.Attachments),
				MentionedUsers: userAnswers(m.Mentions), Custom: object(m.Custom),
			},
		}
		if parent, ok := found[m.Parent]; ok {
			answers[i].ParentMessage = messageAnswer(parent)
		}
		if m.Quoted != nil {
			answers[i].QuotedMessage = messageAnswer(*m.Quoted)
		}
	}
	return answers, nil
}

func (s *Server) createDraft(c *call) (any, error) {
	var req struct {
		Message messageRequest `json:"message"`
		UserID  string         `json:"user_id"`
		User    *userRequest   `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Message.Location != nil || len(req.Message.Visibility) > 0 {
		return nil, invalid("leave shared_location and restricted_visibility out: they are said when the message is sent")
	}
	m, err := req.Message.fresh(c)
	if err != nil {
		return nil, err
	}
	if req.UserID == "" && req.User == nil {
		req.UserID, req.User = req.Message.UserID, req.Message.User
	}
	if m.Sender.ID, err = s.actor(c, req.UserID, req.User); err != nil {
		return nil, err
	}
	if err := s.engine.PutDraft(c.Context(), m); err != nil {
		return nil, err
	}
	return s.draftAnswer(c, m.CID, m.Sender.ID, m.Parent)
}

func (s *Server) draftAnswer(c *call, cid chat.CID, user, parent string) (any, error) {
	d, err := s.engine.Draft(c.Context(), cid, user, parent)
	if err != nil {
		return nil, err
	}
	answers, err := s.draftAnswers(c, []chat.Draft{d})
	if err != nil {
		return nil, err
	}
	return map[string]any{"draft": answers[0]}, nil
}

// draftAsked is whose draft a request is about, and where.
func (s *Server) draftAsked(c *call) (cid chat.CID, user, parent string, err error) {
	query := c.URL.Query()
	if cid, err = c.cid(); err != nil {
		return cid, "", "", err
	}
	user, err = s.actor(c, query.Get("user_id"), nil)
	return cid, user, query.Get("parent_id"), err
}

func (s *Server) getDraft(c *call) (any, error) {
	cid, user, parent, err := s.draftAsked(c)
	if err != nil {
		return nil, err
	}
	return s.draftAnswer(c, cid, user, parent)
}

func (s *Server) deleteDraft(c *call) (any, error) {
	cid, user, parent, err := s.draftAsked(c)
	if err != nil {
		return nil, err
	}
	return done, s.engine.DropDraft(c.Context(), cid, user, parent)
}

func (s *Server) queryDrafts(c *call) (any, error) {
	asked, user, err := s.ownQuery(c)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchDrafts(c.Context(), user, asked)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	answer["drafts"], err = s.draftAnswers(c, turn(answer, asked, list))
	return answer, err
}
