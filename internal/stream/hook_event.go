package stream

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"backchannel/internal/chat"
)

// hookEvent is an event in the form of Stream's webhooks.
type hookEvent struct {
	Type        string       `json:"type"`
	CID         string       `json:"cid"`
	ChannelType string       `json:"channel_type"`
	ChannelID   string       `json:"channel_id"`
	User        wireUser     `json:"user"`
	Target      *wireUser    `json:"target_user"`
	Member      *wireMember  `json:"member"`
	Message     *wireMessage `json:"message"`
	Reaction    *struct {
		Type string   `json:"type"`
		User wireUser `json:"user"`
	} `json:"reaction"`
	Channel    *hookChannel `json:"channel"`
	LastRead   *moment      `json:"last_read_at"`
	LastReadID string       `json:"last_read_message_id"`
	Shadow     bool         `json:"shadow"`
	CreatedAt  moment       `json:"created_at"`
}

// hookChannel is a channel whose custom fields are beside its own fields.
type hookChannel struct{ wireChannel }

// UnmarshalJSON implements json.Unmarshaler.
func (w *hookChannel) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &w.wireChannel); err != nil {
		return err
	}
	if w.Custom == nil {
		return json.Unmarshal(text, &w.Custom)
	}
	return nil
}

// storable reports whether the event has ids that the logs can store, in either database, and its
// message a time.
func (e hookEvent) storable() bool {
	ids := []string{e.User.ID}
	if e.Channel != nil {
		ids = append(ids, creatorOf(e.Channel.wireChannel))
	}
	if e.Target != nil {
		ids = append(ids, e.Target.ID)
	}
	if e.Member != nil {
		ids = append(ids, e.Member.UserID, e.Member.User.ID)
	}
	if e.Message != nil {
		ids = append(ids, e.Message.ID, e.Message.User.ID)
		if e.Message.ID != "" && !e.Message.whole() {
			return false
		}
	}
	if e.Reaction != nil {
		ids = append(ids, e.Reaction.User.ID)
	}
	return !slices.ContainsFunc(ids, func(id string) bool { return id != "" && chat.CheckMessageID(id) != nil })
}

// cid returns the channel that the event is about; zero for none.
func (e hookEvent) cid() chat.CID {
	text := e.CID
	if text == "" && e.ChannelID != "" {
		text = e.ChannelType + ":" + e.ChannelID
	}
	cid, bad := chat.ParseAnyCID(text)
	if bad != nil {
		return chat.CID{}
	}
	return cid
}

// changes returns the channel and user whose rows in lists may have changed.
func (e hookEvent) changes() (list []string) {
	if cid := e.cid(); cid != (chat.CID{}) {
		list = append(list, changedChannel(cid.String()))
	}
	if strings.HasPrefix(e.Type, "user.") && e.User.ID != "" {
		list = append(list, changedUser(e.User.ID))
	}
	return list
}

// sightings returns what an event reports, by log.
func (p *Provider) sightings(e hookEvent) []told {
	cid, user, at := e.cid(), p.user(e.User), e.CreatedAt.Time
	inChannel := func(s sighting) []told { return s.in(cid) }
	inOffice := func(s sighting) []told { return s.in(chat.CID{}) }
	switch kind := chat.EventType(e.Type); {
	case kind == chat.ChannelCreated || kind == chat.ChannelUpdated || e.Type == "channel.frozen" || e.Type == "channel.unfrozen":
		return p.channelSightings(e, cid, user)
	case kind == chat.UserBanned || kind == chat.UserUnbanned:
		return p.banSightings(e, cid, user)
	case kind == chat.MessageFlagged && e.Message != nil:
		// The back office isn't shown messages, so their state isn't stored in its log.
		return inOffice(sighting{kind: kind, cid: cid, user: user, at: at})
	case kind == chat.UserFlagged:
		if e.Target != nil {
			user = p.user(*e.Target)
		}
		return inOffice(sighting{kind: kind, user: user, at: at})
	case kind == chat.UserUpdated:
		return inOffice(sawRole(user, at, false))
	case e.Type == "user.deactivated" || e.Type == "user.reactivated" || e.Type == "user.deleted":
		return inOffice(sighting{kind: chat.UserUpdated, user: user, at: at, subject: "standing " + user.ID, state: e.Type})
	case cid == (chat.CID{}):
		return nil
	case e.Message != nil && e.Message.ID != "":
		return inChannel(p.messageSighting(e, kind))
	case kind == chat.MessageRead:
		seq := at.UnixMicro()
		if e.LastRead != nil {
			seq = e.LastRead.UnixMicro()
		}
		return inChannel(sawRead(user, seq, at, false))
	case kind == chat.MemberAdded || kind == chat.MemberRemoved || kind == chat.MemberUpdated:
		return inChannel(p.memberSighting(e, kind, user))
	case kind == chat.ChannelTruncated:
		return inChannel(sighting{kind: kind, user: user, at: at})
	}
	return nil
}

// in returns the sightings for a log. An event about a user that names none tells nothing.
func (s sighting) in(cid chat.CID) []told {
	kind, _, _ := strings.Cut(string(s.kind), ".")
	if s.user.ID == "" && (kind == "user" || kind == "member" || s.kind == chat.MessageRead) {
		return nil
	}
	return []told{{cid: cid, seen: []sighting{s}}}
}

func (p *Provider) channelSightings(e hookEvent, cid chat.CID, by chat.User) []told {
	if e.Channel == nil || cid == (chat.CID{}) {
		return nil
	}
	c := e.Channel.channel()
	c.CID = cid
	if by.ID == "" {
		by.ID = creatorOf(e.Channel.wireChannel)
	}
	s := sawChannel(c, by, e.Channel.UpdatedAt.Time, false)
	office := s
	if e.Type == string(chat.ChannelCreated) {
		office.first = chat.ChannelCreated
	}
	return []told{{cid: cid, seen: []sighting{s}}, {seen: []sighting{office}}}
}

// banSightings omits shadow bans, which are never reported.
func (p *Provider) banSightings(e hookEvent, cid chat.CID, user chat.User) []told {
	if e.Shadow {
		return nil
	}
	s := sawBan(cid, user, e.Type == string(chat.UserBanned), e.CreatedAt.Time)
	logs := s.in(chat.CID{})
	if cid != (chat.CID{}) {
		logs = append(logs, s.in(cid)...)
	}
	return logs
}

func (p *Provider) messageSighting(e hookEvent, kind chat.EventType) sighting {
	m := *e.Message
	m.CID = cmp.Or(m.CID, e.cid().String())
	s := sighting{message: &m, user: p.user(e.User), at: e.CreatedAt.Time}
	switch {
	case kind == chat.MessageDeleted:
		m.Type = deletedType
		if m.DeletedAt == nil {
			m.DeletedAt = &moment{e.CreatedAt.Time}
		}
	case e.Reaction != nil && (kind == chat.ReactionNew || kind == chat.ReactionDeleted):
		s.kind, s.detail = kind, e.Reaction.Type
		if s.user.ID == "" {
			s.user = p.user(e.Reaction.User)
		}
	}
	return s
}

func (p *Provider) memberSighting(e hookEvent, kind chat.EventType, user chat.User) sighting {
	if e.Member != nil {
		user = p.user(e.Member.User)
		user.ID = cmp.Or(e.Member.UserID, user.ID)
	}
	if kind == chat.MemberUpdated {
		return sighting{kind: kind, user: user, at: e.CreatedAt.Time}
	}
	return sawMember(user, kind == chat.MemberAdded, e.CreatedAt.Time)
}
