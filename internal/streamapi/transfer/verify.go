package transfer

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup" // as in internal/stream
)

// compareUsers compares users one by one, and counts those of the other server.
func (t *transfer) compareUsers(ctx context.Context, users []raw) error {
	list, err := t.To.users(ctx)
	if err != nil {
		return err
	}
	there := byID(list, "id")
	t.mu.Lock()
	defer t.mu.Unlock()
	t.report.Users.To = len(list)
	for _, u := range users {
		other, found := there[u.id("id")]
		switch {
		case !found:
			t.differ("user %s is missing", u.id("id"))
		case sum(portableUser(u, t.times)) != sum(portableUser(other, t.times)):
			t.differ("user %s differs", u.id("id"))
		case (u.object["deactivated_at"] == nil) != (other.object["deactivated_at"] == nil):
			t.differ("user %s is deactivated on one side only", u.id("id"))
		}
	}
	return nil
}

// content holds the hashes of what is in a channel.
type content struct {
	members, messages, reactions []string

	leftOut LeftOut
	unread  int // the number of reactions that the server counts but doesn't list
}

func (s *Server) content(ctx context.Context, kind, id string, times bool) (c content, err error) {
	members, err := s.members(ctx, kind, id)
	if err != nil {
		return c, err
	}
	for _, m := range members {
		c.members = append(c.members, sum(portableMember(m)))
	}
	err = s.messages(ctx, kind, id, &c.leftOut, func(page []raw) error {
		for _, m := range page {
			c.messages = append(c.messages, sum(portableMessage(m, times)))
			if empty(m.object["reaction_counts"]) {
				continue
			}
			reactions, err := s.reactions(ctx, m.id("id"))
			if err != nil {
				return err
			}
			c.unread += max(0, reactionsOf(m)-len(reactions))
			for _, r := range reactions {
				c.reactions = append(c.reactions, sum(object{"message": m.id("id"), "reaction": portableReaction(r)}))
			}
		}
		return nil
	})
	return c, err
}

// compareChannel compares a channel and its content: the number of entities of each kind, and the
// hash of all of them.
func (t *transfer) compareChannel(ctx context.Context, c raw) error {
	kind, id, cid := c.id("type"), c.id("id"), c.id("cid")
	other, found, err := t.To.channel(ctx, cid)
	if err != nil {
		return err
	}
	var here, there content
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		here, err = t.From.content(ctx, kind, id, t.times)
		return err
	})
	if found {
		g.Go(func() (err error) {
			there, err = t.To.content(ctx, kind, id, t.times)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !found {
		t.differ("channel %s is missing", cid)
	} else {
		t.report.Channels.To++
		if sum(portableChannel(c, t.times)) != sum(portableChannel(other, t.times)) || sum(closing(c)) != sum(closing(other)) {
			t.differ("channel %s differs", cid)
		}
	}
	t.report.LeftOut.Restricted += here.leftOut.Restricted
	t.report.LeftOut.Pending += here.leftOut.Pending
	t.report.LeftOut.Unposted += here.leftOut.Unposted
	if here.unread > 0 {
		t.differ("%d reactions in %s are counted there and not listed, so they aren't copied", here.unread, cid)
	}
	t.tally(&t.report.Members, cid, "members", here.members, there.members)
	t.tally(&t.report.Messages, cid, "messages", here.messages, there.messages)
	t.tally(&t.report.Reactions, cid, "reactions", here.reactions, there.reactions)
	return nil
}

func (t *transfer) tally(all *Tally, cid, what string, here, there []string) {
	all.From += len(here)
	all.To += len(there)
	if total(slices.Clone(here)) == total(slices.Clone(there)) {
		return
	}
	same := common(here, there)
	t.differ("%s of %s differ: %d here, %d there, %d of them the same", what, cid, len(here), len(there), same)
}

// common counts the hashes that both lists contain.
func common(a, b []string) (n int) {
	left := map[string]int{}
	for _, s := range a {
		left[s]++
	}
	for _, s := range b {
		if left[s] > 0 {
			left[s]--
			n++
		}
	}
	return n
}
