package stream

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
)

// allow checks a rule. For Stream we are the app's own server, which may do everything, so we must
// read the caller's standing first.
func (p *Provider) allow(ctx context.Context, by chat.Actor, cid chat.CID, field string, r chat.Rule) error {
	s, err := p.standing(ctx, by, cid)
	if err != nil {
		return err
	}
	return r.Judge(s, by, cid, field)
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
	return p.allow(ctx, by, cid, "cid", p.policy.MayRead)
}

// standing reads from Stream what decides what a user may do. For the back office only the
// channel's existence matters.
func (p *Provider) standing(ctx context.Context, by chat.Actor, cid chat.CID) (s chat.Standing, err error) {
	var (
		known             map[string]wireUser
		members           []wireMember
		banned            bool
		noMembers, noBans error
	)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		w, found, err := p.channel(ctx, cid)
		s.Exists, s.Frozen = found, w.Frozen
		return err
	})
	if !by.BackOffice && possible(by.ID) {
		g.Go(func() (err error) {
			known, err = p.usersByID(ctx, []string{by.ID})
			return err
		})
		g.Go(func() error {
			members, noMembers = p.memberPage(ctx, cid, object{"id": object{"$eq": StreamID(by.ID)}}, NewestFirst, 0)
			return missingIsNone(noMembers)
		})
		g.Go(func() error {
			banned, noBans = p.banned(ctx, cid, by.ID)
			return missingIsNone(noBans)
		})
	}
	if err := g.Wait(); err != nil {
		return s, err
	}
	if !s.Exists {
		return s, nil
	}
	// If a question isn't answered, access is refused.
	if err := cmp.Or(noMembers, noBans); err != nil {
		return s, unanswered(err)
	}
	if w, exists := known[by.ID]; exists {
		s.Known, s.Role = true, p.user(w).Role
		s.Banned = w.Banned
	}
	s.Member = len(members) > 0
	s.Banned = s.Banned || banned || s.Member && members[0].Banned
	return s, nil
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
