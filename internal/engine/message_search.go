package engine

import (
	"context"

	"backchannel/internal/chat"
)

// SearchMessages returns the messages that match in the channels that match, newest
// first where nothing else is asked, but deleted ones and those of the system.
// InvalidArguments: a filter or the sort asks what can't be asked.
func (e *Engine) SearchMessages(ctx context.Context, channels chat.Filter, q chat.Listing) ([]chat.MessageDetail, error) {
	list, err := e.store.SearchMessages(ctx, channels, q, e.now())
	for i := range list {
		list[i] = e.shown(list[i])
	}
	return list, err
}
