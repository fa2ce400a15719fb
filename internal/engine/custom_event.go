package engine

import (
	"context"

	"backchannel/internal/chat"
)

// SubscribeUser implements chat.Provider.
func (e *Engine) SubscribeUser(_ context.Context, by chat.Actor) (chat.Feed, error) {
	return e.Hub.OpenUser(by.ID), nil
}
