package stream

import (
	"cmp"
	"slices"

	"backchannel/internal/chat"
)

// Info implements chat.Provider. Stream has none of the capabilities that its API for
// servers lacks.
func (p *Provider) Info() chat.Info {
	return chat.Info{Name: "stream", ListStaleness: p.channels.staleness, Budgets: p.client.budgets()}
}

// budgets are what Stream told of each call that was made.
func (c *Client) budgets() (list []chat.CallBudget) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, l := range c.lanes {
		if b, told := l.quota.budget(); told {
			b.Call = name
			b.PerMinute = cmp.Or(b.PerMinute, l.quota.limit())
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b chat.CallBudget) int { return cmp.Compare(a.Call, b.Call) })
	return list
}
