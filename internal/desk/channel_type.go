package desk

import (
	"context"

	"backchannel/internal/chat"
)

// cid reads the cid in a field. Its type is a built-in one, or one that the chat has
// of its own: what is wrong reads the same for a type that isn't there and for what
// is no cid at all.
func (d *Desk) cid(ctx context.Context, field, s string) (chat.CID, error) {
	cid, bad := chat.ParseCID(s)
	if bad == nil {
		return cid, nil
	}
	if own, wrong := chat.ParseAnyCID(s); wrong == nil {
		if known, err := d.provider.KnowsType(ctx, own.Type); err != nil || known {
			return own, err
		}
	}
	return chat.CID{}, at(field, bad)
}

// checkType refuses a type, named in a field, that the chat doesn't have.
func (d *Desk) checkType(ctx context.Context, field string, t chat.ChannelType) error {
	if t.Known() {
		return nil
	}
	if chat.CheckTypeName(t) == nil {
		if known, err := d.provider.KnowsType(ctx, t); err != nil || known {
			return err
		}
	}
	return chat.Invalid(field, "The chat has no channel type of that name. Give one that it has, e.g. livestream.")
}
