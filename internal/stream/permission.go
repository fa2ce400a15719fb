package stream

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
)

// view is what Stream says about a channel and those who have to do with a change in it.
type view struct {
	chat.Standing // of the caller
	channel       wireChannel
	users         map[string]wireUser // that exist, at least the caller and those that were asked about
	members       map[string]bool     // which of them are members
}

// question is what to ask in addition to what decides whether the caller may act.
type question struct {
	users, members []string // ids
	opened         bool     // the channel's messages are read, too, see [openings]
}

// allow checks a rule. For Stream we are the app's own server, which may do everything, so we must
// read the caller's standing first.
func (p *Provider) allow(ctx context.Context, by chat.Actor, cid chat.CID, field string, r chat.Rule) error {
	_, err := p.allowed(ctx, by, cid, field, r, question{})
	return err
}

// allowed is like allow, and returns what was read.
func (p *Provider) allowed(ctx context.Context, by chat.Actor, cid chat.CID, field string, r chat.Rule, q question) (view, error) {
	v, err := p.viewOf(ctx, by, cid, q)
	if err != nil {
		return v, err
	}
	return v, r.Judge(v.Standing, by, cid, field)
}

// MayRead implements chat.Provider.
func (p *Provider) MayRead(ctx context.Context, by chat.Actor, cid chat.CID) error {
	if err := gone(ctx); err != nil {
		return err
	}
	if by.BackOffice { // for the back office only the channel's existence matters
		_, err := p.openExisting(ctx, cid)
		return err
	}
	_, err := p.allowed(ctx, by, cid, "cid", p.policy.MayRead, question{opened: true})
	return err
}

// viewOf reads from Stream what decides what a caller may do. For the back office only the channel's
// existence matters. For others the channel is read with its first members, and only what that answer
// lacks is asked for, all at once.
func (p *Provider) viewOf(ctx context.Context, by chat.Actor, cid chat.CID, q question) (v view, err error) {
	if by.BackOffice {
		return p.officeView(ctx, cid, q)
	}
	o, err := p.openWithMembers(ctx, cid, q.opened)
	v = view{channel: o.channel, users: map[string]wireUser{}, members: map[string]bool{}}
	v.Exists, v.Frozen = o.found, o.channel.Frozen
	if err != nil || !o.found {
		return v, err
	}
	v.take(o.members, by.ID)
	missing, err := p.restOf(ctx, by.ID, cid, q, v, len(o.members) < openedMembers)
	if err != nil {
		return v, err
	}
	v.take(missing.members, by.ID)
	maps.Copy(v.users, missing.users)
	w, exists := v.users[by.ID]
	if exists {
		v.Known, v.Role = true, p.user(w).Role
	}
	v.Member, v.Banned = v.members[by.ID], v.Banned || missing.banned || w.Banned
	return v, nil
}

// officeView is viewOf for the back office.
func (p *Provider) officeView(ctx context.Context, cid chat.CID, q question) (v view, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		v.channel, v.Exists, err = p.channel(ctx, cid)
		v.Frozen = v.channel.Frozen
		return err
	})
	if len(q.users) > 0 {
		g.Go(func() (err error) {
			v.users, err = p.usersByID(ctx, q.users)
			return err
		})
	}
	return v, g.Wait()
}

// take adds members, and the caller's ban in the channel, which members have. Deactivated users aren't
// users to us.
func (v *view) take(members []wireMember, caller string) {
	for _, m := range members {
		v.members[m.id()] = true
		if m.User.ID != "" && m.User.DeactivatedAt == nil {
			v.users[m.id()] = m.User
		}
		v.Banned = v.Banned || m.id() == caller && m.Banned
	}
}

// rest is what a channel's first members don't tell.
type rest struct {
	users   map[string]wireUser
	members []wireMember
	banned  bool // the caller
}

// restOf asks for what a view lacks. all means that it has all members.
func (p *Provider) restOf(ctx context.Context, caller string, cid chat.CID, q question, v view, all bool) (r rest, err error) {
	if possible(caller) {
		q.users, q.members = append(slices.Clone(q.users), caller), append(slices.Clone(q.members), caller)
	}
	users := slices.DeleteFunc(q.users, func(id string) bool { _, known := v.users[id]; return known })
	members := slices.DeleteFunc(q.members, func(id string) bool { return all || v.members[id] })
	g, ctx := errgroup.WithContext(ctx)
	if len(users) > 0 {
		g.Go(func() (err error) {
			r.users, err = p.usersByID(ctx, users)
			return err
		})
	}
	if len(members) > 0 {
		g.Go(func() (err error) {
			r.members, err = p.memberPage(ctx, cid, object{"id": object{"$in": streamIDs(members)}}, NewestFirst, 0)
			return unanswered(err)
		})
	}
	if possible(caller) && !v.members[caller] {
		g.Go(func() (err error) {
			r.banned, err = p.banned(ctx, cid, caller)
			return unanswered(err)
		})
	}
	return r, g.Wait()
}

// UserStanding implements chat.Provider.
func (p *Provider) UserStanding(ctx context.Context, id string) (s chat.Standing, err error) {
	known, err := p.usersByID(ctx, []string{id})
	if w, exists := known[id]; exists {
		s.Known, s.Role, s.Banned = true, p.user(w).Role, w.Banned
	}
	return s, err
}

// missingIsNone treats an error about a missing channel as an empty result.
func missingIsNone(err error) error {
	if said(err, codeDoesNotExist) {
		return nil
	}
	return err
}

// unanswered converts an error about something that must exist, for a caller who didn't ask for it: access is
// refused.
func unanswered(err error) error {
	if !said(err, codeDoesNotExist) {
		return err
	}
	return &chat.Error{Code: away.code, Message: away.message, Cause: err}
}
