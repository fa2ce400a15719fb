package stream

import (
	"context"

	"backchannel/internal/chat"
)

// Contents implements chat.Provider. An app that doesn't count its messages says 0.
func (p *Provider) Contents(ctx context.Context, cids []chat.CID) (all chat.Contents, err error) {
	if err := gone(ctx); err != nil {
		return all, err
	}
	exist, err := p.existing(ctx, uniqueCIDs(cids))
	for _, w := range exist {
		all.Channels++
		all.Messages += w.MessageCount
		all.Members += w.MemberCount
	}
	return all, err
}

// Overview implements chat.Provider: Stream has no such thing.
func (p *Provider) Overview(context.Context) (chat.Overview, error) {
	return chat.Overview{}, chat.Lacking("Stream doesn't tell how many messages are sent in an hour. Its dashboard shows such figures.")
}
