package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// SearchReactions returns those reactions to a message that match, newest first
// where nothing else is asked. NotFound; InvalidArguments: the filter or sort asks
// what can't be asked.
func (e *Engine) SearchReactions(ctx context.Context, message string, q store.Listing) ([]chat.Reaction, error) {
	if _, err := e.MessageByID(ctx, message, ""); err != nil {
		return nil, err
	}
	return e.store.SearchReactions(ctx, message, q, e.now())
}
