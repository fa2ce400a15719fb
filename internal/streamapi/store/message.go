package store

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// WholeMessages returns the messages that exist, with everything that Stream's API shows and, if
// viewer isn't "", that user's own reactions.
func (s *Store) WholeMessages(ctx context.Context, ids []string, viewer string, at time.Time) (map[string]chat.Message, error) {
	list, err := s.MessageRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(m chat.Message) bool { return m.Erased })
	err = s.FillMessages(ctx, list, sqlstore.MessageParts{Whole: true, Viewer: viewer, At: at})
	found := make(map[string]chat.Message, len(list))
	for _, m := range list {
		found[m.ID] = m
	}
	return found, err
}
