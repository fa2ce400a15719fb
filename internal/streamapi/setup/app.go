package setup

import (
	"context"
	"encoding/json"
	"net/url"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// ChangeApp applies change to the settings of the app; InvalidArguments.
func (e *Engine) ChangeApp(ctx context.Context, change func(a *chat.App) error) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		a := s.App
		if err := change(&a); err != nil {
			return err
		}
		if bad := CheckApp(a); bad != nil {
			return bad
		}
		return store.PutSetting(tx, engine.SettingApp, engine.TheApp, a, e.now())
	})
}

var hookTypes = []string{"webhook", "sqs", "sns", "pending_message"}

// CheckApp returns an error if the settings aren't valid.
func CheckApp(a chat.App) *chat.Error {
	if bad := chat.OneOf("enforce_unique_usernames", a.UniqueNames, chat.UniqueNowhere, chat.UniqueInApp, chat.UniqueInTeam); bad != nil {
		return bad
	}
	for _, u := range []chat.UploadRules{a.Files, a.Images} {
		if u.SizeLimit < 0 || u.SizeLimit > chat.MaxUploadSize {
			return chat.Invalid("size_limit", "size_limit is from 0 to %d bytes.", chat.MaxUploadSize)
		}
	}
	if len(a.Hooks) > chat.MaxHooks {
		return chat.Invalid("event_hooks", "event_hooks has at most %d hooks.", chat.MaxHooks)
	}
	for _, hook := range a.Hooks {
		if bad := checkHook(hook); bad != nil {
			return bad
		}
	}
	text, err := json.Marshal(a)
	switch {
	case err != nil:
		return chat.Invalid("", "The settings can't be encoded as JSON.")
	case len(text) > chat.MaxAppBytes:
		return chat.Invalid("", "The settings take %d bytes; at most %d are allowed.", len(text), chat.MaxAppBytes)
	}
	return nil
}

func checkHook(hook map[string]any) *chat.Error {
	kind, _ := hook["hook_type"].(string)
	if bad := chat.OneOf("hook_type", kind, hookTypes...); bad != nil {
		return bad
	}
	if kind != "webhook" && kind != "pending_message" {
		return nil
	}
	address, _ := hook["webhook_url"].(string)
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return chat.Invalid("webhook_url", "A hook needs the webhook_url, of http or https.")
	}
	return nil
}
