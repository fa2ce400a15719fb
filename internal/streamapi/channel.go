package streamapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"backchannel/internal/chat"
)

const (
	channelsPerPage  = 30
	defaultChannels  = 10
	farthestChannel  = 1_000
	membersPerAnswer = 100
	channelsAtOnce   = 100 // deleted in one call
)

func (s *Server) routeChannels() {
	s.mux.HandleFunc("POST /api/v2/chat/channels", s.handle("QueryChannels", s.queryChannels))
	s.mux.HandleFunc("POST /api/v2/chat/channels/delete", s.handle("DeleteChannels", s.deleteChannels))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/query", s.handle("GetOrCreateChannel", s.getOrCreateDistinct))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/query", s.handle("GetOrCreateChannel", s.getOrCreateChannel))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}", s.handle("UpdateChannelPartial", s.updateChannelPartial))
	s.mux.HandleFunc("DELETE /api/v2/chat/channels/{type}/{id}", s.handle("DeleteChannel", s.deleteChannel))
}

// channelData is a channel as requests have it.
type channelData struct {
	CreatedByID     string          `json:"created_by_id"`
	CreatedBy       *userRequest    `json:"created_by"`
	Team            string          `json:"team"`
	Frozen          bool            `json:"frozen"`
	Disabled        bool            `json:"disabled"`
	FilterTags      []string        `json:"filter_tags"`
	ConfigOverrides map[string]any  `json:"config_overrides"`
	Members         []memberRequest `json:"members"`
	Invites         []memberRequest `json:"invites"`
	Custom          map[string]any  `json:"custom"`
}

// fill gives a channel what a request says, replacing its custom data.
func (d channelData) fill(c *chat.ChannelDetail) {
	c.Frozen, c.Disabled, c.Team, c.FilterTags, c.ConfigOverrides = d.Frozen, d.Disabled, d.Team, d.FilterTags, d.ConfigOverrides
	setChannelCustom(c, d.Custom)
}

// A channel's name and picture are custom data on this wire, and the channel's own
// in ours.
const (
	nameField  = "name"
	imageField = "image"
)

func setChannelCustom(c *chat.ChannelDetail, custom map[string]any) {
	c.Custom, c.Name, c.Avatar = copied(custom), "", ""
	if name, ok := custom[nameField].(string); ok {
		c.Name = name
		delete(c.Custom, nameField)
	}
	if image, ok := custom[imageField].(string); ok && strings.Contains(image, "://") {
		c.Avatar = image
		delete(c.Custom, imageField)
	}
}

func channelCustom(c chat.ChannelDetail) map[string]any {
	custom := copied(c.Custom)
	if c.Name != "" {
		custom[nameField] = c.Name
	}
	if c.Avatar != "" {
		custom[imageField] = c.Avatar
	}
	return custom
}

// channelResponse is a channel as answers have it.
type channelResponse struct {
	CID             string         `json:"cid"`
	ID              string         `json:"id"`
	Type            string         `json:"type"`
	CreatedAt       nanos          `json:"created_at"`
	UpdatedAt       nanos          `json:"updated_at"`
	LastMessageAt   *nanos         `json:"last_message_at,omitempty"`
	TruncatedAt     *nanos         `json:"truncated_at,omitempty"`
	DeletedAt       *nanos         `json:"deleted_at,omitempty"`
	TruncatedBy     *userResponse  `json:"truncated_by,omitempty"`
	CreatedBy       *userResponse  `json:"created_by,omitempty"`
	Frozen          bool           `json:"frozen"`
	Disabled        bool           `json:"disabled"`
	Team            string         `json:"team,omitempty"`
	Cooldown        int            `json:"cooldown,omitempty"`
	FilterTags      []string       `json:"filter_tags,omitempty"`
	MemberCount     int64          `json:"member_count"`
	MessageCount    *int64         `json:"message_count,omitempty"`
	Hidden          *bool          `json:"hidden,omitempty"`
	HiddenBefore    *nanos         `json:"hide_messages_before,omitempty"`
	Muted           *bool          `json:"muted,omitempty"`
	MuteExpiresAt   *nanos         `json:"mute_expires_at,omitempty"`
	ConfigOverrides map[string]any `json:"config_overrides,omitempty"`
	Config          *channelConfig `json:"config,omitempty"`
	Custom          map[string]any `json:"custom"`
}

