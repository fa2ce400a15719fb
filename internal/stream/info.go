package stream

import (
	"cmp"
	"slices"

	"backchannel/internal/chat"
)

// Info implements chat.Provider. Stream's API for servers lacks the other capabilities.
func (p *Provider) Info() chat.Info {
	return chat.Info{Name: "stream", Supports: []chat.Capability{chat.ChannelEvents, chat.BackofficeEvents}, ListStaleness: p.channels.staleness, Budgets: p.client.budgets()}
}

// budgets returns the last reported limits of each call that was made.
func (c *Client) budgets() (list []chat.CallBudget) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, l := range c.lanes {
		if b, told := l.quota.Budget(); told {
			b.Call = name
			b.PerMinute = cmp.Or(b.PerMinute, l.quota.Limit())
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b chat.CallBudget) int { return cmp.Compare(a.Call, b.Call) })
	return list
}
