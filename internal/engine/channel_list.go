package engine

import (
	"context"
	"sync"

	"backchannel/internal/chat"
)

// channelList caches the list of all channels at one version. Every call first reads the version
// from the database, so it sees a change by any server or command.
type channelList struct {
	mu       sync.Mutex
	loaded   bool
	version  int64
	channels []chat.Channel
}

func (l *channelList) get(ctx context.Context, e *Engine) ([]chat.Channel, error) {
	version, err := e.Store.ChannelsVersion(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.loaded && l.version >= version {
		return l.channels, nil
	}
	// The list is read after the version, so it is at least that new.
	channels, err := e.Store.AllChannels(ctx)
	if err != nil {
		return nil, err
	}
	e.completeAvatars(channels)
	l.loaded, l.version, l.channels = true, version, channels
	return channels, nil
}
