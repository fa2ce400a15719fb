package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// SearchChannels returns the channels that match. InvalidArguments: the filter or sort
// isn't supported.
func (e *Engine) SearchChannels(ctx context.Context, q store.ChannelSearch) ([]chat.Channel, error) {
	list, err := e.store.SearchChannels(ctx, q, e.now())
	for i := range list {
		list[i] = e.Current(list[i])
	}
	return list, err
}

// EnsureChannel creates a channel with all its data and members if no channel has that cid. An
// existing channel isn't changed. NotFound: the type. InvalidArguments: the data isn't allowed.
func (e *Engine) EnsureChannel(ctx context.Context, by chat.Actor, c chat.Channel, members []chat.Member) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		exists, err := tx.HasChannel(c.CID)
		if err != nil || exists {
			return err
		}
		if err := e.InsertChannel(tx, by, c); err != nil {
			return err
		}
		return e.AddMembers(tx, c.CID, members)
	})
}
