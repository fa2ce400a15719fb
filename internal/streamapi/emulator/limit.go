package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// Limits that hosted Stream has and our own server of its API hasn't.
const (
	idCharacters   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@_-"
	maxAttachments = 5 << 10 // bytes of a message's attachments in total, as JSON
	maxData        = 5 << 10 // bytes of the custom data of a channel, user, member or message, with name and image, as JSON
)

// Limited wraps a server of Stream's API and also refuses what hosted Stream refuses according to
// its documentation. Upper-case letters in user ids are accepted: the documentation doesn't list
// them, but apps may have such users.
func Limited(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			api.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
		r.Body = io.NopCloser(bytes.NewReader(body))
		var tree any
		if err == nil && json.Unmarshal(body, &tree) == nil {
			l := limits{api: api, request: r}
			l.check(tree)
			l.checkPatches(tree)
			if l.exceeded != "" {
				reply(w, http.StatusBadRequest, map[string]any{
					"code": codes[http.StatusBadRequest], "message": l.exceeded, "StatusCode": http.StatusBadRequest, "duration": "0.00ms", "more_info": "", "details": []int{},
				})
				return
			}
		}
		api.ServeHTTP(w, r)
	})
}

type object = map[string]any

// limits checks one request.
type limits struct {
	api      http.Handler
	request  *http.Request
	exceeded string // the first limit that is exceeded; "" for none
}

func (l *limits) refuse(format string, args ...any) {
	if l.exceeded == "" {
		l.exceeded = fmt.Sprintf(format, args...)
	}
}

// check checks a request's body. Filters aren't checked, since they may search for anything.
func (l *limits) check(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			l.check(one)
		}
	case object:
		for field, value := range v {
			switch field {
			case "filter", "filter_conditions", "message_filter_conditions":
			case "attachments":
				if n := size(value); n > maxAttachments {
					l.refuse("attachments take %d bytes, the limit is %d", n, maxAttachments)
				}
			case "custom":
				l.checkData(object{"custom": value, "name": v["name"], "image": v["image"]})
			case "user_id", "created_by_id", "target_user_id", "banned_by_id":
				l.checkID(value)
			case "user", "created_by", "banned_by", "users", "user_ids", "mentioned_users", "restricted_visibility",
				"members", "add_members", "remove_members", "add_moderators", "demote_moderators", "assign_roles", "invites":
				l.checkUsers(value)
				l.check(value)
			default:
				l.check(value)
			}
		}
	}
}

// checkUsers checks the ids in a list of users or ids, in a user, or in a map of users by id.
func (l *limits) checkUsers(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			if u, ok := one.(object); ok {
				l.checkID(u["id"])
			} else {
				l.checkID(one)
			}
		}
	case object:
		l.checkID(v["id"])
		for _, one := range v {
			if u, ok := one.(object); ok {
				l.checkID(u["id"])
			}
		}
	}
}

func (l *limits) checkID(v any) {
	if id, _ := v.(string); strings.Trim(id, idCharacters) != "" {
		l.refuse("the user id %q is invalid: only a-z, 0-9, @, _ and - are allowed", id)
	}
}

// checkData checks the custom data of an entity, including its name and image.
func (l *limits) checkData(entity object) {
	data := maps.Clone(entity)
	custom, _ := entity["custom"].(object)
	maps.DeleteFunc(data, func(field string, v any) bool { return field != "name" && field != "image" || v == nil })
	maps.Copy(data, custom)
	if n := size(data); n > maxData {
		l.refuse("custom data takes %d bytes, the limit is %d", n, maxData)
	}
}

// checkPatches checks the entities that result from a partial update.
func (l *limits) checkPatches(tree any) {
	body, _ := tree.(object)
	if _, ok := body["set"].(object); ok {
		l.checkPatch(l.patched(), body)
	}
	users, _ := body["users"].([]any)
	for _, one := range users {
		if u, ok := one.(object); ok && u["set"] != nil {
			l.checkPatch(l.first("users", http.MethodGet, "/api/v2/users", object{"filter_conditions": object{"id": u["id"]}}), u)
		}
	}
}

// patched returns the current state of the entity that a partial update changes; nil if it isn't
// known.
func (l *limits) patched() object {
	parts := strings.Split(strings.TrimPrefix(l.request.URL.Path, "/api/v2/chat/"), "/")
	switch {
	case len(parts) == 3 && parts[0] == "channels":
		found := l.first("channels", http.MethodPost, "/api/v2/chat/channels", object{"filter_conditions": object{"cid": parts[1] + ":" + parts[2]}})
		c, _ := found["channel"].(object)
		return c
	case len(parts) == 2 && parts[0] == "messages":
		m, _ := l.ask(http.MethodGet, l.request.URL.Path, nil)["message"].(object)
		return m
	}
	return nil
}

// standardFields are fields of entities that aren't custom data.
const standardFields = " id type role teams team teams_role language invisible privacy_settings frozen disabled cooldown filter_tags config_overrides " +
	"text attachments mentioned_users pinned pin_expires quoted_message_id silent show_in_channel "

func (l *limits) checkPatch(entity, patch object) {
	if entity == nil {
		return
	}
	custom := object{}
	for _, part := range []any{entity["custom"], object{"name": entity["name"], "image": entity["image"]}, patch["set"]} {
		some, _ := part.(object)
		for field, v := range some {
			if field = strings.TrimPrefix(field, "custom."); v != nil && !strings.Contains(standardFields, " "+field+" ") {
				custom[field] = v
			}
		}
	}
	unset, _ := patch["unset"].([]any)
	for _, field := range unset {
		name, _ := field.(string)
		delete(custom, strings.TrimPrefix(name, "custom."))
	}
	l.checkData(object{"custom": custom})
}

// first returns the first row of a list in the API's answer.
func (l *limits) first(list, method, path string, question object) object {
	rows, _ := l.ask(method, path, question)[list].([]any)
	if len(rows) == 0 {
		return nil
	}
	row, _ := rows[0].(object)
	return row
}

// ask calls the API with the request's credentials.
func (l *limits) ask(method, path string, question object) (answer object) {
	text, _ := json.Marshal(question) // it was decoded from JSON
	query := url.Values{"api_key": {l.request.URL.Query().Get("api_key")}}
	if method == http.MethodGet && question != nil {
		query.Set("payload", string(text))
	}
	r, err := http.NewRequestWithContext(l.request.Context(), method, path+"?"+query.Encode(), bytes.NewReader(text))
	if err != nil {
		return nil
	}
	r.Header = l.request.Header.Clone()
	done := newAnswer()
	l.api.ServeHTTP(done, r)
	_ = json.Unmarshal(done.body.Bytes(), &answer) // the API answers nothing but objects
	return answer
}

// size returns the length of a value as JSON.
func size(v any) int {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // it was decoded from JSON
	return text.Len() - len("\n")
}
