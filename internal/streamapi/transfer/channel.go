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
	case found && sum(data) == sum(portableChannel(there, t.times)):
		return t.fillChannel(ctx, c, there)
	case !t.carries(data, "channel "+c.id("cid")):
		if found {
			return t.fillChannel(ctx, c, there)
		}
		return nil
	case !found:
		err = t.To.writeChannel(ctx, stream.CreateChannel, kind, id, object{"data": data})
	default:
		err = t.To.writeChannel(ctx, updateWhole, kind, id, object{"data": data})
	}
	if _, refused := refused(err); refused {
		return t.wrote(&t.report.Channels, 1, "channel "+c.id("cid"), err) // the channel doesn't exist, so it can't be filled
	}
	if err := t.wrote(&t.report.Channels, 1, "channel "+c.id("cid"), err); err != nil {
		return err
	}
	return t.fillChannel(ctx, c, there)
}

// fillChannel copies the members and messages of a channel. Settings that would refuse messages are
// lifted before and set afterwards.
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

// opener opens a closed channel of the other server before the first message is written there.
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
	return o.To.writeChannel(ctx, stream.UpdateChannel, o.kind, o.id, object{"set": fields})
}

func (s *Server) writeChannel(ctx context.Context, call stream.Call, kind, id string, body object) error {
	return s.write(ctx, call, stream.Request{Path: []string{kind, id}, Body: body}, func(a answer) raw { return a.Channel }, "cid", kind+":"+id)
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
		what := "member " + m.id("user_id") + " of " + kind + ":" + id
		switch {
		case found && sum(want) == sum(portableMember(old)), !t.carries(want, what):
			continue
		case !found:
			missing = append(missing, want)
		default:
			roles = append(roles, object{"user_id": want["user_id"], "channel_role": m.object["channel_role"]})
			err := t.To.write(ctx, updateMember, stream.Request{
				Path: []string{kind, id}, Query: map[string][]string{"user_id": {t.To.userID(m.id("user_id"))}},
				Body: object{"user_id": want["user_id"], "set": want["custom"]}}, func(a answer) raw { return a.Member }, "user_id", m.id("user_id"))
			if err := t.wrote(&t.report.Members, 0, what, err); err != nil {
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
		err := t.To.writeChannel(ctx, stream.ChangeMembers, kind, id, object{how: some})
		if err := t.wrote(&t.report.Members, len(some), "members of "+kind+":"+id, err); err != nil {
			return err
		}
	}
	return nil
}
