package stream

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
)

const (
	memberPageSize = 100 // Stream's maximum
	membersAtOnce  = 100 // Stream's maximum in one call
	messagesAtOnce = 25  // requested in one URL
)

// memberPage reads one page of a channel's members.
func (p *Provider) memberPage(ctx context.Context, cid chat.CID, filter object, by Sorting, offset int) ([]wireMember, error) {
	query, err := Payload(object{
		"type": cid.Type, "id": cid.ID, "filter_conditions": filter,
		"sort": []Sorting{by}, "limit": memberPageSize, "offset": offset,
	})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Members []wireMember `json:"members"`
	}
	err = p.client.Do(ctx, QueryMembers, Request{Query: query, About: func() bool { return allWhole(answer.Members) }}, &answer)
	return answer.Members, err
}

// Members implements chat.Provider.
//
// Stream's own pages end at a maximum offset, so each page reads the whole list.
func (p *Provider) Members(ctx context.Context, q chat.MemberQuery) (page chat.Page[chat.Member], err error) {
	if _, err := p.openExisting(ctx, q.CID); err != nil {
		return page, err
	}
	s := Scan[wireMember]{
		PageSize: memberPageSize,
		ID:       wireMember.id,
		Times:    []TimeField[wireMember]{{NewestFirst, func(w wireMember) time.Time { return w.CreatedAt.Time }}},
		Page: func(ctx context.Context, filter object, by Sorting, offset int) ([]wireMember, error) {
			return p.memberPage(ctx, q.CID, filter, by, offset)
		},
	}
	rows, err := s.All(ctx, object{})
	if err != nil {
		return page, err
	}
	reads, err := p.reads(ctx, q.CID)
	if err != nil {
		return page, err
	}
	list := make([]chat.Member, len(rows))
	for i, w := range rows {
		list[i] = chat.Member{User: p.user(w.User), AddedAt: w.CreatedAt.Time, ReadSeq: reads[w.id()].seq(w.CreatedAt.Time)}
	}
	slices.SortFunc(list, func(a, b chat.Member) int { return cmp.Compare(a.User.ID, b.User.ID) })
	return pageOf(list, q.Limit, chat.Position{ID: q.After},
		func(m chat.Member, at chat.Position) int { return cmp.Compare(m.User.ID, at.ID) },
		func(chat.Member) bool { return true }), nil
}

func (w wireMember) id() string { return cmp.Or(w.UserID, w.User.ID) }

// readState is how far a user has read: up to a message, or a time if Stream names no message.
type readState struct {
	message, moment time.Time // zero for none
}

// joining is the maximum time until Stream records that a new member has read up to the time of
// joining, which counts as nothing.
const joining = time.Second

// seq returns how far a user has read who became a member at that time; 0 for nothing.
func (r readState) seq(joined time.Time) int64 {
	switch {
	case !r.message.IsZero():
		return r.message.UnixMicro()
	case !r.moment.After(joined.Add(joining)):
		return 0
	}
	return r.moment.UnixMicro()
}

// reads returns how far the users of a channel have read, as far as one answer of Stream contains
// that.
func (p *Provider) reads(ctx context.Context, cid chat.CID) (map[string]readState, error) {
	var answer struct {
		Read []wireRead `json:"read"`
	}
	in := Request{Path: []string{string(cid.Type), cid.ID}, Body: object{"state": true, "messages": object{"limit": 1}}}
	if err := p.client.Do(ctx, QueryMessages, in, &answer); err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range answer.Read {
		if r.MessageID != "" {
			ids = append(ids, r.MessageID)
		}
	}
	times, err := p.messageTimes(ctx, cid, unique(ids))
	states := map[string]readState{}
	for _, r := range answer.Read {
		states[r.User.ID] = readState{times[r.MessageID], r.LastRead.Time}
	}
	return states, err
}

// messageTimes returns when messages of a channel were sent.
func (p *Provider) messageTimes(ctx context.Context, cid chat.CID, ids []string) (map[string]time.Time, error) {
	times := map[string]time.Time{}
	for some := range slices.Chunk(ids, messagesAtOnce) {
		var answer struct {
			Messages []wireMessage `json:"messages"`
		}
		in := Request{Path: []string{string(cid.Type), cid.ID}, Query: url.Values{"ids": {strings.Join(some, ",")}}}
		in.About = func() bool { return allWhole(answer.Messages) }
		if err := p.client.Do(ctx, getMessages, in, &answer); err != nil {
			return nil, err
		}
		for _, w := range answer.Messages {
			times[w.ID] = w.CreatedAt.Time
		}
	}
	return times, nil
}

// ChangeMembers implements chat.Provider. It changes a hundred users at a time.
func (p *Provider) ChangeMembers(ctx context.Context, req chat.ChangeMembers) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		if err := checkUserIDs("users", req.Add...); err != nil {
			return "", err
		}
		v, err := p.allowed(ctx, req.Operation.By, req.CID, "cid", p.policy.MayModerate, question{users: req.Add})
		if err != nil {
			return "", err
		}
		if unknown := unknownUsers(req.Add, v.users); len(unknown) > 0 {
			return "", chat.UnknownUsers("users", unknown)
		}
		plans := membership(req)
		now, err := p.intendTo(ctx, a, req.Operation.By, plans...)
		if err != nil {
			return "", err
		}
		if err := p.changeMembers(ctx, req.CID, "add_members", req.Add); err != nil {
			return "", err
		}
		var leaving []string
		for i := len(distinct(req.Add)); i < len(plans); i++ {
			if now[i] != nil {
				leaving = append(leaving, plans[i].UserID)
			}
		}
		return "", p.changeMembers(ctx, req.CID, "remove_members", leaving)
	})
	return err
}

