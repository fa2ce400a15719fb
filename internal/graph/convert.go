package graph

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport"
)

// channelType returns the type by its name or its enum value; the contract's default if both are
// null.
func channelType(t *chat.ChannelType, name *string) chat.ChannelType {
	switch {
	case name != nil:
		return chat.ChannelType(*name)
	case t != nil:
		return *t
	}
	return chat.Livestream
}

// wantedType returns the type to search for, by its name or its enum value; nil for any.
func wantedType(t *chat.ChannelType, name *string) *chat.ChannelType {
	if name != nil {
		return (*chat.ChannelType)(name)
	}
	return t
}

// because returns the request with the reason in the input.
func because(ctx context.Context, reason *string) desk.Request {
	r := transport.Request(ctx)
	r.Reason = value(reason)
	return r
}

// provided returns the request with the reason and the expected version in the input.
func provided(ctx context.Context, reason, version *string) desk.Request {
	r := because(ctx, reason)
	r.IfVersion = version
	return r
}

func listChanges(f *model.ChangeFilter) desk.ListChanges {
	if f == nil {
		return desk.ListChanges{}
	}
	return desk.ListChanges{By: value(f.By), Operation: value(f.Operation), CID: f.Cid, UserID: value(f.UserID),
		Outcome: value(f.Outcome), Since: f.Since, Until: f.Until}
}

func targetCID(t *chat.ChangeTarget) string {
	if t.CID == (chat.CID{}) {
		return ""
	}
	return t.CID.String()
}

func attachments(given []model.AttachmentInput) []desk.Attachment {
	list := make([]desk.Attachment, len(given))
	for i, a := range given {
		list[i] = desk.Attachment{Title: a.Title, TitleLink: a.TitleLink, AssetURL: a.AssetURL}
	}
	return list
}

// webAddress returns "" for an address that browsers might execute instead of opening it.
func webAddress(s string) string {
	if !chat.IsWebAddress(s) {
		return ""
	}
	return s
}

// pixels returns a picture's width or height, null if it is unknown or can't be correct.
func pixels(n int) *int {
	if n < 1 || n > math.MaxInt32 {
		return nil
	}
	return &n
}

func userChanges(given []model.ChatUserInput) []chat.UserChange {
	list := make([]chat.UserChange, len(given))
	for i, u := range given {
		list[i] = chat.UserChange{ID: u.ID, Name: u.Name, Role: value(u.Role), IfVersion: u.IfVersion}
	}
	return list
}

func messagePayload(m *chat.Message, err error) (*model.MessagePayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.MessagePayload{Message: m}, nil
}

func reactionCounts(groups map[string]chat.ReactionGroup) []model.ReactionCount {
	list := make([]model.ReactionCount, 0, len(groups))
	for word, g := range groups {
		list = append(list, model.ReactionCount{Type: word, Count: int(g.Count)})
	}
	slices.SortFunc(list, func(a, b model.ReactionCount) int { return cmp.Compare(a.Type, b.Type) })
	return list
}

func restriction(kind chat.RestrictionKind, input model.RestrictUserInput) desk.Restrict {
	return desk.Restrict{Kind: kind, UserID: input.UserID, CID: input.Cid, Until: input.Until}
}

func (r *mutationResolver) restrict(ctx context.Context, reason, version *string, in desk.Restrict) (*model.RestrictUserPayload, error) {
	in.Request = provided(ctx, reason, version)
	if err := r.Desk.Restrict(ctx, in); err != nil {
		return nil, err
	}
	return &model.RestrictUserPayload{UserID: in.UserID}, nil
}

func (r *mutationResolver) changeMembers(ctx context.Context, reason *string, in desk.ChangeMembers) (*model.MembersPayload, error) {
	in.Request = because(ctx, reason)
	if err := r.Desk.ChangeMembers(ctx, in); err != nil {
		return nil, err
	}
	return &model.MembersPayload{Cid: in.CID}, nil
}

func milliseconds(d *time.Duration) *int {
	if d == nil {
		return nil
	}
	n := int(d.Milliseconds())
	return &n
}

// optionalTime returns null for the zero time.
func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func channelSelection(in model.ChannelSelectionInput) desk.ChannelSelection {
	return desk.ChannelSelection{CIDs: in.Cids, Type: wantedType(in.Type, in.TypeName), Search: value(in.Search), InactiveSince: in.InactiveSince, All: value(in.All)}
}

func bulk(r desk.Request, in model.PlanInput) desk.PlanBulk {
	p := desk.PlanBulk{Request: r, Operation: desk.BulkOperation(in.Operation), Members: in.UserIds, Role: in.Role, Until: in.Until, CID: in.Cid}
	if in.Channels != nil {
		p.Channels = new(channelSelection(*in.Channels))
	}
	if u := in.Users; u != nil {
		p.Users = &desk.UserSelection{IDs: u.Ids, Search: value(u.Search), Role: u.Role, All: value(u.All)}
	}
	return p
}

func cidTexts(cids []chat.CID) []string {
	list := make([]string, len(cids))
	for i, cid := range cids {
		list[i] = cid.String()
	}
	return list
}

func announced(a *desk.Announcement, err error) (*model.AnnouncementPayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.AnnouncementPayload{Announcement: a}, nil
}

func jobPayload(j *chat.Job, err error) (*model.JobPayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.JobPayload{Job: j}, nil
}

func (r *mutationResolver) moveJob(ctx context.Context, move chat.JobMove, input model.MoveJobInput) (*model.JobPayload, error) {
	return jobPayload(r.Desk.MoveJob(ctx, desk.MoveJob{Request: because(ctx, input.Reason), ID: input.ID, Move: move}))
}