// channelAnswer needs the users whom channelUsers names.
func channelAnswer(c chat.ChannelDetail, users map[string]chat.UserDetail) *channelResponse {
	answer := &channelResponse{
		CID: c.CID.String(), ID: c.CID.ID, Type: string(c.CID.Type), CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt),
		LastMessageAt: maybe(c.LastMessageAt), TruncatedAt: maybe(c.TruncatedAt), Frozen: c.Frozen, Disabled: c.Disabled,
		Team: c.Team, Cooldown: c.Cooldown, FilterTags: c.FilterTags, MemberCount: c.MemberCount,
		HiddenBefore: maybe(c.Own.HiddenBefore), MuteExpiresAt: maybe(c.Own.MutedUntil),
		ConfigOverrides: c.ConfigOverrides, Custom: channelCustom(c),
	}
	if c.Own.Hidden {
		answer.Hidden = &c.Own.Hidden
	}
	if c.Own.Muted {
		answer.Muted = &c.Own.Muted
	}
	if u, ok := users[c.CreatedBy]; ok {
		answer.CreatedBy = userAnswer(u)
	}
	if u, ok := users[c.TruncatedBy]; ok {
		answer.TruncatedBy = userAnswer(u)
	}
	return answer
}

// with adds the settings in force, and what they let be shown.
func (r *channelResponse) with(config *channelConfig, messages int64) *channelResponse {
	r.Config = config
	if config.CountMessages {
		r.MessageCount = &messages
	}
	return r
}

// channelState is a channel with what is in it, as answers have it.
type channelState struct {
	Channel        *channelResponse   `json:"channel"`
	Members        []*memberResponse  `json:"members"`
	Membership     *memberResponse    `json:"membership,omitempty"`
	Messages       []*messageResponse `json:"messages"`
	PinnedMessages []*messageResponse `json:"pinned_messages"`
	Threads        []any              `json:"threads"`
	Hidden         *bool              `json:"hidden,omitempty"`
}

// stateWanted says how much of a channel's content an answer has.
type stateWanted struct {
	viewer   string
	members  int
	messages int
}

// states completes channels with members and messages.
func (s *Server) states(c *call, list []chat.ChannelDetail, want stateWanted) ([]*channelState, error) {
	var ids []string
	cids := make([]chat.CID, len(list))
	for i, one := range list {
		cids[i] = one.CID
		ids = append(ids, one.CreatedBy, one.TruncatedBy)
	}
	users, err := s.engine.UserDetails(c.Context(), unique(ids))
	if err != nil {
		return nil, err
	}
	members := map[chat.CID][]chat.MemberDetail{}
	if want.members > 0 {
		if members, err = s.engine.MembersOf(c.Context(), cids, want.members); err != nil {
			return nil, err
		}
	}
	var messages, pinned map[chat.CID][]*messageResponse
	if want.messages > 0 {
		if messages, err = s.channelMessages(c, list, want.viewer, want.messages); err != nil {
			return nil, err
		}
		if pinned, err = s.pinnedMessages(c, list, want.viewer); err != nil {
			return nil, err
		}
	}
	configs, err := s.channelConfigs(c, list)
	if err != nil {
		return nil, err
	}
	states := make([]*channelState, len(list))
	for i, one := range list {
		state := &channelState{
			Channel: channelAnswer(one, users).with(configs[i], one.MessageCount), Members: []*memberResponse{},
			Messages: listed(messages[one.CID]), PinnedMessages: listed(pinned[one.CID]), Threads: []any{},
		}
		for _, m := range members[one.CID] {
			state.Members = append(state.Members, memberAnswer(m))
			if m.User.ID == want.viewer {
				state.Membership = memberAnswer(m)
			}
		}
		state.Hidden = state.Channel.Hidden
		states[i] = state
	}
	return states, nil
}

type queryChannelsRequest struct {
	Filter       json.RawMessage `json:"filter_conditions"`
	Sort         []sortParam     `json:"sort"`
	Limit        int             `json:"limit"`
	Offset       int             `json:"offset"`
	State        *bool           `json:"state"`
	MemberLimit  *int            `json:"member_limit"`
	MessageLimit *int            `json:"message_limit"`
	UserID       string          `json:"user_id"`
	User         *userRequest    `json:"user"`
}

