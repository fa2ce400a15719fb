package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// ListAnnouncements returns a page of announcements, newest first.
func (d *Desk) ListAnnouncements(ctx context.Context, in ListJobs) (page chat.Page[Announcement], err error) {
	q, err := d.jobQuery(ctx, in)
	if err != nil {
		return page, err
	}
	found, err := d.provider.Announcements(ctx, q)
	if err != nil {
		return page, err
	}
	page.HasNext, page.HasPrevious = found.HasNext, found.HasPrevious
	page.Items, err = d.withMentions(ctx, found.Items)
	return page, err
}

// Announcement is one message for many channels, with the users that it mentions.
type Announcement struct {
	chat.Announcement
	Mentioned []chat.User
}

// Announcement returns an announcement, nil if none has that id.
func (d *Desk) Announcement(ctx context.Context, r Request, id string) (*Announcement, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	a, err := d.announcement(ctx, id)
	if chat.CodeOf(err) == chat.NotFound {
		return nil, nil
	}
	return a, err
}

func (d *Desk) announcement(ctx context.Context, id string) (*Announcement, error) {
	a, err := d.provider.Announcement(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := d.withMentions(ctx, []chat.Announcement{a})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// withMentions adds the mentioned users who still exist.
func (d *Desk) withMentions(ctx context.Context, list []chat.Announcement) ([]Announcement, error) {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.Body.Mentions...)
	}
	users, err := d.usersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]Announcement, len(list))
	for i, a := range list {
		all[i] = Announcement{Announcement: a, Mentioned: among(users, a.Body.Mentions)}
	}
	return all, nil
}

// usersByID returns those of the users that exist. The ids may have repeats.
func (d *Desk) usersByID(ctx context.Context, ids []string) (map[string]chat.User, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	list, _, err := d.known(ctx, slices.Compact(ids))
	users := make(map[string]chat.User, len(list))
	for _, u := range list {
		users[u.ID] = u
	}
	return users, err
}

// among returns the users with the given ids who exist, in the order of the ids.
func among(users map[string]chat.User, ids []string) (list []chat.User) {
	for _, id := range ids {
		if u, exists := users[id]; exists {
			list = append(list, u)
		}
	}
	return list
}

// ChannelSelection selects channels, in the form of the input.
type ChannelSelection struct {
	CIDs          []string
	Type          *chat.ChannelType
	Search        string
	InactiveSince *time.Time
	All           bool
}

// MaxChosen is the maximum number of channels that an announcement names.
const MaxChosen = 1_000

// selection validates a selection of channels. field is the input's.
func (d *Desk) selection(ctx context.Context, field string, in ChannelSelection, most int) (s chat.ChannelSelection, err error) {
	filter := in.Type != nil || in.Search != "" || in.InactiveSince != nil
	switch {
	case len(in.CIDs) > 0 && (filter || in.All), in.All && filter:
		return s, chat.Invalid(field, "Give cids, or a filter, or all: only one of them.")
	case len(in.CIDs) > 0:
		s.CIDs, err = d.cids(ctx, field+".cids", in.CIDs, most)
		return s, err
	case !filter && !in.All:
		return s, chat.Invalid(field, "Select channels: give cids, a filter, or all: true.")
	}
	if err := inField(field+".search", chat.CheckSearch(in.Search, maxSearch)); err != nil {
		return s, err
	}
	if in.Type != nil {
		if err := d.checkType(ctx, field+".typeName", *in.Type); err != nil {
			return s, err
		}
		s.Type = *in.Type
	}
	if in.InactiveSince != nil {
		s.InactiveSince = *in.InactiveSince
	}
	s.Search, s.All = in.Search, in.All
	return s, nil
}

// PutAnnouncement asks for a draft of an announcement to be created, or changed before it is sent.
type PutAnnouncement struct {
	Request     `json:"-"`
	ID          string // "" for a new one
	Text        string
	Attachments []Attachment
	Mentions    []string // user ids; duplicates are folded
	Channels    ChannelSelection
}

