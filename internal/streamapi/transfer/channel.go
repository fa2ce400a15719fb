package transfer

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

func (t *transfer) copyChannel(ctx context.Context, c raw) error {
	kind, id := c.id("type"), c.id("id")
	there, found, err := t.To.channel(ctx, c.id("cid"))
	if err != nil {
		return err
	}
	data := portableChannel(c, t.times)
	switch {
	case !found:
		err = t.To.do(ctx, stream.CreateChannel, stream.Request{Path: []string{kind, id}, Body: object{"data": data}}, nil)
	case sum(data) != sum(portableChannel(there, t.times)):
		err = t.To.do(ctx, updateWhole, stream.Request{Path: []string{kind, id}, Body: object{"data": data}}, nil)
	default:
		return t.fillChannel(ctx, c, there)
	}
	if refused(err) {
		return t.wrote(&t.report.Channels, 1, "channel "+c.id("cid"), err) // then it can't be filled either
	}
	if err := t.wrote(&t.report.Channels, 1, "channel "+c.id("cid"), err); err != nil {
		return err
	}
	return t.fillChannel(ctx, c, there)
}

// fillChannel copies what is in a channel. What would keep messages out is lifted
// before and set after them.
func (t *transfer) fillChannel(ctx context.Context, c, there raw) error {
	kind, id := c.id("type"), c.id("id")
	if err := t.copyMembers(ctx, kind, id); err != nil {
		return err
	}
	open := &opener{transfer: t, channel: there, kind: kind, id: id}
	err := t.From.messages(ctx, kind, id, new(LeftOut), func(page []raw) error { return t.copyMessages(ctx, open, page) })
	if err != nil {
		return err
	}
	return open.close(ctx, c)
}

// opener opens a closed channel of the other side before the first message is
// written there.
type opener struct {
	*transfer
	channel  raw
	kind, id string
	opened   bool
}

func (o *opener) open(ctx context.Context) error {
	if o.opened || sum(closing(o.channel)) == sum(closing(raw{})) {
		return nil
	}
	o.opened = true
	return o.set(ctx, object{"frozen": false, "disabled": false, "cooldown": 0})
}

func (o *opener) close(ctx context.Context, c raw) error {
	want := closing(c)
	if !o.opened && sum(want) == sum(closing(o.channel)) {
		return nil
	}
	return o.wrote(&o.report.Channels, 0, "closing "+c.id("cid"), o.set(ctx, want))
}

func (o *opener) set(ctx context.Context, fields object) error {
	return o.To.do(ctx, stream.UpdateChannel, stream.Request{Path: []string{o.kind, o.id}, Body: object{"set": fields}}, nil)
}

func (t *transfer) copyMembers(ctx context.Context, kind, id string) error {
	members, err := t.From.members(ctx, kind, id)
	if err != nil {
		return err
	}
	list, err := t.To.members(ctx, kind, id)
	if err != nil {
		return err
	}
	there := byID(list, "user_id")
	var missing, roles []object
	for _, m := range members {
		want := portableMember(m)
		old, found := there[m.id("user_id")]
		switch {
		case !found:
			missing = append(missing, want)
		case sum(want) == sum(portableMember(old)):
			continue
		default:
			roles = append(roles, object{"user_id": want["user_id"], "channel_role": m.object["channel_role"]})
			err := t.To.do(ctx, updateMember, stream.Request{
				Path: []string{kind, id}, Query: map[string][]string{"user_id": {t.To.knownAs(m.id("user_id"))}},
				Body: object{"user_id": want["user_id"], "set": want["custom"]}}, nil)
			if err := t.wrote(&t.report.Members, 0, "member "+m.id("user_id")+" of "+kind+":"+id, err); err != nil {
				return err
			}
		}
	}
	if err := t.changeMembers(ctx, kind, id, "add_members", missing); err != nil {
		return err
	}
	return t.changeMembers(ctx, kind, id, "assign_roles", roles)
}

func (t *transfer) changeMembers(ctx context.Context, kind, id, how string, members []object) error {
	for some := range slices.Chunk(members, chat.MaxMembersAtOnce/10) {
		err := t.To.do(ctx, stream.ChangeMembers, stream.Request{Path: []string{kind, id}, Body: object{how: some}}, nil)
		if err := t.wrote(&t.report.Members, len(some), "members of "+kind+":"+id, err); err != nil {
			return err
		}
	}
	return nil
}
