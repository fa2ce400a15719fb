package stream

import (
	"context"
	"net/http"
	"slices"

	"backchannel/internal/chat"
)

var (
	getApp    = Call{"get app", http.MethodGet, "/api/v2/app", 60, true, true, "app"}
	updateApp = Call{"update app", http.MethodPatch, "/api/v2/app", 60, false, true, "duration"} // sets the same values again
)

// hookEvents are the events that [Provider.ServeHook] handles.
var hookEvents = []string{
	"message.new", "message.updated", "message.deleted", "message.read", "message.flagged",
	"reaction.new", "reaction.updated", "reaction.deleted",
	"member.added", "member.updated", "member.removed",
	"channel.created", "channel.updated", "channel.deleted", "channel.truncated",
	"user.banned", "user.unbanned", "user.updated", "user.deactivated", "user.reactivated", "user.deleted", "user.flagged",
}

// SetHook makes a Stream app call an address with its events. It keeps the app's other hooks, and
// reports whether the hook was set already.
func SetHook(ctx context.Context, c *Client, address string) (already bool, err error) {
	var answer struct {
		App struct {
			Hooks []map[string]any `json:"event_hooks"`
		} `json:"app"`
	}
	if err := c.Do(ctx, getApp, Request{}, &answer); err != nil {
		return false, err
	}
	ours := object{"hook_type": "webhook", "enabled": true, "webhook_url": address, "event_types": hookEvents}
	hooks := answer.App.Hooks
	at := slices.IndexFunc(hooks, func(h map[string]any) bool { return h["hook_type"] == "webhook" && h["webhook_url"] == address })
	if at >= 0 {
		if hooks[at]["enabled"] == true && hasAll(hooks[at]["event_types"], hookEvents) {
			return true, nil
		}
		hooks[at]["enabled"], hooks[at]["event_types"] = true, hookEvents
	} else {
		hooks = append(hooks, ours)
	}
	for _, h := range hooks { // Stream sets these itself
		delete(h, "created_at")
		delete(h, "updated_at")
	}
	if err := c.Do(ctx, updateApp, Request{Body: object{"event_hooks": hooks}}, nil); err != nil {
		return false, err
	}
	if err := c.Do(ctx, getApp, Request{}, &answer); err != nil {
		return false, err
	}
	if !slices.ContainsFunc(answer.App.Hooks, func(h map[string]any) bool { return h["webhook_url"] == address }) {
		return false, chat.Lacking("Stream took the hook and doesn't have it. Add it in Stream's dashboard: %s.", address)
	}
	return false, nil
}

// hasAll reports whether a list contains all events; an empty list means all events.
func hasAll(list any, want []string) bool {
	names, _ := list.([]any)
	return len(names) == 0 || !slices.ContainsFunc(want, func(name string) bool { return !slices.Contains(names, any(name)) })
}
