package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"backchannel/internal/app"
	"backchannel/internal/streamapi/emulator"
)

// sampleApp is a Stream app with everything that a transfer copies. It has more users than
// channels, and one channel with a long history.
func sampleApp(people, rooms, long int) string {
	var users, channels []string
	for i := range people {
		users = append(users, fmt.Sprintf(`{"id": "user%d", "name": "User %d", "role": %q, "custom": {"n": %d}, "image": "https://example.com/%d.png"}`, i, i, []string{"user", "clerk"}[i%2], i, i))
	}
	for i := range rooms {
		var messages []string
		count := i % 4 * 2
		if i == 5 {
			count = long
		}
		for n := range count {
			messages = append(messages, fmt.Sprintf(`{"id": "m-%d-%d", "user_id": "user%d", "text": "message %d"}`, i, n, n%people, n))
		}
		if i == 7 {
			messages = append(messages,
				`{"id": "picture", "user_id": "user1", "text": "look <b>here</b> 🎉", "mentioned_users": ["user2", "user3"], "pinned": true, "custom": {"mood": "good"},
				  "attachments": [{"type": "image", "image_url": "https://example.com/a.png", "own": {"deep": [1, 2]}}]}`,
				`{"id": "whisper", "user_id": "user1", "text": "only you", "restricted_visibility": ["user4", "user3"]}`,
				`{"id": "reply", "user_id": "user2", "text": "nice", "parent_id": "picture"}`,
				`{"id": "whisper-back", "user_id": "user3", "text": "only you too", "parent_id": "picture", "restricted_visibility": ["user1"]}`,
				`{"id": "question", "user_id": "user3", "text": "what?", "quoted_message_id": "whisper"}`,
				`{"id": "answer", "user_id": "user1", "text": "that", "parent_id": "whisper"}`,
				`{"id": "waiting", "user_id": "user1", "text": "not yet", "pending": true}`,
				`{"id": "quote", "user_id": "user3", "text": "indeed", "quoted_message_id": "reply-not"}`)
			messages = messages[:len(messages)-1]
		}
		channels = append(channels, fmt.Sprintf(`{"type": "%s", "id": "c%d",
			"data": {"created_by_id": "user0", "frozen": false, "team": "red", "custom": {"name": "Channel %d", "image": "https://example.com/c.png", "size": %d},
			         "members": [{"user_id": "user%d"}, {"user_id": "user%d", "channel_role": "channel_moderator", "custom": {"since": 2020}}]},
			"messages": [%s]}`, []string{"messaging", "team", "livestream"}[i%3], i, i, i, i, people-1, strings.Join(messages, ",")))
	}
	return `{"roles": ["clerk"], "users": [` + strings.Join(users, ",") + `], "channels": [` + strings.Join(channels, ",") + `]}`
}

