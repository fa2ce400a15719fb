package desk

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// Restrictions returns the current bans and mutes in one channel.
func (d *Desk) Restrictions(ctx context.Context, r Request, cid string) ([]chat.ChannelRestriction, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	id, err := d.cid(ctx, "cid", cid)
	if err != nil {
		return nil, err
	}
	return d.provider.Restrictions(ctx, id)
}

// restrictNames are the names of the four operations in records, by whether they lift.
var restrictNames = map[chat.RestrictionKind]map[bool]string{
	chat.Ban:  {false: "banUser", true: "unbanUser"},
	chat.Mute: {false: "muteUser", true: "unmuteUser"},
}

// Restrict asks for a user to be banned or muted, or for that to be lifted.
type Restrict struct {
	Request `json:"-"`
	Kind    chat.RestrictionKind
	UserID  string
	CID     *string    // nil for all channels
	Until   *time.Time // nil if permanent
	Lift    bool
}

// Restrict bans or mutes a user, or lifts that. For the back office, admins and moderators.
func (d *Desk) Restrict(ctx context.Context, in Restrict) error {
	if err := d.authenticate(ctx, in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, restrictNames[in.Kind][in.Lift], in)
	if err != nil {
		return err
	}
	if bad := chat.CheckUserID(in.UserID); bad != nil {
		return inField("userId", bad)
	}
	req := chat.Restrict{Operation: op, Kind: in.Kind, UserID: in.UserID, Reason: in.Reason, Lift: in.Lift}
	if in.CID != nil {
		cid, err := d.cid(ctx, "cid", *in.CID)
		if err != nil {
			return err
		}
		req.CID = cid
	}
	if in.Until != nil {
		if !in.Until.After(time.Now()) {
			req.Operation.Refused = chat.Invalid("until", "The time must be in the future.")
		}
		req.Until = *in.Until
	}
	return d.provider.Restrict(ctx, req)
}
