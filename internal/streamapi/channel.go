package streamapi

import (
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

const (
	channelsPerPage  = 30
	defaultChannels  = 10
	farthestChannel  = 1_000
	membersPerAnswer = 100
	channelsAtOnce   = 100 // deleted, muted or exported in one call
	membersAtOnce    = 100 // added, removed and so on in one call
)

func (s *Server) routeChannels() {
	s.mux.HandleFunc("POST /api/v2/chat/channels", s.handle("QueryChannels", s.queryChannels))
	s.mux.HandleFunc("PUT /api/v2/chat/channels/batch", s.handle("ChannelBatchUpdate", s.updateChannelsBatch))
	s.mux.HandleFunc("POST /api/v2/chat/channels/delete", s.handle("DeleteChannels", s.deleteChannels))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/query", s.handle("GetOrCreateChannel", s.getOrCreateDistinct))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/query", s.handle("GetOrCreateChannel", s.getOrCreateChannel))
	s.mux.HandleFunc("GET /api/v2/chat/channels/{type}/{id}", s.handle("GetChannel", s.getChannel))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}", s.handle("UpdateChannel", s.updateChannel))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}", s.handle("UpdateChannelPartial", s.updateChannelPartial))
	s.mux.HandleFunc("DELETE /api/v2/chat/channels/{type}/{id}", s.handle("DeleteChannel", s.deleteChannel))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/truncate", s.handle("TruncateChannel", s.truncateChannel))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/event", s.handle("SendEvent", s.sendEvent))
	s.mux.HandleFunc("POST /api/v2/chat/users/{id}/event", s.handle("SendUserCustomEvent", s.sendUserEvent))
	s.mux.HandleFunc("POST /api/v2/chat/export_channels", s.handle("ExportChannels", s.exportChannels))
}

// channelData is a channel in requests.
type channelData struct {
	CreatedByID     string          `json:"created_by_id"`
	CreatedBy       *userRequest    `json:"created_by"`
	Team            string          `json:"team"`
	Frozen          bool            `json:"frozen"`
	Disabled        bool            `json:"disabled"`
	Cooldown        int             `json:"cooldown"`
	FilterTags      []string        `json:"filter_tags"`
	ConfigOverrides map[string]any  `json:"config_overrides"`
	Members         []memberRequest `json:"members"`
	Invites         []memberRequest `json:"invites"`
	Custom          map[string]any  `json:"custom"`
	CreatedAt       givenTime       `json:"created_at"`
}

// fill gives a channel what a request says, replacing its custom data.
func (d channelData) fill(c *chat.Channel) error {
	c.Frozen, c.Disabled, c.Team, c.Cooldown, c.ConfigOverrides = d.Frozen, d.Disabled, d.Team, d.Cooldown, d.ConfigOverrides
	c.FilterTags = unique(d.FilterTags)
	setChannelCustom(c, d.Custom)
	return checkChannel(c)
}

// Limits on a channel's own data, in characters and seconds.
const (
	maxTags     = 10
	maxTag      = 50
	maxTeam     = 100
	maxCooldown = 120
)

func checkChannel(c *chat.Channel) error {
	if c.Cooldown < 0 || c.Cooldown > maxCooldown {
		return invalid("cooldown must be between 0 and %d seconds", maxCooldown)
	}
	if len(c.FilterTags) > maxTags {
		return invalid("a channel has at most %d filter tags", maxTags)
	}
	for _, tag := range c.FilterTags {
		if refused := chat.CheckSearch(tag, maxTag); refused != nil {
			return invalid("a filter tag is at most %d characters long", maxTag)
		}
	}
	for _, text := range []string{c.Team, c.Name, c.Avatar} {
		if strings.ContainsRune(text, 0) {
			return invalid("no text may have the NUL character")
		}
	}
	if utf8.RuneCountInString(c.Team) > maxTeam {
		return invalid("team is at most %d characters long", maxTeam)
	}
	if c.Name == "" {
		return nil
	}
	if _, refused := chat.CleanName(c.Name); refused != nil {
		return invalid("custom.name: %s", refused.Message)
	}
	return nil
}

// A channel's name and picture are custom data in this API, and fields in ours.
const (
	nameField  = "name"
	imageField = "image"
)

func setChannelCustom(c *chat.Channel, custom map[string]any) {
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

func channelCustom(c chat.Channel) map[string]any {
	custom := copied(c.Custom)
	if c.Name != "" {
		custom[nameField] = c.Name
	}
	if c.Avatar != "" {
		custom[imageField] = c.Avatar
	}
	return custom
}

// channelResponse is a channel in answers.
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
func channelAnswer(c chat.Channel, users map[string]chat.User) *channelResponse {
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

// with adds the settings in force, and what they allow to show.
func (r *channelResponse) with(config *channelConfig, messages int64) *channelResponse {
	r.Config = config
	if config.CountMessages {
		r.MessageCount = &messages
	}
	return r
}

// channelState is a channel with its members and messages, in answers.
type channelState struct {
	Channel        *channelResponse   `json:"channel"`
	Members        []*memberResponse  `json:"members"`
	Membership     *memberResponse    `json:"membership,omitempty"`
	Messages       []*messageResponse `json:"messages"`
	PinnedMessages []*messageResponse `json:"pinned_messages"`
	Threads        []any              `json:"threads"`
	Read           []readResponse     `json:"read,omitempty"`
	Hidden         *bool              `json:"hidden,omitempty"`
	HiddenBefore   *nanos             `json:"hide_messages_before,omitempty"`
}

// stateWanted says how much of a channel's content an answer has.
type stateWanted struct {
	viewer   string
	members  int
	messages int
	read     bool // how far the members have read
}

// states completes channels with members and messages.
func (s *Server) states(c *call, list []chat.Channel, want stateWanted) ([]*channelState, error) {
	var ids []string
	cids := make([]chat.CID, len(list))
	for i, one := range list {
		cids[i] = one.CID
		ids = append(ids, one.CreatedBy, one.TruncatedBy)
	}
	users, err := s.engine.UsersByID(c.Context(), unique(ids))
	if err != nil {
		return nil, err
	}
	members := map[chat.CID][]chat.Member{}
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
	var read map[chat.CID]map[string]chat.ReadState
	if want.read {
		if read, err = s.engine.ReadStates(c.Context(), members); err != nil {
			return nil, err
		}
	}
	states := make([]*channelState, len(list))
	for i, one := range list {
		state := &channelState{
			Channel: channelAnswer(one, users).with(configs[i], one.MessageCount), Members: []*memberResponse{},
			Messages: listed(messages[one.CID]), PinnedMessages: listed(pinned[one.CID]), Threads: []any{},
		}
		for _, m := range members[one.CID] {
			state.Members = append(state.Members, memberAnswer(m))
			if want.read {
				state.Read = append(state.Read, readAnswer(m, read[one.CID][m.User.ID]))
			}
		}
		if state.Membership, err = s.membership(c, one.CID, want.viewer); err != nil {
			return nil, err
		}
		state.Hidden, state.HiddenBefore = state.Channel.Hidden, state.Channel.HiddenBefore
		states[i] = state
	}
	return states, nil
}
