package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"backchannel/internal/streamapi/emulator"
)

// asServer reads an address of an emulator's API.
func asServer(t *testing.T, address string, e *emulator.Emulator) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"&api_key="+emulator.DefaultKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", e.Token(""))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Ids with characters that Stream doesn't take are escaped there, and nowhere else.
func TestTransferEscapesUserIDs(t *testing.T) {
	const odd, plain = "auth0|anna.b@example.com", "x-men"
	people := strings.NewReplacer("ANNA", odd, "XMEN", plain).Replace(`{
		"users": [{"id": "ANNA", "name": "Anna", "custom": {"user_id": "ANNA"}}, {"id": "XMEN"}],
		"channels": [{"type": "team", "id": "deals",
			"data": {"created_by_id": "ANNA", "custom": {"name": "Deals"}, "members": [{"user_id": "ANNA", "channel_role": "channel_moderator"}, {"user_id": "XMEN"}]},
			"messages": [{"id": "one", "user_id": "ANNA", "text": "hello", "mentioned_users": ["ANNA", "XMEN"]}]}]}`)
	_, from := stream(t, people)
	// The emulator takes ids that Stream doesn't: this is an app of another server.
	ours, back := t.TempDir(), t.TempDir()
	if code, out := transfer(t, from, ours, "--from", "stream", "--to", "engine"); code != 0 {
		t.Fatalf("from the emulator: %d\n%s", code, out)
	}
	hosted, url := stream(t, `{}`)
	if code, out := transfer(t, url, ours, "--from", "engine", "--to", "stream"); code != 0 {
		t.Fatalf("to Stream: %d\n%s", code, out)
	}
	var said strings.Builder
	for _, path := range []string{"/api/v2/users?payload=%7B%22filter_conditions%22%3A%7B%7D%7D", "/api/v2/chat/messages/one?x="} {
		said.WriteString(asServer(t, url+path, hosted))
	}
	if text := said.String(); strings.Contains(text, `"id":"`+odd) || !strings.Contains(text, `"id":"x-men"`) || !strings.Contains(text, `"id":"x-mf2xi2bqprqw43tbfzreazlymfwxa3dffzrw63i`) ||
		!strings.Contains(text, `"user_id":"`+odd) {
		t.Errorf("Stream has %s", text)
	}
	if code, out := transfer(t, url, back, "--from", "stream", "--to", "engine"); code != 0 {
		t.Fatalf("back: %d\n%s", code, out)
	}
	if code, out := transfer(t, url, back, "--from", "engine", "--to", "stream", "--verify"); code != 0 {
		t.Errorf("what came back differs: %d\n%s", code, out)
	}
}
