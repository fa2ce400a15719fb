package stream

import (
	"context"

	"backchannel/internal/chat"
)

// Stream delivers live events to customers' apps itself, over its own connections
// and SDKs; its server-side API has none.

func noEvents() error {
	return chat.Lacking("Live events come from Stream itself here: connect the app with Stream's SDK and a Stream user token.")
}

// Subscribe implements chat.Provider: Stream has no such thing for servers.
func (p *Provider) Subscribe(context.Context, chat.Subscribe) (chat.Feed, error) {
	return chat.Feed{}, noEvents()
}

// SubscribeBackOffice implements chat.Provider: Stream has no such thing for servers.
func (p *Provider) SubscribeBackOffice(context.Context, *int64) (chat.Feed, error) {
	return chat.Feed{}, noEvents()
}

// SubscribeUser implements chat.Provider: Stream has no such thing for servers.
func (p *Provider) SubscribeUser(context.Context, chat.Actor) (chat.Feed, error) {
	return chat.Feed{}, noEvents()
}

// Signal implements chat.Provider: Stream has no such thing for servers.
func (p *Provider) Signal(context.Context, chat.Actor, chat.CID, chat.EventType) error {
	return noEvents()
}

// Attend implements chat.Provider: Stream has no such thing for servers.
func (p *Provider) Attend(context.Context, chat.Actor, chat.CID) (func(), error) {
	return nil, noEvents()
}
