package stream

import "backchannel/internal/chat"

// Info implements chat.Provider. Stream has none of the capabilities that its API for
// servers lacks.
func (p *Provider) Info() chat.Info {
	return chat.Info{Name: "stream", ListStaleness: p.channels.staleness}
}
