package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// SearchReactions returns the reactions to a message that match, newest first by default. NotFound:
// the message. InvalidArguments: the filter or sort isn't supported.
func (e *Engine) SearchReactions(ctx context.Context, message string, q store.Search) ([]chat.Reaction, error) {
	if _, err := e.MessageByID(ctx, message, ""); err != nil {
		return nil, err
	}
	return e.store.SearchReactions(ctx, message, q, e.now())
}
