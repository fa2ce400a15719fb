package stream

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
)

// serverUser is the creator of a channel if the actor's id isn't a valid user id.
const serverUser = "backchannel"

// creator returns the user id by which Stream records the actor.
func creator(by chat.Actor) string {
	if !possible(by.ID) {
		return serverUser
	}
	return StreamID(by.ID)
}

// Channel implements chat.Provider. Its seq is that of the channel's log, which is created or
// continued with what was read of the channel. In lists the seq is 0, from which nobody can resume.
// The newest replies, which Stream returns only from a search, are read too, so that the poller
// doesn't report them as new.
func (p *Provider) Channel(ctx context.Context, cid chat.CID) (chat.Channel, error) {
	var o opened
	var replies openedReplies
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		o, err = p.openExisting(gctx, cid)
		return err
	})
	g.Go(func() (err error) {
		if replies, err = p.newestReplies(gctx, cid); err != nil && gctx.Err() == nil {
			p.logger.Warn("a channel's newest replies weren't read, so they may be told of again", "cid", cid, "error", err)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return chat.Channel{}, err
	}
	if !replies.at.IsZero() {
		p.openings.keepTogether(cid, o, replies)
		o.replies, o.asked = replies.list, min(o.asked, replies.asked)
	}
	c := o.channel.channel()
	log, err := p.logOf(ctx, cid, o)
	c.Seq = log.Seq
	return c, err
}

// openExisting opens a channel; NotFound.
func (p *Provider) openExisting(ctx context.Context, cid chat.CID) (opened, error) {
	o, err := p.open(ctx, cid)
	if err == nil && !o.found {
		err = chat.NoChannel("cid")
	}
	return o, err
}

func (p *Provider) channel(ctx context.Context, cid chat.CID) (w wireChannel, found bool, err error) {
	if err := gone(ctx); err != nil {
		return w, false, err
	}
	list, err := p.channelPage(ctx, object{"cid": object{"$eq": cid.String()}}, NewestFirst, 0, 1)
	if err != nil || len(list) == 0 {
		return w, false, err
	}
	return list[0], true, nil
}

// Existing implements chat.Provider. If an app doesn't count its messages, the count is 0.
func (p *Provider) Existing(ctx context.Context, cids []chat.CID) (list []chat.Channel, err error) {
	if err := gone(ctx); err != nil {
		return nil, err
	}
	exist, err := p.existing(ctx, uniqueCIDs(cids))
	for _, w := range exist {
		list = append(list, w.channel())
	}
	return list, err
}

// existing returns the channels that exist.
func (p *Provider) existing(ctx context.Context, cids []chat.CID) (map[chat.CID]wireChannel, error) {
	found := map[chat.CID]wireChannel{}
	for some := range slices.Chunk(cids, ChannelPageSize) {
		names := make([]string, len(some))
		for i, cid := range some {
			names[i] = cid.String()
		}
		list, err := p.channelPage(ctx, object{"cid": object{"$in": names}}, NewestFirst, 0, ChannelPageSize)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			found[chat.CID{Type: chat.ChannelType(w.Type), ID: w.ID}] = w
		}
	}
	return found, nil
}

// getOrCreate returns the channel and whether it has the mark. Stream doesn't say whether the
// channel existed before, so it was created by this change if it has the mark, which only this
// change knows. The mark is never removed, since that would change the channel; so a crash loses
// nothing.
func (p *Provider) getOrCreate(ctx context.Context, by chat.Actor, cid chat.CID, custom object, mark string) (w wireChannel, made bool, err error) {
	custom[markField] = mark
	var answer struct {
		Channel wireChannel `json:"channel"`
	}
	err = p.client.Do(ctx, CreateChannel, Request{
		Path:  []string{string(cid.Type), cid.ID},
		Body:  object{"data": object{"created_by_id": creator(by), "custom": custom}, "state": false},
		About: func() bool { return answer.Channel.CID == cid.String() }, // otherwise it would be taken for somebody else's
	}, &answer)
	return answer.Channel, answer.Channel.text(markField) == mark, err
}