func stream(t *testing.T, seed string) (*emulator.Emulator, string) {
	t.Helper()
	e, err := emulator.New(t.Context(), emulator.Options{Seed: []byte(seed)})
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

// transfer runs the command and returns its exit code and output.
func transfer(t *testing.T, url, folder string, args ...string) (int, string) {
	t.Helper()
	var out, log bytes.Buffer
	args = append([]string{"transfer", "--data", folder, "--stream-base-url", url,
		"--stream-api-key", emulator.DefaultKey, "--stream-api-secret", emulator.DefaultSecret}, args...)
	code := app.Run(context.Background(), args, &out, &log)
	if len(args) > 0 {
		text := out.String()
		t.Logf("%s\n%.1500s\n%.300s", strings.Join(args[9:], " "), text, log.String())
	}
	return code, out.String()
}

// written is the column of the report that says what was written.
func written(report string) (all []string) {
	for _, line := range strings.Split(report, "\n") {
		if words := strings.Fields(line); len(words) == 4 && words[2] != "is" && words[0] != "from" {
			all = append(all, words[3])
		}
	}
	return all
}

func TestTransferCommand(t *testing.T) {
	t.Parallel()
	from, url := stream(t, sampleApp(230, 65, 650)) // more than two pages of each
	post(t, from, url, "POST", "/api/v2/chat/messages/picture/reaction", `{"reaction": {"type": "love", "user_id": "user5", "score": 3}}`)
	post(t, from, url, "POST", "/api/v2/users/user9/deactivate", `{}`)
	post(t, from, url, "PATCH", "/api/v2/chat/channels/messaging/c3", `{"set": {"frozen": true}}`)
	folder := t.TempDir()

	code, report := transfer(t, url, folder, "--from", "stream", "--to", "engine", "--verify")
	if code != 1 || !strings.Contains(report, "channel team:c1 is missing") || strings.Join(written(report), " ") != "0 0 0 0 0" {
		t.Fatalf("a comparison before the transfer ends with %d", code)
	}
	if code, report = transfer(t, url, folder, "--from", "stream", "--to", "engine"); code != 0 || !strings.Contains(report, "Both sides are the same.") {
		t.Fatalf("the transfer ends with %d", code)
	}
	if !strings.Contains(report, "Left out: 3 messages for some users only, 1 pending messages, 0 that weren't posted.") {
		t.Errorf("the transfer says of what it leaves out:\n%s", report)
	}
	if code, report = transfer(t, url, folder, "--from", "stream", "--to", "engine"); code != 0 || strings.Join(written(report), " ") != "0 0 0 0 0" {
		t.Errorf("a second transfer ends with %d and writes %v", code, written(report))
	}

	returned, back := stream(t, `{}`)
	if code, report = transfer(t, back, folder, "--from", "engine", "--to", "stream"); code != 0 || !strings.Contains(report, "Both sides are the same.") {
		t.Fatalf("the transfer back ends with %d", code)
	}
	if code, report = transfer(t, back, folder, "--from", "engine", "--to", "stream"); code != 0 || strings.Join(written(report), " ") != "0 0 0 0 0" {
		t.Errorf("a second transfer back ends with %d and writes %v", code, written(report))
	}
	got := post(t, returned, back, "POST", "/api/v2/chat/channels/team/c7/query", `{"state": true, "messages": {"limit": 100}}`) +
		post(t, returned, back, "GET", "/api/v2/chat/messages/picture/replies", "")
	for _, text := range []string{"only you", `"that"`, "not yet", `restricted_visibility":["`} {
		if strings.Contains(got, text) || !strings.Contains(got, "what?") || !strings.Contains(got, "nice") {
			t.Errorf("%q is in what was moved there and back: %s", text, got)
		}
	}
}

func TestATransferThatWasInterruptedIsTakenUp(t *testing.T) {
	t.Parallel()
	to, url := stream(t, `{}`)
	_, source := stream(t, sampleApp(30, 10, 200))
	folder := t.TempDir()
	if code, _ := transfer(t, source, folder, "--from", "stream", "--to", "engine"); code != 0 {
		t.Fatal("there is nothing to transfer")
	}
	// Stream goes away in the middle of the transfer, without saying what was done.
	if err := to.Fail(emulator.Fault{Path: "/api/v2/chat/channels/*/*/message", Skip: 100, Drop: true, After: true, Times: 40}); err != nil {
		t.Fatal(err)
	}
	if code, _ := transfer(t, url, folder, "--from", "engine", "--to", "stream"); code != 1 {
		t.Fatalf("the interrupted transfer ends with %d", code)
	}
	to.ClearFaults()
	if code, report := transfer(t, url, folder, "--from", "engine", "--to", "stream"); code != 0 || !strings.Contains(report, "Both sides are the same.") {
		t.Errorf("taking it up ends with %d", code)
	}
}

func post(t *testing.T, e *emulator.Emulator, url, method, path, body string) string {
	t.Helper()
	req := httptest.NewRequest(method, path+"?api_key="+emulator.DefaultKey, strings.NewReader(body))
	req.Header.Set("Authorization", e.Token(""))
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, req)
	if w.Code > 299 {
		t.Fatalf("%s %s%s: %d %s", method, url, path, w.Code, w.Body)
	}
	return w.Body.String()
}
