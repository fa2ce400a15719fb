package emulator_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"backchannel/internal/streamapi/emulator"
)

func start(t *testing.T, o emulator.Options) (*emulator.Emulator, string) {
	t.Helper()
	e, err := emulator.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		_ = e.Close()
	})
	return e, server.URL
}

// ask controls an emulator from outside.
func ask(t *testing.T, method, url, contentType, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

func TestControls(t *testing.T) {
	const asJSON = "application/json"
	rows := []struct {
		name, method, path, contentType, body string
		status                                int
		says                                  string
	}{
		{"the clock is shown", "GET", "clock", "", "", 200, "now"},
		{"the clock goes ahead", "POST", "clock", asJSON, `{"advance": "1h"}`, 200, "now"},
		{"the clock is set", "POST", "clock", asJSON, `{"set": "2031-01-31T12:00:00Z"}`, 200, "2031-01-31"},
		{"the clock goes back to the real time", "POST", "clock", asJSON, `{"real": true}`, 200, "now"},
		{"a clock is told nothing", "POST", "clock", asJSON, `{}`, 400, "advance"},
		{"a clock is told rubbish", "POST", "clock", asJSON, `{"advance": "soon"}`, 400, "duration"},
		{"a fault is switched on", "POST", "faults", asJSON, `{"path": "/api/v2/*", "status": 500, "delay": "1ms"}`, 200, "faults"},
		{"a fault of an impossible status", "POST", "faults", asJSON, `{"status": 200}`, 400, "status"},
		{"a fault of an impossible path", "POST", "faults", asJSON, `{"path": "[", "status": 500}`, 400, "pattern"},
		{"a fault that waits too long", "POST", "faults", asJSON, `{"delay": "1h"}`, 400, "delay"},
		{"faults are listed", "GET", "faults", "", "", 200, "500"},
		{"faults are switched off", "DELETE", "faults", "", "", 200, ""},
		{"a seed is added", "POST", "seed", asJSON, `{"users": [{"id": "carol"}]}`, 200, ""},
		{"a seed with a field that there isn't", "POST", "seed", asJSON, `{"people": []}`, 400, "people"},
		{"a seed that Stream's API refuses", "POST", "seed", asJSON, `{"users": [{"id": "not an id"}]}`, 400, "user id"},
		{"a web page's form", "POST", "reset", "text/plain", `{}`, 415, "JSON"},
		{"a reset", "POST", "reset", asJSON, ``, 200, ""},
	}
	_, url := start(t, emulator.Options{})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			status, answer := ask(t, row.method, url+"/emulator/"+row.path, row.contentType, row.body)
			text, _ := json.Marshal(answer)
			if status != row.status || !strings.Contains(string(text), row.says) {
				t.Errorf("%d %s; want %d with %q", status, text, row.status, row.says)
			}
		})
	}
}

func TestAResetGoesBackToTheSeed(t *testing.T) {
	e, url := start(t, emulator.Options{Seed: []byte(`{"users": [{"id": "alice"}]}`)})
	if err := e.Seed(t.Context(), []byte(`{"users": [{"id": "bob"}]}`)); err != nil {
		t.Fatal(err)
	}
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v2/users?api_key="+emulator.DefaultKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", e.Token(""))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Users []struct {
			ID string `json:"id"`
		} `json:"users"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Users) != 1 || answer.Users[0].ID != "alice" {
		t.Errorf("the users are %v", answer.Users)
	}
}

func TestASeedThatCannotBeUsedIsRefusedAtTheStart(t *testing.T) {
	if _, err := emulator.New(t.Context(), emulator.Options{Seed: []byte("rubbish")}); err == nil {
		t.Error("the emulator started")
	}
}

// BenchmarkNew shows how long a test waits for its emulator.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		e, err := emulator.New(b.Context(), emulator.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// A file that is uploaded is there until the next reset.
func TestUploads(t *testing.T) {
	e, url := start(t, emulator.Options{Seed: []byte(`{"users": [{"id": "ann"}]}`)})
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("hello"))
	_ = w.WriteField("user", `{"id":"ann"}`)
	_ = w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v2/uploads/file?api_key="+emulator.DefaultKey, &form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Authorization", e.Token(""))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct{ File string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || !strings.HasPrefix(answer.File, url) {
		t.Fatalf("%d %v %v", resp.StatusCode, answer, err)
	}
	if status, _ := ask(t, "GET", answer.File, "", ""); status != http.StatusOK {
		t.Errorf("the file is %d", status)
	}
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, _ := ask(t, "GET", answer.File, "", ""); status != http.StatusNotFound {
		t.Errorf("after a reset the file is %d", status)
	}
}
