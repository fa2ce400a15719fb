package emulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid" // as in internal/engine
)

// aside is what hosted Stream has of messages and our own engine hasn't: messages for
// some users only, and pending ones. A seed brings them along, and answers show them.
type aside struct {
	mu         sync.Mutex
	restricted map[string][]any            // who may see a message, by its id
	pending    map[string][]map[string]any // by cid
}

func newAside() *aside {
	return &aside{restricted: map[string][]any{}, pending: map[string][]map[string]any{}}
}

// keep takes from a seed's message what the engine refuses, and returns what is left
// to send, nil for nothing.
func (a *aside) keep(cid string, m map[string]any) map[string]any {
	users, _ := m["restricted_visibility"].([]any)
	pending := m["pending"] == true
	if len(users) == 0 && !pending {
		return m
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	m = maps.Clone(m)
	delete(m, "restricted_visibility")
	delete(m, "pending")
	id, _ := m["id"].(string)
	if id == "" {
		id = uuid.NewString()
		m["id"] = id
	}
	if len(users) > 0 {
		a.restricted[id] = users
	}
	if !pending {
		return m
	}
	m["cid"], m["type"] = cid, "regular"
	a.pending[cid] = append(a.pending[cid], m)
	return nil
}

// show adds to an answer what was kept of the messages in it.
func (a *aside) show(r *http.Request, done *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.restricted) == 0 && len(a.pending) == 0 {
		return
	}
	var body map[string]any
	d := json.NewDecoder(bytes.NewReader(done.body.Bytes()))
	d.UseNumber()
	if done.status >= http.StatusBadRequest || d.Decode(&body) != nil {
		return
	}
	a.mark(body)
	if parts := strings.Split(r.URL.Path, "/"); len(parts) == 8 && parts[4] == "channels" && parts[7] == "query" {
		var list []map[string]any
		for _, m := range a.pending[parts[5]+":"+parts[6]] {
			list = append(list, map[string]any{"message": m})
		}
		if len(list) > 0 {
			body["pending_messages"] = list
		}
	}
	done.body.Reset()
	_ = json.NewEncoder(&done.body).Encode(body) // it was JSON
}

// mark says of each message in an answer who may see it.
func (a *aside) mark(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			a.mark(one)
		}
	case map[string]any:
		id, _ := v["id"].(string)
		if users, ok := a.restricted[id]; ok && v["restricted_visibility"] != nil {
			v["restricted_visibility"] = users
		}
		for _, one := range v {
			a.mark(one)
		}
	}
}
