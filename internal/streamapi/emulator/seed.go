package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/golang-jwt/jwt/v5" // as in internal/auth

	"backchannel/internal/chat"
)

// seed is the content of a seed file: users, channels and messages in the form of Stream's API.
type seed struct {
	Users []map[string]any `json:"users"`
	Types []map[string]any `json:"channel_types"`
	Roles []string         `json:"roles"` // custom roles

	Channels []struct {
		Type     string           `json:"type"`
		ID       string           `json:"id"`
		Data     map[string]any   `json:"data"`
		Messages []map[string]any `json:"messages"`
	} `json:"channels"`
}

// usersPerCall is the maximum number of users in a call of Stream's API.
const usersPerCall = 100

// Seed adds users, channels and messages, given as JSON:
//
//	{"users": [{"id": "alice", "name": "Alice"}],
//	 "channels": [{"type": "messaging", "id": "one",
//	   "data": {"created_by_id": "alice", "members": [{"user_id": "alice"}], "custom": {"name": "One"}},
//	   "messages": [{"user_id": "alice", "text": "hello"}]}]}
//
// Faults don't affect it.
func (e *Emulator) Seed(ctx context.Context, text []byte) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.seed(ctx, text)
}

func (e *Emulator) seed(ctx context.Context, text []byte) error {
	var all seed
	if !chat.WellFormed(text) {
		return errors.New("the seed has text that isn't well-formed Unicode")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return fmt.Errorf("reading the seed: %w", err)
	}
	for _, kind := range all.Types {
		if err := e.post(ctx, "/api/v2/chat/channeltypes", kind); err != nil {
			return fmt.Errorf("seeding the channel type %v: %w", kind["name"], err)
		}
	}
	for _, role := range all.Roles {
		if err := e.post(ctx, "/api/v2/roles", map[string]any{"name": role}); err != nil {
			return fmt.Errorf("seeding the role %s: %w", role, err)
		}
	}
	for len(all.Users) > 0 {
		n := min(len(all.Users), usersPerCall)
		users := map[string]any{}
		for _, u := range all.Users[:n] {
			id, _ := u["id"].(string)
			users[id] = u
		}
		if err := e.post(ctx, "/api/v2/users", map[string]any{"users": users}); err != nil {
			return fmt.Errorf("seeding users: %w", err)
		}
		all.Users = all.Users[n:]
	}
	for _, c := range all.Channels {
		at := "/api/v2/chat/channels/" + url.PathEscape(c.Type) + "/" + url.PathEscape(c.ID)
		if err := e.post(ctx, at+"/query", map[string]any{"data": c.Data}); err != nil {
			return fmt.Errorf("seeding the channel %s:%s: %w", c.Type, c.ID, err)
		}
		for i, m := range c.Messages {
			if m = e.world.hosted.keep(c.Type+":"+c.ID, m); m == nil {
				continue
			}
			if err := e.post(ctx, at+"/message", map[string]any{"message": m}); err != nil {
				return fmt.Errorf("seeding message %d of %s:%s: %w", i+1, c.Type, c.ID, err)
			}
		}
	}
	return nil
}

// post calls the API as a server would, without a network.
func (e *Emulator) post(ctx context.Context, at string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"?api_key="+url.QueryEscape(e.options.Key), bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", e.Token(""))
	r.Header.Set("Content-Type", "application/json")
	done := newAnswer()
	e.world.api.ServeHTTP(done, r)
	if done.status == http.StatusOK || done.status == http.StatusCreated {
		return nil
	}
	var refused struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(done.body.Bytes(), &refused)
	return fmt.Errorf("%d: %s", done.status, refused.Message)
}

// Token returns a signed token of a user, or of a server if userID is "".
func (e *Emulator) Token(userID string) string {
	claims := jwt.MapClaims{"server": true}
	if userID != "" {
		claims = jwt.MapClaims{"user_id": userID}
	}
	token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(e.options.Secret)) // signing with a text can't fail
	return token
}
