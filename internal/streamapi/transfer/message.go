package transfer

import (
	"context"

	"backchannel/internal/stream"
)

func (t *transfer) copyMessages(ctx context.Context, o *opener, page []raw) error {
	ids := make([]string, len(page))
	for i, m := range page {
		ids[i] = m.id("id")
	}
	there, err := t.To.messagesByID(ctx, o.kind, o.id, ids)
	if err != nil {
		return err
	}
	for _, m := range page {
		old, found := there[m.id("id")]
		want := portableMessage(m, t.times)
		if !found || sum(want) != sum(portableMessage(old, t.times)) {
			if err := t.writeMessage(ctx, o, m, want, found); err != nil {
				return err
			}
		}
		if !empty(m.object["reaction_counts"]) {
			if err := t.copyReactions(ctx, m.id("id"), found); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *transfer) writeMessage(ctx context.Context, o *opener, m raw, want object, found bool) error {
	if err := o.open(ctx); err != nil {
		return err
	}
	in := stream.Request{Path: []string{o.kind, o.id}, Body: object{"message": want, "skip_push": true, "skip_enrich_url": true}}
	call := postMessage
	if found {
		in.Path, call = []string{m.id("id")}, editMessage
	}
	err := t.To.do(ctx, call, in, nil)
	if !found && refused(err) {
		// An earlier try may have arrived although its answer was lost.
		there, again := t.To.messagesByID(ctx, o.kind, o.id, []string{m.id("id")})
		if again == nil && len(there) == 1 {
			err = nil
		}
	}
	return t.wrote(&t.report.Messages, 1, "message "+m.id("id")+" of "+o.kind+":"+o.id, err)
}

func (t *transfer) copyReactions(ctx context.Context, message string, found bool) error {
	list, err := t.From.reactions(ctx, message)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	if found {
		old, err := t.To.reactions(ctx, message)
		if err != nil {
			return err
		}
		for _, r := range old {
			there[sum(portableReaction(r))] = true
		}
	}
	for _, r := range list {
		want := portableReaction(r)
		if there[sum(want)] {
			continue
		}
		err := t.To.do(ctx, postReaction, stream.Request{
			Path: []string{message}, Body: object{"reaction": want, "skip_push": true}}, nil)
		if err := t.wrote(&t.report.Reactions, 1, "a reaction to "+message, err); err != nil {
			return err
		}
	}
	return nil
}

func byID(list []raw, field string) map[string]raw {
	found := make(map[string]raw, len(list))
	for _, r := range list {
		found[r.id(field)] = r
	}
	return found
}