// CreateChannel implements chat.Provider.
func (p *Provider) CreateChannel(ctx context.Context, req chat.CreateChannel) (chat.CID, error) {
	id, err := p.carryOutOnce(ctx, req.Operation, req, func(ctx context.Context, a attempt) (string, error) {
		custom := object{nameField: req.Name}
		if req.Avatar != "" {
			custom[imageField] = p.avatarURL(req.Avatar)
		}
		if err := p.intend(ctx, a, nil, created(chat.CID{Type: req.Type, ID: req.WantID}, custom)); err != nil {
			return "", err
		}
		id, err := p.createOnce(ctx, req, custom, a)
		if err == nil {
			a.tells(created(chat.CID{Type: req.Type, ID: id}, custom))
		}
		return id, err
	})
	return chat.CID{Type: req.Type, ID: id}, err
}

// createOnce creates the channel unless an earlier attempt did.
func (p *Provider) createOnce(ctx context.Context, req chat.CreateChannel, custom object, a attempt) (string, error) {
	if a.again {
		made, found, err := p.markedChannel(ctx, a.token)
		if err != nil || found {
			return made.ID, err
		}
	}
	return p.createFree(ctx, req, custom, a.token)
}

// created returns the target for the record of a new channel.
func created(cid chat.CID, custom object) []chat.ChangeTarget {
	after := stateOf(object{nameField: custom[nameField], avatarField: cmp.Or(custom[imageField], any("")), frozenField: false})
	return []chat.ChangeTarget{{Kind: chat.ChannelTarget, CID: cid, After: after.encode()}}
}

// markedChannel finds the channel that an earlier attempt created.
func (p *Provider) markedChannel(ctx context.Context, mark string) (w wireChannel, found bool, err error) {
	list, err := p.channelPage(ctx, object{markField: object{"$eq": mark}}, NewestFirst, 0, 1)
	if err != nil || len(list) == 0 {
		return w, false, err
	}
	return list[0], true, nil
}

// createFree creates the channel with the first free id. If two callers want the same id, one
// continues with the next. Callers on this server take turns, which saves calls.
func (p *Provider) createFree(ctx context.Context, req chat.CreateChannel, custom object, mark string) (string, error) {
	unlock, err := p.locks.Lock(ctx, "create "+string(req.Type)+":"+req.WantID)
	if err != nil {
		return "", gone(ctx)
	}
	defer unlock()
	number, err := p.freeNumber(ctx, req.Type, req.WantID)
	if err != nil {
		return "", err
	}
	for ; ; number++ {
		cid := numbered(req.Type, req.WantID, number)
		w, made, err := p.getOrCreate(ctx, req.Operation.By, cid, custom, mark)
		if err == nil && !made { // an answer without the mark must not make it create ever more channels
			w, made, err = p.markedChannel(ctx, mark)
		}
		if err != nil {
			return "", err
		}
		if made {
			p.channels.put(w.channel())
			p.tellChannel(ctx, req.Operation.By, w, chat.ChannelCreated)
			return w.ID, nil
		}
	}
}

func numbered(kind chat.ChannelType, want string, n int) chat.CID {
	if n == 1 {
		return chat.CID{Type: kind, ID: want}
	}
	suffix := "-" + strconv.Itoa(n)
	return chat.CID{Type: kind, ID: want[:min(len(want), chat.MaxChannelIDLength-len(suffix))] + suffix}
}

// freeNumber returns a number whose id is free while that of the number before is taken. One call
// asks for as many numbers as a page has: first 1, 2, 4, 8 …, then numbers between the last taken
// and the first free one.
func (p *Provider) freeNumber(ctx context.Context, kind chat.ChannelType, want string) (int, error) {
	var numbers []int
	for i := range ChannelPageSize {
		numbers = append(numbers, 1<<i)
	}
	for taken, free := 0, 1<<ChannelPageSize; ; {
		cids := make([]chat.CID, len(numbers))
		for i, n := range numbers {
			cids[i] = numbered(kind, want, n)
		}
		exist, err := p.existing(ctx, cids)
		if err != nil {
			return 0, err
		}
		for i, n := range numbers {
			if _, ok := exist[cids[i]]; !ok {
				free = n
				break
			}
			taken = n
		}
		if free == taken+1 {
			return free, nil
		}
		numbers = nil
		step := (free-taken-2)/ChannelPageSize + 1
		for n := taken + step; n < free; n += step {
			numbers = append(numbers, n)
		}
	}
}

// maxRaces is how often a channel that others create and delete is updated or created.
const maxRaces = 10

