package transfer

import (
	"context"
	"fmt"

	"backchannel/internal/stream"
)

func (t *transfer) copyMessages(ctx context.Context, o *opener, page []raw) error {
	ids := make([]string, len(page))
	for i, m := range page {
		ids[i] = m.id("id")
	}
	known, err := t.To.messagesByID(ctx, o.kind, o.id, ids)
	if err != nil {
		return err
	}
	for _, m := range page {
		old, found := known[m.id("id")]
		want := portableMessage(m, t.times)
		there := found
		if !found || sum(want) != sum(portableMessage(old, t.times)) {
			if there, err = t.writeMessage(ctx, o, m, want, found); err != nil {
				return err
			}
		}
		if there && !empty(m.object["reaction_counts"]) {
			if err := t.copyReactions(ctx, m.id("id"), found); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeMessage writes a message that differs or wasn't found, and reports whether it exists
// afterwards.
func (t *transfer) writeMessage(ctx context.Context, o *opener, m raw, want object, found bool) (there bool, err error) {
	what := "message " + m.id("id") + " of " + o.kind + ":" + o.id
	if !t.carries(want, what) {
		return found, nil
	}
	if err := o.open(ctx); err != nil {
		return found, err
	}
	in := stream.Request{Path: []string{o.kind, o.id}, Body: object{"message": want, "skip_push": true, "skip_enrich_url": true}}
	call := postMessage
	if found {
		in.Path, call = []string{m.id("id")}, editMessage
	}
	err = t.To.write(ctx, call, in, func(a answer) raw { return a.Message }, "id", m.id("id"))
	if _, refused := stream.Refused(err); refused && !found {
		// An earlier attempt may have arrived although its answer was lost.
		known, again := t.To.messagesByID(ctx, o.kind, o.id, []string{m.id("id")})
		if again == nil && len(known) == 1 {
			err = nil
		}
	}
	return found || err == nil, t.wrote(&t.report.Messages, 1, what, err)
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
		what := fmt.Sprintf("reaction %v of %v to message %s", want["type"], want["user_id"], message)
		if there[sum(want)] || !t.carries(want, what) {
			continue
		}
		err := t.To.write(ctx, postReaction, stream.Request{
			Path: []string{message}, Body: object{"reaction": want, "skip_push": true}}, func(a answer) raw { return a.Reaction }, "type", r.id("type"))
		if err := t.wrote(&t.report.Reactions, 1, what, err); err != nil {
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
