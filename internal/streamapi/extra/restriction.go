package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// SearchBans returns the bans and shadow bans that match. InvalidArguments: the filter or
// sort isn't supported.
func (e *Engine) SearchBans(ctx context.Context, q store.RestrictionSearch) ([]chat.Restriction, error) {
	return e.store.SearchBans(ctx, q, e.now())
}
