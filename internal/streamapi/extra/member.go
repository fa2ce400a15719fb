package extra

import (
	"context"

	"backchannel/internal/chat"
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

// PatchMembers applies change to members and stores them, except for the read state, or none of
// them. NotFound: the channel or a member.
func (e *Engine) PatchMembers(ctx context.Context, cid chat.CID, users []string, change func(m *chat.Member) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, user := range users {
			if err := e.UpdateMember(tx, cid, user, change); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Engine) needMember(tx *sqlstore.Tx, cid chat.CID, user string) error {
	exists, err := tx.HasChannel(cid)
	if err == nil && !exists {
		err = chat.NoChannel("cid")
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
