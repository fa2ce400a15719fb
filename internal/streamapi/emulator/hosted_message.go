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

// hostedMessages are the messages that hosted Stream has and our own engine refuses: messages that
// only some users may see, and pending ones. They come from seeds, and are added to answers.
type hostedMessages struct {
	mu         sync.Mutex
	restricted map[string][]any            // the users who may see a message, by message id
	pending    map[string][]map[string]any // by cid
}

func newHostedMessages() *hostedMessages {
	return &hostedMessages{restricted: map[string][]any{}, pending: map[string][]map[string]any{}}
}

// keep stores the parts of a seed's message that the engine refuses. It returns the message to send
// to the engine, nil for none.
func (a *hostedMessages) keep(cid string, m map[string]any) map[string]any {
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

// show adds the stored messages and visibilities to an answer.
func (a *hostedMessages) show(r *http.Request, done *answer) {
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
	_ = json.NewEncoder(&done.body).Encode(body) // it was decoded from JSON
}

// mark sets the visibility of the messages in an answer.
func (a *hostedMessages) mark(v any) {
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