// PutAnnouncement stores an announcement that isn't sent yet, and returns it.
func (d *Desk) PutAnnouncement(ctx context.Context, in PutAnnouncement) (*Announcement, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	name := "createAnnouncement"
	if in.ID != "" {
		name = "updateAnnouncement"
	}
	op, err := d.operation(in.Request, name, in)
	if err != nil {
		return nil, err
	}
	body, err := d.announced(ctx, op.By, in.Text, in.Attachments, in.Mentions)
	if err != nil {
		return nil, err
	}
	audience, err := d.selection(ctx, "channels", in.Channels, MaxChosen)
	if err != nil {
		return nil, err
	}
	id, err := d.provider.PutAnnouncement(ctx, chat.PutAnnouncement{Operation: op, ID: in.ID, Body: body, Audience: audience})
	if err != nil {
		return nil, err
	}
	return d.announcement(ctx, id)
}

// announced validates the content of an announcement by the rules of a message. Mentioned users
// must be chat users already, since otherwise each channel would refuse the message.
func (d *Desk) announced(ctx context.Context, by chat.Actor, text string, attached []Attachment, mentions []string) (b chat.MessageBody, err error) {
	checked, err := d.body(ctx, text, attached, mentions)
	if err != nil {
		return b, err
	}
	if len(checked.mentions) > 0 {
		page, err := d.provider.Users(ctx, chat.UserQuery{Limit: MaxPage, IDs: checked.mentions})
		if err != nil {
			return b, err
		}
		known := chat.IDs(page.Items)
		unknown := slices.DeleteFunc(slices.Clone(checked.mentions), func(id string) bool { return slices.Contains(known, id) })
		if len(unknown) > 0 {
			return b, chat.UnknownUsers("mentions", unknown)
		}
	}
	if b.Sender = by; d.serviceUser != "" {
		b.Sender = chat.Actor{ID: d.serviceUser}
	}
	b.Text, b.Mentions = checked.text, checked.mentions
	for _, a := range checked.attachments {
		b.Attachments = append(b.Attachments, a.Raw())
	}
	return b, nil
}

// SendAnnouncement asks for an announcement to be sent now or at a time.
type SendAnnouncement struct {
	Request   `json:"-"`
	ID        string
	LocalTime *string // nil for now
	Zone      *string
	Cancel    bool // make it a draft again instead
}

// SendAnnouncement sends an announcement, now or at a time, or cancels that. It returns the
// announcement.
func (d *Desk) SendAnnouncement(ctx context.Context, in SendAnnouncement) (*Announcement, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	name := "sendAnnouncement"
	if in.Cancel {
		name = "cancelAnnouncement"
	}
	op, err := d.operation(in.Request, name, in)
	if err != nil {
		return nil, err
	}
	req := chat.SendAnnouncement{Operation: op, ID: in.ID, Cancel: in.Cancel}
	switch {
	case (in.LocalTime == nil) != (in.Zone == nil):
		return nil, chat.Invalid("zone", "Give localTime and zone together, or neither to send it now.")
	case in.LocalTime != nil:
		s, bad := chat.ParseSchedule(*in.LocalTime, *in.Zone)
		if bad != nil {
			return nil, bad
		}
		if due := s.Due(); !due.After(time.Now()) {
			req.Operation.Refused = chat.Invalid("localTime", "The time must be in the future: there it is %s now.", time.Now().In(due.Location()).Format(chat.LocalTime))
		}
		req.Schedule = s
	}
	if err := d.provider.SendAnnouncement(ctx, req); err != nil {
		return nil, err
	}
	return d.announcement(ctx, in.ID)
}

// AboutAnnouncement asks for an operation on an announcement.
type AboutAnnouncement struct {
	Request `json:"-"`
	ID      string
}

// DropAnnouncement removes a draft.
func (d *Desk) DropAnnouncement(ctx context.Context, in AboutAnnouncement) error {
	if err := d.authorise(ctx, in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, "deleteAnnouncement", in)
	if err != nil {
		return err
	}
	return d.provider.DropAnnouncement(ctx, op, in.ID)
}

