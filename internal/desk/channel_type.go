package desk

import (
	"context"

	"backchannel/internal/chat"
)

// cid parses the cid in a field. Its type must exist, built-in or custom. A type that doesn't exist
// gives the same error as a malformed cid.
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
	return chat.CID{}, inField(field, bad)
}

// checkType returns an error that names the field if the chat doesn't have the type.
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
