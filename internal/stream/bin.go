package stream

import (
	"context"

	"backchannel/internal/chat"
)

// Undo implements chat.Provider. Nothing can be taken back here.
func (p *Provider) Undo(ctx context.Context, req chat.Undo) error {
	if _, err := p.Change(ctx, req.Operation.Undoes); err != nil {
		return err
	}
	return chat.Lacking("With hosted Stream, changes can't be taken back. Make the opposite change.")
}

// Bin implements chat.Provider. Stream has no bin.
func (p *Provider) Bin(context.Context, chat.BinQuery) (chat.Page[chat.BinnedChannel], error) {
	return chat.Page[chat.BinnedChannel]{}, nil
}

// EraseNow implements chat.Provider.
func (p *Provider) EraseNow(context.Context, chat.EraseNow) (chat.Erased, error) {
	return chat.Erased{}, chat.Missing("id", "With hosted Stream there is no bin: deleted channels are gone.")
}
