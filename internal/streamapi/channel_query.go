package streamapi

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

type queryChannelsRequest struct {
	wire.QueryRequest
	State        *bool             `json:"state"`
	MemberLimit  *int              `json:"member_limit"`
	MessageLimit *int              `json:"message_limit"`
	UserID       string            `json:"user_id"`
	User         *wire.UserRequest `json:"user"`
	Predefined   string            `json:"predefined_filter"`
}

func (s *Server) queryChannels(c *call) (any, error) {
	var req queryChannelsRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Predefined != "" {
		return nil, wire.Invalid("there are no predefined filters here; use filter_conditions")
	}
	viewer, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	asked, err := req.Search(defaultChannels, channelsPerPage, farthestChannel)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchChannels(c.Context(), store.ChannelSearch{Search: asked, Viewer: viewer})
	if err != nil {
		return nil, err
	}
	want := stateWanted{viewer: viewer, members: membersPerAnswer, messages: defaultMessages, read: true}
	if req.State != nil && !*req.State {
		want = stateWanted{viewer: viewer}
	}
	if want.members, err = atMost(req.MemberLimit, want.members, membersPerAnswer); err != nil {
		return nil, err
	}
	if want.messages, err = atMost(req.MessageLimit, want.messages, messagesPerChannel); err != nil {
		return nil, err
	}
	states, err := s.states(c, list, want)
	if err != nil {
		return nil, err
	}
	return map[string]any{"channels": states}, nil
}

const (
	defaultMessages    = 25
	messagesPerChannel = 300
)

// atMost returns a limit, or the usual one if it was omitted.
func atMost(given *int, usual, most int) (int, error) {
	if given == nil {
		return usual, nil
	}
	if *given < 0 || *given > most {
		return 0, wire.Invalid("the limit must be between 0 and %d", most)
	}
	return *given, nil
}

type getOrCreateRequest struct {
	Data           *wire.ChannelData `json:"data"`
	HideForCreator bool              `json:"hide_for_creator"`
	State          *bool             `json:"state"`
	Members        *memberPage       `json:"members"`
	Messages       *messagePart      `json:"messages"`
	UserID         string            `json:"user_id"`
	User           *wire.UserRequest `json:"user"`
}

// memberPage says which members the answer contains.
type memberPage struct {
	Limit  *int `json:"limit"`
	Offset int  `json:"offset"`
}

// messagePart says which messages the answer contains: those before or after a message or a time.
type messagePart struct {
	messageSpan
	After         *time.Time `json:"created_at_after"`
	AfterOrEqual  *time.Time `json:"created_at_after_or_equal"`
	Around        *time.Time `json:"created_at_around"`
	Before        *time.Time `json:"created_at_before"`
	BeforeOrEqual *time.Time `json:"created_at_before_or_equal"`
}

// check fills in the default limit.
func (p *messagePart) check() (err error) {
	p.Limit, err = wire.Page(p.Limit, defaultMessages, messagesPerChannel, 0, 0)
	return err
}

// some reports whether the request asks for messages other than the newest.
func (p *messagePart) some() bool {
	return p != nil && (p.IDLt+p.IDLte+p.IDGt+p.IDGte+p.IDAround != "" ||
		p.After != nil || p.AfterOrEqual != nil || p.Around != nil || p.Before != nil || p.BeforeOrEqual != nil)
}

func (s *Server) getOrCreateChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req getOrCreateRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	return s.ensureChannel(c, cid, req)
}

// getChannel returns one channel with its members and messages. It doesn't create channels.
func (s *Server) getChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	detail, err := s.engine.ChannelFor(c.Context(), cid, "")
	if err != nil {
		return nil, err
	}
	no := c.URL.Query().Get("state") == "false"
	return s.oneState(c, detail, "", getOrCreateRequest{State: ptrUnless(no)})
}

// ptrUnless returns a pointer to false if no is true, else nil.
func ptrUnless(no bool) *bool {
	if !no {
		return nil
	}
	return new(bool)
}

// getOrCreateDistinct finds or creates the channel that has exactly these members. Its id is
// derived from theirs.
func (s *Server) getOrCreateDistinct(c *call) (any, error) {
	var req getOrCreateRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Data == nil || len(req.Data.Members) == 0 {
		return nil, wire.Invalid("data.members must name the members of a channel without an id")
	}
	return s.ensureChannel(c, distinctCID(chat.ChannelType(c.part("type")), req.Data.Members), req)
}

// distinctCID returns the cid of the channel that has exactly these members.
func distinctCID(kind chat.ChannelType, members []wire.MemberRequest) chat.CID {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.MemberID()
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(ids), "\x1f")))
	return chat.CID{Type: kind, ID: "!members-" + base64.RawURLEncoding.EncodeToString(sum[:])}
}

