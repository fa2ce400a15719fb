package transfer_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"backchannel/internal/stream"
	"backchannel/internal/streamapi/transfer"
)

// Ids with characters that Stream doesn't take are escaped there, and nowhere else.
func TestUserIDsAreEscaped(t *testing.T) {
	t.Parallel()
	const odd, plain = "auth0|anna.b@example.com", "x-men"
	from := ourEngine(t)
	client, err := stream.NewClient(stream.ClientOptions{
		Key: "k", Secret: "s", BaseURL: "http://engine", Transport: from, Unlimited: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	do := func(path string, body object) {
		t.Helper()
		call := stream.Call{Name: path, Method: http.MethodPost, Path: path}
		if err := client.Do(t.Context(), call, stream.Request{Body: body}, nil); err != nil {
			t.Fatal(err)
		}
	}
	do("/api/v2/users", object{"users": object{odd: object{"id": odd, "name": "Anna", "custom": object{"user_id": odd}}, plain: object{"id": plain}}})
	do("/api/v2/chat/channels/team/deals/query", object{"data": object{"created_by_id": odd, "custom": object{"name": "Deals"},
		"members": []object{{"user_id": odd, "channel_role": "channel_moderator"}, {"user_id": plain}}}})
	do("/api/v2/chat/channels/team/deals/message", object{"message": object{"id": "one", "user_id": odd, "text": "hello", "mentioned_users": []string{odd, plain}}})
	do("/api/v2/chat/messages/one/reaction", object{"reaction": object{"type": "like", "user_id": odd}})

	var there strings.Builder // what Stream answers
	app, _ := hosted(t, `{}`, func(_ *http.Request, text string) string { there.WriteString(text); return text })
	copied := func(o transfer.Options) {
		t.Helper()
		report, err := transfer.Run(t.Context(), o)
		if err != nil || len(report.Differences) > 0 {
			t.Fatalf("%v, differences %q", err, report.Differences)
		}
	}
	copied(transfer.Options{From: ourServer(t, from, nil), To: app})
	if text := there.String(); strings.Contains(text, `"id":"`+odd) || !strings.Contains(text, `"id":"x-men"`) ||
		!strings.Contains(text, `"id":"x-mf2xi2bqprqw43tbfzreazlymfwxa3dffzrw63i`) || !strings.Contains(text, `"user_id":"`+odd) {
		t.Errorf("Stream has %s", text)
	}
	back := ourEngine(t)
	copied(transfer.Options{From: app, To: ourServer(t, back, nil)})
	copied(transfer.Options{From: ourServer(t, back, nil), To: app, VerifyOnly: true})
}
