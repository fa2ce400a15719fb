package stream

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
)

// view is what Stream says about a channel and those who have to do with a change in it.
type view struct {
	chat.Standing // of the caller
	channel       wireChannel
	users         map[string]wireUser // those of the caller and the asked ones that exist
	members       map[string]bool     // which of them are members
}

// question is what to ask in addition to what decides whether the caller may act.
type question struct {
	users, members []string // ids
	opened         bool     // the channel may be a kept one, see [openings]
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

// viewOf reads from Stream what decides what a caller may do, with one call for each kind of thing, all at
// once. For the back office only the channel's existence matters.
func (p *Provider) viewOf(ctx context.Context, by chat.Actor, cid chat.CID, q question) (v view, err error) {
	var (
		members           []wireMember
		banned            bool
		noMembers, noBans error
	)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		v.channel, v.Exists, err = p.channelOr(ctx, cid, q.opened)
		v.Frozen = v.channel.Frozen
		return err
	})
	if !by.BackOffice && possible(by.ID) {
		q.users, q.members = append(slices.Clone(q.users), by.ID), append(slices.Clone(q.members), by.ID)
		g.Go(func() error {
			banned, noBans = p.banned(ctx, cid, by.ID)
			return missingIsNone(noBans)
		})
	}
	if len(q.users) > 0 {
		g.Go(func() (err error) {
			v.users, err = p.usersByID(ctx, q.users)
			return err
		})
	}
	if len(q.members) > 0 {
		g.Go(func() error {
			members, noMembers = p.memberPage(ctx, cid, object{"id": object{"$in": streamIDs(q.members)}}, NewestFirst, 0)
			return missingIsNone(noMembers)
		})
	}
	if err := g.Wait(); err != nil || !v.Exists {
		return v, err
	}
	// If a question isn't answered, access is refused.
	if err := cmp.Or(noMembers, noBans); err != nil {
		return v, unanswered(err)
	}
	v.members = map[string]bool{}
	for _, m := range members {
		v.members[m.id()] = true
		v.Banned = v.Banned || m.id() == by.ID && m.Banned
	}
	if by.BackOffice {
		return v, nil
	}
	w, exists := v.users[by.ID]
	if exists {
		v.Known, v.Role = true, p.user(w).Role
	}
	v.Member, v.Banned = v.members[by.ID], v.Banned || banned || w.Banned
	return v, nil
}

// channelOr reads a channel, or takes a kept one.
func (p *Provider) channelOr(ctx context.Context, cid chat.CID, opened bool) (w wireChannel, found bool, err error) {
	if !opened {
		return p.channel(ctx, cid)
	}
	o, err := p.open(ctx, cid)
	return o.channel, o.found, err
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

// unanswered converts an error about something that must exist, for a caller who didn't ask for it.
func unanswered(err error) error {
	return &chat.Error{Code: away.code, Message: away.message, Cause: err}
}
