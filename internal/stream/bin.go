package stream

import (
	"context"

	"backchannel/internal/chat"
)

// Bin implements chat.Provider. Stream has no bin.
func (p *Provider) Bin(context.Context, chat.BinQuery) (chat.Page[chat.BinnedChannel], error) {
	return chat.Page[chat.BinnedChannel]{}, nil
}

// EraseNow implements chat.Provider.
func (p *Provider) EraseNow(context.Context, chat.EraseNow) (chat.Erased, error) {
	return chat.Erased{}, chat.Missing("id", "With hosted Stream there is no bin: deleted channels are gone.")
}