func (s *Server) queryChannels(c *call) (any, error) {
	var req queryChannelsRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	viewer, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	q := chat.ChannelSearch{Viewer: viewer, Offset: req.Offset}
	if q.Limit, err = page(req.Limit, defaultChannels, channelsPerPage, req.Offset, farthestChannel); err != nil {
		return nil, err
	}
	if q.Sort, err = sorts(req.Sort); err != nil {
		return nil, err
	}
	filter, refused := chat.ParseFilter(req.Filter)
	if refused != nil {
		return nil, refused
	}
	q.Filter = filter
	list, err := s.engine.SearchChannels(c.Context(), q)
	if err != nil {
		return nil, err
	}
	want := stateWanted{viewer: viewer, members: membersPerAnswer, messages: defaultMessages}
	if req.State != nil && !*req.State {
		want.members, want.messages = 0, 0
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

// atMost is a limit that may be left out.
func atMost(given *int, usual, most int) (int, error) {
	if given == nil {
		return usual, nil
	}
	if *given < 0 || *given > most {
		return 0, invalid("the limit must be between 0 and %d", most)
	}
	return *given, nil
}

type getOrCreateRequest struct {
	Data           *channelData `json:"data"`
	HideForCreator bool         `json:"hide_for_creator"`
	UserID         string       `json:"user_id"`
	User           *userRequest `json:"user"`
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

// getOrCreateDistinct finds the channel of just these members, by an id that is
// made from theirs.
func (s *Server) getOrCreateDistinct(c *call) (any, error) {
	var req getOrCreateRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Data == nil || len(req.Data.Members) == 0 {
		return nil, invalid("data.members must name the members of a channel without an id")
	}
	ids := make([]string, len(req.Data.Members))
	for i, m := range req.Data.Members {
		ids[i] = m.id()
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(ids), "\x1f")))
	cid := chat.CID{Type: chat.ChannelType(c.part("type")), ID: "!members-" + base64.RawURLEncoding.EncodeToString(sum[:])}
	return s.ensureChannel(c, cid, req)
}

func (s *Server) ensureChannel(c *call, cid chat.CID, req getOrCreateRequest) (any, error) {
	if req.Data == nil {
		req.Data = &channelData{}
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
	detail, err := s.engine.ChannelDetail(c.Context(), cid, viewer)
	if chat.CodeOf(err) == chat.NotFound {
		if err := s.createChannel(c, cid, by, req); err != nil {
			return nil, err
		}
		detail, err = s.engine.ChannelDetail(c.Context(), cid, viewer)
	}
	if err != nil {
		return nil, err
	}
	states, err := s.states(c, []chat.ChannelDetail{detail}, stateWanted{
		viewer: viewer, members: membersPerAnswer, messages: defaultMessages})
	if err != nil {
		return nil, err
	}
	return states[0], nil
}

func (s *Server) createChannel(c *call, cid chat.CID, by string, req getOrCreateRequest) error {
	if by == "" {
		return invalid("either data.created_by or data.created_by_id must be provided when using server side auth.")
	}
	detail := chat.ChannelDetail{Channel: chat.Channel{CID: cid}}
	req.Data.fill(&detail)
	_, err := s.engine.EnsureChannel(c.Context(), server(by), detail, memberDetails(req.Data.Members, req.Data.Invites))
	return err
}

// updateChannelPartial sets and removes single fields.
func (s *Server) updateChannelPartial(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req struct {
		Set    map[string]any `json:"set"`
		Unset  []string       `json:"unset"`
		UserID string         `json:"user_id"`
		User   *userRequest   `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	by, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	err = s.engine.ChangeChannel(c.Context(), server(by), cid, func(d *chat.ChannelDetail) error {
		return patchChannel(d, patch{set: req.Set, unset: req.Unset})
	})
	if err != nil {
		return nil, err
	}
	return s.channelAndMembers(c, cid)
}

func patchChannel(d *chat.ChannelDetail, p patch) error {
	fields := map[string]any{
		"frozen": &d.Frozen, "disabled": &d.Disabled, "team": &d.Team, "cooldown": &d.Cooldown,
		"filter_tags": &d.FilterTags, "config_overrides": &d.ConfigOverrides,
	}
	custom := channelCustom(*d)
	if err := p.apply(fields, &custom); err != nil {
		return err
	}
	setChannelCustom(d, custom)
	return nil
}

func (s *Server) channelAndMembers(c *call, cid chat.CID) (any, error) {
	detail, err := s.engine.ChannelDetail(c.Context(), cid, "")
	if err != nil {
		return nil, err
	}
	states, err := s.states(c, []chat.ChannelDetail{detail}, stateWanted{members: membersPerAnswer})
	if err != nil {
		return nil, err
	}
	return map[string]any{"channel": states[0].Channel, "members": states[0].Members}, nil
}

func (s *Server) deleteChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	detail, err := s.engine.ChannelDetail(c.Context(), cid, "")
	if err != nil {
		return nil, err
	}
	if _, err := s.engine.DeleteChannelsAsTask(c.Context(), server(""), []chat.CID{cid}); err != nil {
		return nil, err
	}
	return map[string]any{"channel": channelAnswer(detail, nil)}, nil
}

func (s *Server) deleteChannels(c *call) (any, error) {
	var req struct {
		CIDs []string `json:"cids"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.CIDs) == 0 || len(req.CIDs) > channelsAtOnce {
		return nil, invalid("cids must have 1 to %d cids", channelsAtOnce)
	}
	cids := make([]chat.CID, len(req.CIDs))
	for i, text := range req.CIDs {
		cid, err := parseCID(text)
		if err != nil {
			return nil, err
		}
		cids[i] = cid
	}
	task, err := s.engine.DeleteChannelsAsTask(c.Context(), server(""), cids)
	if err != nil {
		return nil, err
	}
	return map[string]any{"task_id": task}, nil
}