// EditAnnouncement asks for an announcement's content to be changed in all channels.
type EditAnnouncement struct {
	Request     `json:"-"`
	ID          string
	Text        string
	Attachments []Attachment
	Mentions    []string
}

// EditAnnouncement changes an announcement's content in all channels that have it, and returns the
// job that does this.
func (d *Desk) EditAnnouncement(ctx context.Context, in EditAnnouncement) (*chat.Job, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, "editAnnouncement", in)
	if err != nil {
		return nil, err
	}
	body, err := d.announced(ctx, op.By, in.Text, in.Attachments, in.Mentions)
	if err != nil {
		return nil, err
	}
	j, err := d.provider.StartJob(ctx, chat.StartJob{Operation: op, Name: op.Name, Announcement: in.ID, Input: chat.JobInput{Body: body}})
	return &j, err
}

// RecallAnnouncement deletes an announcement's message in all channels that have it, and returns
// the job that does this.
func (d *Desk) RecallAnnouncement(ctx context.Context, in AboutAnnouncement) (*chat.Job, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, "recallAnnouncement", in)
	if err != nil {
		return nil, err
	}
	j, err := d.provider.StartJob(ctx, chat.StartJob{Operation: op, Name: op.Name, Announcement: in.ID})
	return &j, err
}

// AnnouncementReaders counts the members who have read an announcement; nil if the chat doesn't
// know.
func (d *Desk) AnnouncementReaders(ctx context.Context, r Request, id string) (*chat.Readers, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	if _, err := d.provider.Announcement(ctx, id); err != nil {
		return nil, err
	}
	return d.provider.Readers(ctx, id)
}

// AnnouncementPlan is what sending an announcement now would do.
type AnnouncementPlan struct {
	Channels int64 // that get it
	Members  int64 // memberships in them
	Refusals
	Preview chat.Message
}

// Refusals are the targets that refuse the planned operation.
type Refusals struct {
	Listed []Refusal // the first of them
	Count  int64
}

// Refusal is a target that refuses the planned operation, and the reason.
type Refusal struct {
	Target string // a cid or user id
	Why    *chat.Error
}

// MaxRefusalsListed is the maximum number of refusals that a plan lists.
const MaxRefusalsListed = 20

func (l *Refusals) add(target string, why *chat.Error) {
	if l.Count++; len(l.Listed) < MaxRefusalsListed {
		l.Listed = append(l.Listed, Refusal{target, why})
	}
}

// PlanAnnouncement returns what sending an announcement now would do.
func (d *Desk) PlanAnnouncement(ctx context.Context, r Request, id string) (*AnnouncementPlan, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	a, err := d.provider.Announcement(ctx, id)
	if err != nil {
		return nil, err
	}
	channels, err := d.provider.Select(ctx, a.Audience)
	if err != nil {
		return nil, err
	}
	refusals, err := d.provider.WouldRefuse(ctx, a.Body, channels)
	if err != nil {
		return nil, err
	}
	unfit := a.CheckSend()
	p := &AnnouncementPlan{}
	preview := chat.CID{Type: chat.Livestream, ID: "preview"}
	for i, c := range channels {
		why := cmp.Or(unfit, refusals[i])
		if c.CreatedAt.IsZero() { // it doesn't exist
			why = chat.Missing("cid", "There is no channel with this cid, or no longer.")
		}
		if why != nil {
			p.add(c.CID.String(), why)
			continue
		}
		if p.Channels == 0 {
			preview = c.CID
		}
		p.Channels, p.Members = p.Channels+1, p.Members+c.MemberCount
	}
	users, err := d.usersByID(ctx, append(slices.Clone(a.Body.Mentions), a.Body.Sender.ID))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	p.Preview = a.Body.Message(preview, "preview")
	p.Preview.CreatedAt, p.Preview.Mentions = now, among(users, a.Body.Mentions)
	if sender, exists := users[a.Body.Sender.ID]; exists {
		p.Preview.Sender = sender
	} else { // it becomes a chat user when it first sends
		p.Preview.Sender.Role, p.Preview.Sender.CreatedAt, p.Preview.Sender.UpdatedAt = chat.RoleUser, now, now
	}
	return p, nil
}
