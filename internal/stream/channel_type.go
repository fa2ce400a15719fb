package stream

import (
	"cmp"
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// typeStaleness is the maximum age of the list of the app's channel types. It is read only for
// custom types.
const typeStaleness = 5 * time.Second

// KnowsType implements chat.Provider.
func (p *Provider) KnowsType(ctx context.Context, t chat.ChannelType) (bool, error) {
	if t.Known() {
		return true, nil
	}
	types, err := p.types.get(ctx)
	return slices.Contains(types, t), err
}

func (p *Provider) cachedTypes(ctx context.Context) cachedList[chat.ChannelType] {
	return cachedList[chat.ChannelType]{
		id:        func(t chat.ChannelType) string { return string(t) },
		compare:   cmp.Compare[chat.ChannelType],
		staleness: typeStaleness,
		closed:    ctx,
		read: func(ctx context.Context, _ *progress[chat.ChannelType]) ([]chat.ChannelType, error) {
			return p.readTypes(ctx)
		},
	}
}

func (p *Provider) readTypes(ctx context.Context) (types []chat.ChannelType, err error) {
	var answer struct {
		Types map[chat.ChannelType]struct{} `json:"channel_types"`
	}
	err = p.client.Do(ctx, listTypes, Request{}, &answer)
	for t := range answer.Types {
		types = append(types, t)
	}
	return types, err
}
