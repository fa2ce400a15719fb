package stream

import (
	"context"
	"net/url"
	"slices"
	"time"

	"backchannel/internal/chat"
)

const bansPageSize = 300 // Stream's maximum

// Restrict implements chat.Provider. Stream bans for whole minutes: a ban lasts at least as long as
// requested. It has no mutes by moderators.
func (p *Provider) Restrict(ctx context.Context, req chat.Restrict) error {
	if req.Kind != chat.Ban {
		return chat.Lacking("Stream can't keep a user from writing alone. Ban the user instead.")
	}
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		target, err := p.mayRestrict(ctx, req)
		if err == nil {
			err = p.beginBan(ctx, a, req)
		}
		if err == nil {
			err = p.restrict(ctx, req, target)
		}
		return "", err
	})
	return err
}

// beginBan stores the intended change of a ban, if the ban has the version that the caller expects.
func (p *Provider) beginBan(ctx context.Context, a attempt, req chat.Restrict) error {
	want := req.Operation.IfVersion
	if a.entry == nil && want == nil {
		return nil
	}
	about := chat.ChangeTarget{Kind: chat.RestrictionTarget, CID: req.CID, UserID: req.UserID, Item: string(req.Kind)}
	now, found, err := p.banOf(ctx, req.CID, req.UserID)
	if err != nil {
		return err
	}
	var before, after state
	version := chat.NoVersion
	if found {
		before, version = now.state(), p.restriction(req.CID, now).Version()
	}
	if !req.Lift {
		after = banState(req.Until, req.Reason, OurID(creator(req.Operation.By)))
	}
	if want != nil && *want != version && !a.made(before, after) {
		return p.changedUnseen(ctx, about, req.Operation.By, "ifVersion")
	}
	return p.intend(ctx, a, []state{before}, []chat.ChangeTarget{became(about, before, after)})
}

// banOf returns the ban of a user in a channel, or in all, and whether there is one.
func (p *Provider) banOf(ctx context.Context, cid chat.CID, user string) (wireBan, bool, error) {
	filter := object{"user_id": object{"$eq": StreamID(user)}}
	if cid != (chat.CID{}) {
		filter["channel_cid"] = object{"$eq": cid.String()}
	}
	list, err := p.bans(ctx, filter)
	i := slices.IndexFunc(list, func(w wireBan) bool { return !w.Shadow && (w.Channel == nil) == (cid == chat.CID{}) })
	if err != nil || i < 0 {
		return wireBan{}, false, missingIsNone(err)
	}
	return list[i], true, nil
}

// restrict bans a user or lifts a ban, and records the event.
func (p *Provider) restrict(ctx context.Context, req chat.Restrict, target wireUser) (err error) {
	target.Banned, target.BanEnds, err = p.ban(ctx, req)
	if err != nil {
		return err
	}
	if req.CID == (chat.CID{}) {
		p.users.put(p.listedUser(target))
	}
	s := sawBan(req.CID, p.user(target), !req.Lift, time.Time{})
	logs := []told{{seen: []sighting{s}}}
	if req.CID != (chat.CID{}) {
		logs = append(logs, told{cid: req.CID, seen: []sighting{s}})
	}
	p.tellOwn(ctx, logs...)
	return nil
}

// ban bans a user or lifts a ban, and returns the resulting state.
func (p *Provider) ban(ctx context.Context, req chat.Restrict) (banned bool, ends *moment, err error) {
	if req.Lift {
		query := url.Values{"target_user_id": {StreamID(req.UserID)}}
		if req.CID != (chat.CID{}) {
			query.Set("channel_cid", req.CID.String())
		}
		return false, nil, missingIsNone(p.client.Do(ctx, unban, Request{Query: query, Body: object{}}, nil))
	}
	body := object{"target_user_id": StreamID(req.UserID), "banned_by_id": creator(req.Operation.By), "reason": req.Reason}
	if req.CID != (chat.CID{}) {
		body["channel_cid"] = req.CID.String()
	}
	if !req.Until.IsZero() {
		minutes := max(1, int((time.Until(req.Until)+time.Minute-1)/time.Minute))
		body["timeout"] = minutes
		ends = &moment{time.Now().Add(time.Duration(minutes) * time.Minute).UTC()}
	}
	return true, ends, p.client.Do(ctx, ban, Request{Body: body}, nil)
}

