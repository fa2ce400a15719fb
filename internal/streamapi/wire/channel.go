package wire

import (
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// ChannelData is a channel in requests.
type ChannelData struct {
	CreatedByID     string          `json:"created_by_id"`
	CreatedBy       *UserRequest    `json:"created_by"`
	Team            string          `json:"team"`
	Frozen          bool            `json:"frozen"`
	Disabled        bool            `json:"disabled"`
	Cooldown        int             `json:"cooldown"`
	FilterTags      []string        `json:"filter_tags"`
	ConfigOverrides map[string]any  `json:"config_overrides"`
	Members         []MemberRequest `json:"members"`
	Invites         []MemberRequest `json:"invites"`
	Custom          map[string]any  `json:"custom"`
	CreatedAt       GivenTime       `json:"created_at"`
}

// Fill sets a channel's fields from a request and replaces its custom data.
func (d ChannelData) Fill(c *chat.Channel) error {
	c.Frozen, c.Disabled, c.Team, c.Cooldown, c.ConfigOverrides = d.Frozen, d.Disabled, d.Team, d.Cooldown, d.ConfigOverrides
	c.FilterTags = Unique(d.FilterTags)
	setChannelCustom(c, d.Custom)
	return CheckChannel(c)
}

// Limits on a channel's own data, in characters and seconds.
const (
	maxTags     = 10
	maxTag      = 50
	maxTeam     = 100
	maxCooldown = 120
)

// CheckChannel returns an error if a channel exceeds the limits of this API.
func CheckChannel(c *chat.Channel) error {
	if c.Cooldown < 0 || c.Cooldown > maxCooldown {
		return Invalid("cooldown must be between 0 and %d seconds", maxCooldown)
	}
	if len(c.FilterTags) > maxTags {
		return Invalid("a channel has at most %d filter tags", maxTags)
	}
	for _, tag := range c.FilterTags {
		if refused := chat.CheckSearch(tag, maxTag); refused != nil {
			return Invalid("a filter tag is at most %d characters long", maxTag)
		}
	}
	for _, text := range []string{c.Team, c.Name, c.Avatar} {
		if strings.ContainsRune(text, 0) {
			return Invalid("no text may have the NUL character")
		}
	}
	if utf8.RuneCountInString(c.Team) > maxTeam {
		return Invalid("team is at most %d characters long", maxTeam)
	}
	if c.Name == "" {
		return nil
	}
	if _, refused := chat.CleanName(c.Name); refused != nil {
		return Invalid("custom.name: %s", refused.Message)
	}
	return nil
}

// A channel's name and picture are custom data in this API, but fields in ours.
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

// ChannelResponse is a channel in answers.
type ChannelResponse struct {
	CID             string         `json:"cid"`
	ID              string         `json:"id"`
	Type            string         `json:"type"`
	CreatedAt       Nanos          `json:"created_at"`
	UpdatedAt       Nanos          `json:"updated_at"`
	LastMessageAt   *Nanos         `json:"last_message_at,omitempty"`
	TruncatedAt     *Nanos         `json:"truncated_at,omitempty"`
	DeletedAt       *Nanos         `json:"deleted_at,omitempty"`
	TruncatedBy     *UserResponse  `json:"truncated_by,omitempty"`
	CreatedBy       *UserResponse  `json:"created_by,omitempty"`
	Frozen          bool           `json:"frozen"`
	Disabled        bool           `json:"disabled"`
	Team            string         `json:"team,omitempty"`
	Cooldown        int            `json:"cooldown,omitempty"`
	FilterTags      []string       `json:"filter_tags,omitempty"`
	MemberCount     int64          `json:"member_count"`
	MessageCount    *int64         `json:"message_count,omitempty"`
	Hidden          *bool          `json:"hidden,omitempty"`
	HiddenBefore    *Nanos         `json:"hide_messages_before,omitempty"`
	Muted           *bool          `json:"muted,omitempty"`
	MuteExpiresAt   *Nanos         `json:"mute_expires_at,omitempty"`
	ConfigOverrides map[string]any `json:"config_overrides,omitempty"`
	Config          *ChannelConfig `json:"config,omitempty"`
	Custom          map[string]any `json:"custom"`
}

// ChannelAnswer returns a channel in the form of answers. It needs the users that channelUsers
// returns.
func ChannelAnswer(c chat.Channel, users map[string]chat.User) *ChannelResponse {
	answer := &ChannelResponse{
		CID: c.CID.String(), ID: c.CID.ID, Type: string(c.CID.Type), CreatedAt: At(c.CreatedAt), UpdatedAt: At(c.UpdatedAt),
		LastMessageAt: Maybe(c.LastMessageAt), TruncatedAt: Maybe(c.TruncatedAt), Frozen: c.Frozen, Disabled: c.Disabled,
		Team: c.Team, Cooldown: c.Cooldown, FilterTags: c.FilterTags, MemberCount: c.MemberCount,
		HiddenBefore: Maybe(c.Own.HiddenBefore), MuteExpiresAt: Maybe(c.Own.MutedUntil),
		ConfigOverrides: c.ConfigOverrides, Custom: channelCustom(c),
	}
	if c.Own.Hidden {
		answer.Hidden = &c.Own.Hidden
	}
	if c.Own.Muted {
		answer.Muted = &c.Own.Muted
	}
	if u, ok := users[c.CreatedBy]; ok {
		answer.CreatedBy = UserAnswer(u)
	}
	if u, ok := users[c.TruncatedBy]; ok {
		answer.TruncatedBy = UserAnswer(u)
	}
	return answer
}

// With adds the effective settings, and the fields that they allow to be shown.
func (r *ChannelResponse) With(config *ChannelConfig, messages int64) *ChannelResponse {
	r.Config = config
	if config.CountMessages {
		r.MessageCount = &messages
	}
	return r
}

// ChannelState is a channel with its members and messages, in answers.
type ChannelState struct {
	Channel        *ChannelResponse   `json:"channel"`
	Members        []*MemberResponse  `json:"members"`
	Membership     *MemberResponse    `json:"membership,omitempty"`
	Messages       []*MessageResponse `json:"messages"`
	PinnedMessages []*MessageResponse `json:"pinned_messages"`
	Threads        []any              `json:"threads"`
	Read           []ReadResponse     `json:"read,omitempty"`
	Hidden         *bool              `json:"hidden,omitempty"`
	HiddenBefore   *Nanos             `json:"hide_messages_before,omitempty"`
}

// PatchChannel applies a partial update to a channel.
func PatchChannel(d *chat.Channel, p Patch) error {
	fields := map[string]any{
		"frozen": &d.Frozen, "disabled": &d.Disabled, "team": &d.Team, "cooldown": &d.Cooldown,
		"filter_tags": &d.FilterTags, "config_overrides": &d.ConfigOverrides,
	}
	custom := channelCustom(*d)
	if err := p.Apply(fields, &custom); err != nil {
		return err
	}
	setChannelCustom(d, custom)
	d.FilterTags = Unique(d.FilterTags)
	return CheckChannel(d)
}
