package streamtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/streamtest"
)

const twoChannels = `{
	"users": [{"id": "alice", "name": "Alice"}, {"id": "bob"}],
	"channels": [
		{"type": "messaging", "id": "one",
		 "data": {"created_by_id": "alice", "members": [{"user_id": "alice"}], "custom": {"name": "One"}},
		 "messages": [{"user_id": "alice", "text": "hello"}]},
		{"type": "team", "id": "two", "data": {"created_by_id": "bob"}}]}`

// call makes a request as a back end would and returns the status and the answer;
// the status is 0 if there was no complete answer.
func call(t *testing.T, s *streamtest.Server, method, path string, body any) (int, map[string]any, http.Header) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path+"?api_key="+s.Key, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", s.ServerToken())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer func() { _ = resp.Body.Close() }()
	text, err = io.ReadAll(resp.Body)
	var answer map[string]any
	if err != nil || json.Unmarshal(text, &answer) != nil {
		return 0, nil, nil
	}
	return resp.StatusCode, answer, resp.Header
}

func send(t *testing.T, s *streamtest.Server, id string) int {
	t.Helper()
	status, _, _ := call(t, s, "POST", "/api/v2/chat/channels/messaging/one/message",
		map[string]any{"message": map[string]any{"id": id, "user_id": "alice", "text": "hi"}})
	return status
}

func has(t *testing.T, s *streamtest.Server, message string) bool {
	t.Helper()
	status, _, _ := call(t, s, "GET", "/api/v2/chat/messages/"+message, nil)
	return status == http.StatusOK
}

func channels(t *testing.T, s *streamtest.Server) []string {
	t.Helper()
	status, answer, _ := call(t, s, "POST", "/api/v2/chat/channels", map[string]any{
		"sort": []any{map[string]any{"field": "cid", "direction": 1}}})
	if status != http.StatusOK {
		t.Fatalf("listing channels: %d %v", status, answer)
	}
	var cids []string
	for _, c := range answer["channels"].([]any) {
		cids = append(cids, c.(map[string]any)["channel"].(map[string]any)["cid"].(string))
	}
	return cids
}

func TestAServerBeginsWithItsSeed(t *testing.T) {
	s := streamtest.Start(t, twoChannels)
	if got := channels(t, s); !slices.Equal(got, []string{"messaging:one", "team:two"}) {
		t.Errorf("the channels are %v", got)
	}
}

func TestServersShareNothing(t *testing.T) {
	one, other := streamtest.Start(t, twoChannels), streamtest.Start(t)
	if got := channels(t, other); len(got) != 0 {
		t.Errorf("the other server has %v", got)
	}
	one.Reset()
	if got := channels(t, one); len(got) != 0 {
		t.Errorf("after a reset the server has %v", got)
	}
}

func TestFaults(t *testing.T) {
	const anyMessage = "/api/v2/chat/channels/*/*/message"
	rows := []struct {
		name   string
		fault  streamtest.Fault
		status int  // of the first attempt; 0 for none
		sent   bool // whether the first attempt had its effect
	}{
		{"too many requests", streamtest.Fault{Status: 429, RetryAfter: 7}, 429, false},
		{"too many requests, after the work", streamtest.Fault{Status: 429, After: true}, 429, true},
		{"a failure inside", streamtest.Fault{Status: 500}, 500, false},
		{"a connection cut before the work", streamtest.Fault{Drop: true}, 0, false},
		{"a connection cut after the work", streamtest.Fault{Drop: true, After: true}, 0, true},
		{"an answer cut short", streamtest.Fault{Cut: 10}, 0, true},
		{"a slow answer", streamtest.Fault{Delay: streamtest.Duration(20 * time.Millisecond)}, 201, true},
		{"a fault of other requests", streamtest.Fault{Method: "DELETE", Status: 500}, 201, true},
	}
	s := streamtest.Start(t, twoChannels)
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s.ClearFaults()
			row.fault.Path, row.fault.Times = anyMessage, 1
			s.Fail(row.fault)
			id := "message-" + strconv.Itoa(i)
			got := send(t, s, id)
			if row.status == 201 && got == 200 {
				got = 201 // both say that it was done
			}
			if got != row.status {
				t.Errorf("the status is %d, want %d", got, row.status)
			}
			if sent := has(t, s, id); sent != row.sent {
				t.Errorf("the message is there: %v, want %v", sent, row.sent)
			}
			if !row.sent && send(t, s, id) >= 300 {
				t.Error("a retry failed too: the fault was to strike once")
			}
		})
	}
}

