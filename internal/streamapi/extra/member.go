package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// MembersOf returns the first members of each channel, at most each of them.
func (e *Engine) MembersOf(ctx context.Context, cids []chat.CID, each int) (map[chat.CID][]chat.Member, error) {
	return e.store.MembersOf(ctx, cids, each, e.now())
}

// SearchMembers returns the members of a channel that match. NotFound: the channel.
// InvalidArguments: the filter or sort isn't supported.
func (e *Engine) SearchMembers(ctx context.Context, cid chat.CID, q store.Search) ([]chat.Member, error) {
	if _, err := e.Channel(ctx, cid); err != nil {
		return nil, err
	}
	return e.store.SearchMembers(ctx, cid, q, e.now())
}

// Membership returns a member of a channel and whether the user is one.
func (e *Engine) Membership(ctx context.Context, cid chat.CID, user string) (chat.Member, bool, error) {
	return e.store.Membership(ctx, cid, user, e.now())
}

// ChangeMember applies change to a member and stores it, except for the read state. NotFound: the
// channel or the member.
func (e *Engine) ChangeMember(ctx context.Context, cid chat.CID, user string, change func(m *chat.Member) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error { return e.UpdateMember(tx, cid, user, change) })
}

func (e *Engine) needMember(tx *sqlstore.Tx, cid chat.CID, user string) error {
	exists, err := tx.HasChannel(cid)
	if err == nil && !exists {
		err = engine.NoChannel("cid")
	}
	if err != nil {
		return err
	}
	_, found, err := tx.Member(cid, user, e.now())
	if err == nil && !found {
		err = chat.Invalid("user_id", "The user %q isn't a member of the channel.", user)
	}
	return err
}
