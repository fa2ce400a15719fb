package stream

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// typeStaleness is the maximum age of the list of the app's channel types. It is read only for
// custom types, and for what an announcement must comply with.
const typeStaleness = 5 * time.Second

// KnowsType implements chat.Provider.
func (p *Provider) KnowsType(ctx context.Context, t chat.ChannelType) (bool, error) {
	if t.Known() {
		return true, nil
	}
	types, err := p.types.get(ctx)
	return slices.ContainsFunc(types, func(one typeConfig) bool { return one.Name == t }), err
}

func (p *Provider) cachedTypes(ctx context.Context) cachedList[typeConfig] {
	return cachedList[typeConfig]{
		id:        func(t typeConfig) string { return string(t.Name) },
		compare:   func(a, b typeConfig) int { return cmp.Compare(a.Name, b.Name) },
		staleness: typeStaleness,
		closed:    ctx,
		read:      p.readTypes,
	}
}

func (p *Provider) readTypes(ctx context.Context, _ *progress[typeConfig]) ([]typeConfig, error) {
	var answer struct {
		Types map[string]typeConfig `json:"channel_types"`
	}
	err := p.client.Do(ctx, listTypes, Request{}, &answer)
	return slices.Collect(maps.Values(answer.Types)), err
}