// membership returns the plans of a change of members: those to add, then those to remove.
func membership(req chat.ChangeMembers) (plans []plan) {
	of := func(id string) chat.ChangeTarget {
		return chat.ChangeTarget{Kind: chat.MemberTarget, CID: req.CID, UserID: id}
	}
	for _, id := range distinct(req.Add) {
		plans = append(plans, plan{ChangeTarget: of(id), will: func(now state) state {
			if now != nil {
				return now
			}
			return state{}
		}})
	}
	for _, id := range distinct(req.Remove) {
		plans = append(plans, plan{ChangeTarget: of(id), will: goes})
	}
	return plans
}

// removeMembers removes the users who are members.
func (p *Provider) removeMembers(ctx context.Context, cid chat.CID, ids []string) error {
	ids = slices.DeleteFunc(unique(ids), func(id string) bool { return !possible(id) })
	for some := range slices.Chunk(ids, membersAtOnce) {
		members, err := p.memberPage(ctx, cid, object{"id": object{"$in": streamIDs(some)}}, NewestFirst, 0)
		if err != nil {
			return err
		}
		leaving := make([]string, len(members))
		for i, w := range members {
			leaving[i] = w.id()
		}
		if err := p.changeMembers(ctx, cid, "remove_members", leaving); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) changeMembers(ctx context.Context, cid chat.CID, field string, ids []string) error {
	return p.changeMembersAs(ctx, cid, field, ids, nil)
}

// changeMembersAs is like changeMembers and also sets roles in the channel.
func (p *Provider) changeMembersAs(ctx context.Context, cid chat.CID, field string, ids []string, roles map[string]string) error {
	for some := range slices.Chunk(distinct(ids), membersAtOnce) {
		var list any = streamIDs(some)
		if field == "add_members" {
			members := make([]object, len(some))
			for i, id := range some {
				members[i] = object{"user_id": StreamID(id)}
				if role := roles[id]; role != "" {
					members[i]["channel_role"] = role
				}
			}
			list = members
		}
		var answer struct {
			Channel wireChannel `json:"channel"`
		}
		in := Request{Path: []string{string(cid.Type), cid.ID}, Body: object{field: list}, About: func() bool { return answer.Channel.CID == cid.String() }}
		if err := p.client.Do(ctx, ChangeMembers, in, &answer); err != nil {
			return err
		}
		p.channels.put(answer.Channel.channel())
		p.tellMembers(ctx, cid, some, field == "add_members")
	}
	return nil
}

// distinct returns the ids in their order, without repeats.
func distinct(ids []string) (list []string) {
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return list
}

func (p *Provider) tellMembers(ctx context.Context, cid chat.CID, ids []string, member bool) {
	t := told{cid: cid}
	for _, id := range ids {
		t.seen = append(t.seen, sawMember(chat.User{ID: id}, member, time.Time{}))
	}
	p.tellOwn(ctx, t)
}

// channelsOf returns the channels that a user is a member of.
func (p *Provider) channelsOf(ctx context.Context, user string) ([]chat.Channel, error) {
	if err := gone(ctx); err != nil {
		return nil, err
	}
	if !possible(user) {
		return nil, nil // an id that isn't valid has no memberships
	}
	list, err := p.channelScan().All(ctx, object{"members": object{"$in": []string{StreamID(user)}}})
	slices.SortFunc(list, compareChannels)
	return list, err
}

// MarkRead implements chat.Provider. At Stream a read state is a time: everything sent until then
// is read.
func (p *Provider) MarkRead(ctx context.Context, req chat.MarkRead) error {
	by := req.Operation.By
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, _ attempt) (string, error) {
		// The back-office role doesn't make the caller a member.
		if err := p.allow(ctx, chat.Actor{ID: by.ID}, req.CID, "cid", p.policy.MayMarkRead); err != nil {
			return "", err
		}
		body, seq := object{"user_id": StreamID(by.ID)}, req.Seq
		if req.Seq > 0 {
			last, ahead, err := p.readTarget(ctx, req)
			if err != nil || !ahead {
				return "", err
			}
			body["message_id"], seq = last.ID, last.Seq
		}
		var answer struct {
			Event *struct {
				User      wireUser `json:"user"`
				CreatedAt moment   `json:"created_at"`
			} `json:"event"`
		}
		in := Request{Path: []string{string(req.CID.Type), req.CID.ID}, Body: body, About: func() bool {
			return answer.Event == nil || answer.Event.User.ID == by.ID
		}}
		if err := p.client.Do(ctx, markRead, in, &answer); err != nil {
			return "", err
		}
		if answer.Event == nil { // by Stream's documents it is optional
			return "", nil
		}
		if seq == 0 {
			seq = answer.Event.CreatedAt.UnixMicro()
		}
		p.tellOwn(ctx, told{cid: req.CID, seen: []sighting{sawRead(p.user(answer.Event.User), seq, answer.Event.CreatedAt.Time, false)}})
		return "", nil
	})
	return err
}

// readTarget returns the last message up to a seq, and whether it is newer than what the user has
// read.
func (p *Provider) readTarget(ctx context.Context, req chat.MarkRead) (last chat.Message, ahead bool, err error) {
	page, err := p.Messages(ctx, chat.MessageQuery{CID: req.CID, By: req.Operation.By, Limit: 1, FromEnd: true, Before: req.Seq + 1})
	if err != nil || len(page.Items) == 0 {
		return last, false, err
	}
	reads, err := p.reads(ctx, req.CID)
	last = page.Items[0]
	return last, last.Seq > reads[req.Operation.By.ID].seq(time.Time{}), err
}