// PutChannel implements chat.Provider. It changes the given fields and leaves other services'
// custom fields unchanged.
func (p *Provider) PutChannel(ctx context.Context, req chat.PutChannel) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		set, unset := object{nameField: req.Name}, []string{}
		switch {
		case req.Avatar.Set && req.Avatar.Value == "":
			unset = append(unset, imageField)
		case req.Avatar.Set:
			set[imageField] = p.avatarURL(req.Avatar.Value)
		}
		about := chat.ChangeTarget{Kind: chat.ChannelTarget, CID: req.CID}
		w, found, err := p.channel(ctx, req.CID)
		if err == nil && found {
			err = checkChannelRoom(w, set, unset)
		}
		if err != nil {
			return "", err
		}
		now := []state{nil}
		if found {
			now[0] = w.state()
		}
		if err := p.intendFrom(ctx, a, req.Operation.By, now, plan{about, func(now state) state {
			if now == nil {
				now = wireChannel{}.state()
			}
			return now.put(set, unset)
		}, req.Operation.IfVersion, "ifVersion"}); err != nil {
			return "", err
		}
		if asShown(req.Name, w.text(nameField)) {
			delete(set, nameField)
		}
		if len(set)+len(unset) == 0 {
			return "", nil
		}
		for range maxRaces {
			err := p.patchChannel(ctx, req.Operation.By, req.CID, set, unset)
			if v := req.Operation.IfVersion; said(err, codeDoesNotExist) && v != nil && *v != chat.NoVersion {
				return "", p.changedUnseen(ctx, about, req.Operation.By, "ifVersion")
			}
			if !said(err, codeDoesNotExist) {
				return "", inField(err, "name") // others have written so much in the meantime that there is no room
			}
			custom := object{}
			for field, value := range set {
				custom[field] = value
			}
			w, made, err := p.getOrCreate(ctx, req.Operation.By, req.CID, custom, a.token)
			if err != nil {
				return "", err
			}
			if made {
				p.channels.put(w.channel())
				p.tellChannel(ctx, req.Operation.By, w, chat.ChannelCreated)
				return "", nil
			}
			// Another caller has just created it, so it must be updated.
			if err := gone(ctx); err != nil {
				return "", err
			}
		}
		return "", asChatError(&lostError{UpdateChannel.Name, errors.New("stream has the channel and hasn't, in turn")})
	})
	return err
}

func (p *Provider) patchChannel(ctx context.Context, by chat.Actor, cid chat.CID, set object, unset []string) error {
	var answer struct {
		Channel wireChannel `json:"channel"`
	}
	want := stateOf(set)
	in := Request{Path: []string{string(cid.Type), cid.ID}, Body: object{"set": set, "unset": unset}, About: func() bool {
		w := answer.Channel
		return w.CID == cid.String() && (want[frozenField] == nil || want.flag(frozenField) == w.Frozen)
	}}
	defer p.begins(ctx, []string{channelSubject(cid)}, cid, chat.CID{})()
	if err := p.client.Do(ctx, UpdateChannel, in, &answer); err != nil {
		return err
	}
	p.channels.put(answer.Channel.channel())
	p.tellChannel(ctx, by, answer.Channel, chat.ChannelUpdated)
	return nil
}

// tellChannel records changes of the channel itself in the logs of the channel and the back office.
func (p *Provider) tellChannel(ctx context.Context, by chat.Actor, w wireChannel, first chat.EventType) {
	s := sawChannel(w.channel(), by.User(), w.UpdatedAt.Time, false)
	inOffice := s
	inOffice.first = first
	p.tellOwn(ctx, told{cid: w.channel().CID, seen: []sighting{s}}, told{seen: []sighting{inOffice}})
}

// FreezeChannel implements chat.Provider.
func (p *Provider) FreezeChannel(ctx context.Context, req chat.FreezeChannel) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		v, err := p.allowed(ctx, req.Operation.By, req.CID, "cid", p.policy.MayModerate, question{})
		if err != nil {
			return "", err
		}
		set := object{frozenField: req.Frozen}
		about := plan{chat.ChangeTarget{Kind: chat.ChannelTarget, CID: req.CID}, gets(set), req.Operation.IfVersion, "ifVersion"}
		if err := p.intendFrom(ctx, a, req.Operation.By, []state{v.channel.state()}, about); err != nil {
			return "", err
		}
		err = p.patchChannel(ctx, req.Operation.By, req.CID, set, []string{})
		if said(err, codeDoesNotExist) {
			err = chat.NoChannel("cid")
		}
		return "", err
	})
	return err
}

func compareCIDs(a, b chat.CID) int { return cmp.Compare(a.String(), b.String()) }