// mayRestrict checks that the actor may do this, and returns the target.
func (p *Provider) mayRestrict(ctx context.Context, req chat.Restrict) (target wireUser, err error) {
	by := req.Operation.By
	if err := checkUserIDs("users", req.UserID); err != nil {
		return target, err
	}
	var v view
	if req.CID != (chat.CID{}) {
		v, err = p.allowed(ctx, by, req.CID, "cid", p.policy.MayModerate, question{users: []string{req.UserID}})
	} else {
		v.users, err = p.usersByID(ctx, []string{req.UserID, by.ID})
		if refused := p.policy.MayModerate(chat.Standing{Role: p.user(v.users[by.ID]).Role}, ""); err == nil && !by.BackOffice && refused != nil {
			err = chat.Denied(refused)
		}
	}
	if err != nil {
		return target, err
	}
	target, exists := v.users[req.UserID]
	if !exists {
		return target, noUser()
	}
	return target, nil
}

// wireBan is a ban or shadow ban.
type wireBan struct {
	User      wireUser  `json:"user"`
	BannedBy  *wireUser `json:"banned_by"`
	Reason    string    `json:"reason"`
	Channel   *struct{} `json:"channel"` // nil for all channels
	Shadow    bool      `json:"shadow"`
	Expires   *moment   `json:"expires"`
	CreatedAt moment    `json:"created_at"`
}

// bans reads the current bans that match a filter, newest first, at most as many as a channel's list
// has. A new ban shifts the others, so that one may come twice.
func (p *Provider) bans(ctx context.Context, filter object) (list []wireBan, err error) {
	for offset := 0; offset < chat.MaxRestrictions; offset += bansPageSize {
		limit := min(bansPageSize, chat.MaxRestrictions-offset)
		query, err := Payload(object{
			"filter_conditions": filter, "sort": []Sorting{NewestFirst}, "exclude_expired_bans": true, "limit": limit, "offset": offset,
		})
		if err != nil {
			return nil, err
		}
		var answer struct {
			Bans []wireBan `json:"bans"`
		}
		if err := p.client.Do(ctx, queryBans, Request{Query: query}, &answer); err != nil {
			return nil, err
		}
		list = append(list, answer.Bans...)
		if len(answer.Bans) < limit {
			break
		}
	}
	return list, nil
}

// Restrictions implements chat.Provider. Shadow bans aren't restrictions here.
func (p *Provider) Restrictions(ctx context.Context, cid chat.CID) ([]chat.ChannelRestriction, error) {
	if _, err := p.openExisting(ctx, cid); err != nil {
		return nil, err
	}
	bans, err := p.bans(ctx, object{"channel_cid": object{"$eq": cid.String()}})
	var list []chat.ChannelRestriction
	seen := map[string]bool{}
	for _, w := range bans {
		if !w.Shadow && !seen[w.User.ID] {
			seen[w.User.ID] = true
			list = append(list, p.restriction(cid, w))
		}
	}
	return list, err
}

func (p *Provider) restriction(cid chat.CID, w wireBan) chat.ChannelRestriction {
	r := chat.Restriction{Kind: chat.Ban, UserID: w.User.ID, CID: cid, Reason: w.Reason, Until: orZero(w.Expires), CreatedAt: w.CreatedAt.Time}
	if w.BannedBy != nil {
		r.By = w.BannedBy.ID
	}
	return chat.ChannelRestriction{Restriction: r, User: p.user(w.User)}
}

// fillBans adds what the list of users lacks about users banned from all channels: who set the ban,
// why, and when.
func (p *Provider) fillBans(ctx context.Context, users []chat.User) error {
	place := map[string]int{}
	var ids []string
	for i, u := range users {
		if u.Ban != nil {
			place[u.ID] = i
			ids = append(ids, StreamID(u.ID))
		}
	}
	for some := range slices.Chunk(ids, UserPageSize) {
		bans, err := p.bans(ctx, object{"user_id": object{"$in": some}})
		if err != nil {
			return err
		}
		for _, w := range bans {
			i, ok := place[w.User.ID]
			if !ok || w.Shadow || w.Channel != nil {
				continue
			}
			r := p.restriction(chat.CID{}, w).Restriction
			users[i].Ban = &r // the list of all users is shared and must not be modified
		}
	}
	return nil
}

// banned reports whether a user is banned in a channel. Shadow bans don't count.
func (p *Provider) banned(ctx context.Context, cid chat.CID, user string) (bool, error) {
	list, err := p.bans(ctx, object{"channel_cid": object{"$eq": cid.String()}, "user_id": object{"$eq": StreamID(user)}})
	return slices.ContainsFunc(list, func(w wireBan) bool { return !w.Shadow }), err
}
