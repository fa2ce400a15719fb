package extra

import (
	"context"
	_ "embed" // the default permissions of roles

	"backchannel/internal/chat"
)

// ChannelConfig is [Settings.Config] of the current settings.
func (e *Engine) ChannelConfig(ctx context.Context, t chat.ChannelType, overrides map[string]any) (chat.TypeSettings, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	return s.Config(t, overrides), nil
}

// MayUpload returns nil if users can upload to a channel. NotFound: the channel. InvalidArguments:
// its settings don't allow uploads.
func (e *Engine) MayUpload(ctx context.Context, cid chat.CID) error {
	c, err := e.ChannelFor(ctx, cid, "")
	if err != nil {
		return err
	}
	settings, err := e.ChannelConfig(ctx, cid.Type, c.ConfigOverrides)
	if err != nil {
		return err
	}
	if bad := settings.CheckMessage(chat.Content{Files: true}); bad != nil {
		return bad
	}
	return nil
}
