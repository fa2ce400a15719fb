package extra

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
)

// SendToChannel sends a custom event to the current subscribers of a channel. It isn't stored.
// NotFound: the channel. InvalidArguments: its type or data is malformed, or the channel's settings
// don't allow custom events.
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
	if bad := CheckOwnEvent(settings); bad != nil {
		return bad
	}
	users, err := e.UsersByID(ctx, []string{by.ID})
	if err != nil {
		return err
	}
	event.CID, event.User = cid, users[by.ID]
	e.Hub.Signal("", event)
	return nil
}

// SendToUser sends a custom event to a user, if the user is subscribed. It
// isn't stored. NotFound; InvalidArguments as with [Engine.SendToChannel].
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
	e.Hub.Signal(user, event)
	return nil
}

func (e *Engine) ownEvent(kind chat.EventType, custom map[string]any) (event chat.Event, err error) {
	if err := CheckOwnType(kind); err != nil {
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

// CheckOwnEvent returns an error unless the settings allow custom events.
func CheckOwnEvent(s chat.TypeSettings) *chat.Error {
	if !s.CustomEvents {
		return chat.FeatureOff("type", "custom_events")
	}
	return nil
}

// MaxEventType is the maximum length of a custom event's type, in bytes.
const MaxEventType = 255

// CheckOwnType returns an error if the type of a custom event isn't valid. Only the chat's own
// events have a dot in their types.
func CheckOwnType(t chat.EventType) error {
	if t == "" || len(t) > MaxEventType || chat.HasNUL(string(t)) || strings.Contains(string(t), ".") {
		return chat.Invalid("type", "The type of an event of your own is 1 to %d bytes, without dots and NUL.", MaxEventType)
	}
	return nil
}
