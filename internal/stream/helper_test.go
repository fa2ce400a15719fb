package stream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"backchannel/internal/chat"
)

func contains(body []byte, s string) bool { return bytes.Contains(body, []byte(s)) }

func itoa(n int) string { return strconv.Itoa(n) }

// logBuffer is what the operator reads.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func asError(t *testing.T, err error) *chat.Error {
	t.Helper()
	e, ok := errors.AsType[*chat.Error](err)
	if !ok {
		t.Fatalf("got %v, want an error with a code", err)
	}
	return e
}

// deleteAllBut deletes what a request asks for, and has the task fail for some.
func (n *network) deleteAllBut(h *hosted, w http.ResponseWriter, r *http.Request, bad map[string]bool) {
	var req struct {
		CIDs []string `json:"cids"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		h.Error(err)
		return
	}
	result := map[string]any{}
	for _, text := range req.CIDs {
		cid, bads := chat.ParseCID(text)
		if bads != nil {
			h.Error(bads)
		}
		if bad[text] {
			result[text] = map[string]string{"status": "error", "error": "internal"}
			continue
		}
		result[text] = map[string]string{"status": "ok"}
		if err := h.far.DeleteChannels(r.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{cid}}); err != nil {
			h.Error(err)
		}
	}
	task := "partly-" + req.CIDs[0]
	body, err := json.Marshal(map[string]any{"task_id": task, "status": "completed", "result": result})
	if err != nil {
		h.Error(err)
	}
	n.breakNext(1, http.MethodGet, "/tasks/"+task, refuses(http.StatusOK, string(body)))
	_, _ = w.Write(body)
}