func (s *Server) ensureChannel(c *call, cid chat.CID, req getOrCreateRequest) (any, error) {
	if req.Data == nil {
		req.Data = &wire.ChannelData{}
	}
	by, err := s.user(c.Context(), req.Data.CreatedByID, req.Data.CreatedBy)
	if err != nil {
		return nil, err
	}
	viewer, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	if by == "" {
		by = viewer
	}
	if req.Members != nil {
		if _, err := wire.Page(1, 1, 1, req.Members.Offset, farthestMember); err != nil {
			return nil, err
		}
	}
	if req.Messages != nil {
		if err := req.Messages.check(); err != nil {
			return nil, err
		}
	}
	detail, err := s.engine.ChannelFor(c.Context(), cid, viewer)
	if chat.CodeOf(err) == chat.NotFound {
		if err := s.createChannel(c, cid, by, req); err != nil {
			return nil, err
		}
		detail, err = s.engine.ChannelFor(c.Context(), cid, viewer)
	}
	if err != nil {
		return nil, err
	}
	return s.oneState(c, detail, viewer, req)
}

// oneState returns a channel with the members and messages that a request asks for.
func (s *Server) oneState(c *call, detail chat.Channel, viewer string, req getOrCreateRequest) (any, error) {
	want := stateWanted{viewer: viewer, members: membersPerAnswer, messages: defaultMessages, read: true}
	if req.State != nil && !*req.State {
		want = stateWanted{viewer: viewer}
	}
	if req.Messages != nil {
		want.messages = req.Messages.Limit
	}
	if req.Members != nil {
		want.members = 0
	}
	states, err := s.states(c, []chat.Channel{detail}, want)
	if err != nil {
		return nil, err
	}
	if req.Messages.some() {
		if states[0].Messages, err = s.messagePart(c, detail, viewer, *req.Messages); err != nil {
			return nil, err
		}
	}
	if req.Members == nil {
		return states[0], nil
	}
	limit, err := atMost(req.Members.Limit, membersPerAnswer, membersPerAnswer)
	if err != nil || limit == 0 {
		return states[0], err
	}
	members, err := s.searchMembers(c, detail.CID, store.Search{Limit: limit, Offset: req.Members.Offset})
	states[0].Members = members
	return states[0], err
}

// messagePart returns the part of a channel's messages that a request asks for.
func (s *Server) messagePart(c *call, detail chat.Channel, viewer string, part messagePart) ([]*wire.MessageResponse, error) {
	q, err := s.moments(c, detail.CID, &part)
	if err != nil {
		return nil, err
	}
	list, err := s.siblings(c, part.messageSpan, q, viewer)
	return wire.MessageAnswers(slices.DeleteFunc(list, func(m chat.Message) bool {
		return !m.CreatedAt.After(detail.Own.HiddenBefore)
	})), err
}

// moments converts the times of a part into message numbers.
func (s *Server) moments(c *call, cid chat.CID, part *messagePart) (q store.SiblingsQuery, err error) {
	q = store.SiblingsQuery{CID: cid, FromEnd: part.After == nil && part.AfterOrEqual == nil}
	// Times of messages have microsecond precision.
	for _, m := range []struct {
		at     *time.Time
		behind time.Duration
		set    func(seq int64)
	}{
		{part.AfterOrEqual, 0, func(seq int64) { q.After = seq }},
		{part.After, time.Microsecond, func(seq int64) { q.After = seq }},
		{part.Before, 0, func(seq int64) { q.Before = seq + 1 }},
		{part.BeforeOrEqual, time.Microsecond, func(seq int64) { q.Before = seq + 1 }},
		{part.Around, 0, func(seq int64) { part.around = seq + 1 }},
	} {
		if m.at == nil {
			continue
		}
		seq, err := s.engine.SeqBefore(c.Context(), cid, m.at.Add(m.behind))
		if err != nil {
			return q, err
		}
		m.set(seq)
	}
	return q, nil
}

func (s *Server) createChannel(c *call, cid chat.CID, by string, req getOrCreateRequest) error {
	if by == "" {
		return wire.Invalid("either data.created_by or data.created_by_id must be provided when using server side auth.")
	}
	detail := chat.Channel{CID: cid}
	if err := req.Data.Fill(&detail); err != nil {
		return err
	}
	detail.Own.Hidden, detail.CreatedAt = req.HideForCreator, s.madeAt(req.Data.CreatedAt)
	members, err := s.members(c.Context(), req.Data.Members)
	if err != nil {
		return err
	}
	invited, err := s.members(c.Context(), req.Data.Invites)
	if err != nil {
		return err
	}
	for i := range invited {
		invited[i].Invited = true
	}
	return s.engine.EnsureChannel(c.Context(), server(by), detail, append(members, invited...))
}
