package streamapi

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeApp() {
	s.mux.HandleFunc("GET /api/v2/app", s.handle("GetApp", s.getApp))
	s.mux.HandleFunc("PATCH /api/v2/app", s.handle("UpdateApp", s.updateApp))
}

func (s *Server) getApp(c *call) (any, error) {
	a, err := s.engine.App(c.Context())
	if err != nil {
		return nil, err
	}
	types, err := s.engine.ChannelTypes(c.Context())
	if err != nil {
		return nil, err
	}
	configs := make(map[string]*wire.ChannelTypeResponse, len(types))
	for name, t := range types {
		configs[string(name)] = wire.ChannelTypeAnswer(t)
	}
	off := map[string]any{"enabled": false}
	return map[string]any{"app": &wire.AppResponse{
		App: a, ID: 1, Name: "Backchannel", Organization: "Backchannel", PermissionVersion: "v2",
		Hooks: wire.Listed(a.Hooks), HooksV2: true, TokensAfter: wire.Maybe(a.TokensAfter), Files: wire.UploadAnswer(a.Files), Images: wire.UploadAnswer(a.Images),
		ChannelTypes: configs, Policies: map[string]any{}, CallTypes: map[string]any{}, WebhookEvents: []string{}, Unsearched: wire.Listed(a.Unsearched),
		Push: map[string]any{"version": "v2", "offline_only": false, "apn": off, "firebase": off, "huawei": off, "xiaomi": off},
	}}, nil
}

// settable are the settings that an update changes.
var settable = []string{
	"allowed_flag_reasons", "enforce_unique_usernames", "event_hooks", "file_upload_config", "grants",
	"guest_user_creation_disabled", "image_upload_config", "revoke_tokens_issued_before", "user_search_disallowed_roles",
}

// updateApp changes the settings that the request contains and leaves the rest. Enabling a feature
// that doesn't exist here is an error. Disabling it changes nothing.
func (s *Server) updateApp(c *call) (any, error) {
	var given map[string]json.RawMessage
	if err := c.into(&given); err != nil {
		return nil, err
	}
	for name, value := range given {
		if !slices.Contains(settable, name) && !empty(value) {
			return nil, wire.Invalid("%q can't be set here; this app has %q", name, settable)
		}
	}
	_, restores := given["revoke_tokens_issued_before"]
	restores = restores && string(given["revoke_tokens_issued_before"]) == "null"
	maps.DeleteFunc(given, func(name string, value json.RawMessage) bool {
		return string(value) == "null" || !slices.Contains(settable, name)
	})
	text, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	now := s.engine.Now()
	err = s.engine.ChangeApp(c.Context(), func(a *chat.App) error {
		old := a.Hooks
		a.Grants = maps.Clone(a.Grants)
		for name, field := range map[string]*chat.UploadRules{"file_upload_config": &a.Files, "image_upload_config": &a.Images} {
			if _, whole := given[name]; whole {
				*field = chat.UploadRules{}
			}
		}
		if _, whole := given["event_hooks"]; whole {
			a.Hooks = nil
		}
		if err := decode(text, a); err != nil {
			return err
		}
		if restores {
			a.TokensAfter = time.Time{}
		}
		if _, changed := given["event_hooks"]; changed {
			return stamp(a.Hooks, old, now)
		}
		return nil
	})
	return done, err
}

// empty reports whether a JSON value enables nothing.
func empty(value json.RawMessage) bool {
	return slices.Contains([]string{"null", "false", `""`, "[]", "{}", "0"}, string(value))
}

// stamp sets the ids and times of hooks. A hook with a known id keeps its creation time.
func stamp(hooks, old []map[string]any, now time.Time) error {
	for _, hook := range hooks {
		if hook == nil {
			return wire.Invalid("event_hooks has a null")
		}
		hook["created_at"], hook["updated_at"] = wire.At(now), wire.At(now)
		id, _ := hook["id"].(string)
		for _, known := range old {
			if id != "" && known["id"] == id {
				hook["created_at"] = known["created_at"]
			}
		}
		if id == "" {
			made, err := uuid.NewRandom()
			if err != nil {
				return err
			}
			hook["id"] = made.String()
		}
	}
	return nil
}