func TestADeletionThatFailsInPart(t *testing.T) {
	s := streamtest.Start(t, twoChannels)
	s.Fail(streamtest.Fault{Path: "/api/v2/chat/channels/delete", Times: 1, Keep: []string{"team:two"}, Pending: 2})
	_, answer, _ := call(t, s, "POST", "/api/v2/chat/channels/delete",
		map[string]any{"cids": []string{"messaging:one", "team:two"}, "hard_delete": true})
	task, _ := answer["task_id"].(string)
	for range 2 {
		if _, answer, _ := call(t, s, "GET", "/api/v2/tasks/"+task, nil); answer["status"] != "pending" {
			t.Fatalf("the task is %v, want it pending", answer)
		}
	}
	_, answer, _ = call(t, s, "GET", "/api/v2/tasks/"+task, nil)
	result, _ := answer["result"].(map[string]any)
	one, _ := result["messaging:one"].(map[string]any)
	two, _ := result["team:two"].(map[string]any)
	if answer["status"] != "completed" || one["status"] != "ok" || two["status"] != "error" {
		t.Errorf("the task is %v", answer)
	}
	if got := channels(t, s); !slices.Equal(got, []string{"team:two"}) {
		t.Errorf("the channels left are %v", got)
	}
}

func TestTheClockMoves(t *testing.T) {
	s := streamtest.Start(t, twoChannels)
	begun := s.Now()
	s.Advance(48 * time.Hour)
	send(t, s, "tomorrow")
	_, answer, _ := call(t, s, "GET", "/api/v2/chat/messages/tomorrow", nil)
	message, _ := answer["message"].(map[string]any)
	made, _ := message["created_at"].(float64)
	if at := time.Unix(0, int64(made)); at.Sub(begun) < 48*time.Hour-time.Second {
		t.Errorf("the message was made at %v, not two days after %v", at, begun)
	}
	s.SetTime(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	if now := s.Now().UTC(); now.Year() != 2030 {
		t.Errorf("the time is %v", now)
	}
}

func TestRequestsAreKept(t *testing.T) {
	s := streamtest.Start(t)
	s.Fail(streamtest.Fault{Status: 503, Times: 1})
	send(t, s, "a")
	send(t, s, "b")
	list := s.Requests()
	if len(list) != 2 || list[0].Status != 503 || list[1].Status != 404 || list[1].Method != http.MethodPost {
		t.Errorf("the requests are %v", list)
	}
}

func TestWhatHasAnEndEndsByTheMovedClock(t *testing.T) {
	s := streamtest.Start(t, twoChannels)
	ok := func(method, path string, body any) map[string]any {
		t.Helper()
		status, answer, _ := call(t, s, method, path, body)
		if status != http.StatusOK {
			t.Fatalf("%s %s: %d %v", method, path, status, answer)
		}
		return answer
	}
	s.Advance(240 * time.Hour)
	const one = "/api/v2/chat/channels/messaging/one"
	soon := s.Now().Add(time.Hour).Format(time.RFC3339)
	ok("POST", one+"/message", map[string]any{"message": map[string]any{
		"id": "p", "user_id": "alice", "text": "hi", "pinned": true, "pin_expires": soon}})
	ok("POST", "/api/v2/chat/moderation/mute/channel", map[string]any{
		"channel_cids": []string{"messaging:one"}, "user_id": "alice", "expiration": time.Hour.Milliseconds()})
	ok("POST", "/api/v2/moderation/ban", map[string]any{"target_user_id": "bob", "banned_by_id": "alice", "timeout": 60})
	state := func() [3]bool {
		pinned := ok("GET", "/api/v2/chat/messages/p", nil)["message"].(map[string]any)["pinned"] == true
		list := ok("POST", "/api/v2/chat/channels", map[string]any{"user_id": "alice",
			"filter_conditions": map[string]any{"muted": true}})["channels"].([]any)
		bans := ok("GET", "/api/v2/chat/query_banned_users", nil)["bans"].([]any)
		banned := len(bans) == 1 && ok("POST", "/api/v2/users", map[string]any{"users": map[string]any{
			"bob": map[string]any{"id": "bob"}}})["users"].(map[string]any)["bob"].(map[string]any)["banned"] == true
		return [3]bool{pinned, len(list) == 1, banned}
	}
	if got := state(); got != [3]bool{true, true, true} {
		t.Errorf("pinned, muted, banned at first: %v", got)
	}
	s.Advance(2 * time.Hour)
	if got := state(); got != [3]bool{} {
		t.Errorf("pinned, muted, banned two hours later: %v", got)
	}
	at := ok("POST", one+"/event", map[string]any{"event": map[string]any{"type": "typing.start", "user_id": "alice"}})["event"].(map[string]any)["created_at"].(float64)
	if made := time.Unix(0, int64(at)); made.Before(s.Now().Add(-time.Minute)) {
		t.Errorf("an event was made at %v, by the clock it is %v", made, s.Now())
	}
}

// A test may give a user's token to a client of its own. Stream's servers would accept it.
func TestUserTokenIsTheUsersOwn(t *testing.T) {
	s := streamtest.Start(t)
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(s.UserToken("alice"), claims, func(*jwt.Token) (any, error) { return []byte(s.Secret), nil },
		jwt.WithValidMethods([]string{"HS256"}))
	if err != nil || claims["user_id"] != "alice" || claims["server"] != nil {
		t.Errorf("the token says %v, %v", claims, err)
	}
}
