package delivery

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
)

const (
	sayEvery = 5 * time.Second // how often a server stores its connected users
	sayMost  = 500             // users in one transaction
	pagesMax = 10              // pages of members that are read for one message
)

// attendance is what this server has stored about the users connected to it.
type attendance struct {
	said  map[string]bool
	saidA time.Time
}

// sayOnline informs other servers with this database which users are connected to this one.
func (s *Service) sayOnline(ctx context.Context, a *attendance) error {
	if s.Hosted || s.Store.Hints == nil {
		return nil
	}
	var came, left []string
	now := map[string]bool{}
	for _, id := range s.Hub.Online() {
		if now[id] = true; !a.said[id] {
			came = append(came, id)
		}
	}
	for id := range a.said {
		if !now[id] {
			left = append(left, id)
		}
	}
	if a.said == nil {
		a.said = map[string]bool{}
	}
	for first := true; len(came)+len(left) > 0 || first && time.Since(a.saidA) >= sayEvery; first = false {
		c, l := came[:min(len(came), sayMost)], left[:min(len(left), sayMost)]
		if err := s.stored.SetOnline(ctx, c, l); err != nil {
			return err
		}
		for _, id := range c {
			a.said[id] = true
		}
		for _, id := range l {
			delete(a.said, id)
		}
		came, left, a.saidA = came[len(c):], left[len(l):], time.Now()
	}
	return nil
}

// offline returns the members of a message's channel who may read it, haven't read it and aren't
// connected, at most [chat.MaxOfflineTold], and whether there may be more.
func (s *Service) offline(ctx context.Context, m chat.Message) (ids []string, more bool, err error) {
	ids = []string{}
	if m.Shadowed || m.Restricted || !m.DeletedAt.IsZero() {
		return ids, false, nil
	}
	mayRead := chat.Rule(chat.Policy{}.MayRead)
	after := ""
	for range pagesMax {
		page, err := s.stored.Unread(ctx, m, after, chat.MaxOfflineTold, s.Now())
		if err != nil || len(page) == 0 {
			return ids, false, err
		}
		var list []string
		for _, f := range page {
			if mayRead.Judge(f.Standing, chat.Actor{ID: f.UserID}, m.CID, "") == nil {
				list = append(list, f.UserID)
			}
		}
		elsewhere, err := s.stored.Online(ctx, list)
		if err != nil {
			return nil, false, err
		}
		after = page[len(page)-1].UserID
		list = slices.DeleteFunc(list, func(id string) bool { return elsewhere[id] || s.Hub.IsOnline(id) })
		if room := chat.MaxOfflineTold - len(ids); len(list) > room {
			return append(ids, list[:room]...), true, nil
		}
		if ids = append(ids, list...); len(page) < chat.MaxOfflineTold {
			return ids, false, nil
		}
	}
	return ids, true, nil
}
