package extra

import (
	"context"
	"encoding/json"
	"fmt"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
)

// SendToChannel passes an event of the callers' own on to whoever listens to a channel
// at this server just then. It is kept nowhere. NotFound; InvalidArguments: its type or
// what comes with it can't be so, or the channel's settings have such events switched
// off.
func (e *Engine) SendToChannel(ctx context.Context, by chat.Actor, cid chat.CID, kind chat.EventType, custom map[string]any) error {
	event, err := e.ownEvent(kind, custom)
	if err != nil {
		return err
	}
	c, err := e.ChannelFor(ctx, cid, "")
	if err != nil {
		return err
	}
	settings, err := e.ChannelConfig(ctx, cid.Type, c.ConfigOverrides)
	if err != nil {
		return err
	}
	if bad := settings.CheckOwnEvent(); bad != nil {
		return bad
	}
	users, err := e.UsersByID(ctx, []string{by.ID})
	if err != nil {
		return err
	}
	event.CID, event.User = cid, users[by.ID]
	e.Hub.Signal(event)
	return nil
}

// SendToUser passes an event of the callers' own on to a user, if that one listens at
// this server just then. It is kept nowhere. NotFound; InvalidArguments as with
// [Engine.SendToChannel].
func (e *Engine) SendToUser(ctx context.Context, user string, kind chat.EventType, custom map[string]any) error {
	event, err := e.ownEvent(kind, custom)
	if err != nil {
		return err
	}
	users, err := e.UsersByID(ctx, []string{user})
	if err != nil {
		return err
	}
	u, found := users[user]
	if !found {
		return engine.NoUser()
	}
	event.User = u
	e.Hub.SignalUser(user, event)
	return nil
}

func (e *Engine) ownEvent(kind chat.EventType, custom map[string]any) (event chat.Event, err error) {
	if err := kind.CheckOwn(); err != nil {
		return event, err
	}
	if err := chat.CheckCustom(custom); err != nil {
		return event, err
	}
	text := []byte("{}")
	if len(custom) > 0 {
		if text, err = json.Marshal(custom); err != nil {
			return event, fmt.Errorf("encoding an event: %w", err)
		}
	}
	return chat.Event{Type: kind, Custom: string(text), CreatedAt: e.now()}, nil
}
