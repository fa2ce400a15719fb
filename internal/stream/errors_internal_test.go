package stream

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/chat"
)

// Every code that the facts of Stream's API name has a meaning, and
// docs/stream.md tells it.
func TestMeaningsAreComplete(t *testing.T) {
	for _, code := range []int{-1, 2, 4, 5, 6, 9, 16, 17, 20, 22, 23, 40, 41, 42, 43, 60, 99} {
		if _, ok := meanings[code]; !ok {
			t.Errorf("Stream's code %d has no meaning", code)
		}
	}
	text, err := os.ReadFile("../../docs/stream.md")
	if err != nil {
		t.Fatal(err)
	}
	for code, m := range meanings {
		if m.code == "" || m.message == "" && m.code != chat.InvalidArguments {
			t.Errorf("the meaning of %d lacks a code or a message: %+v", code, m)
		}
		if line := fmt.Sprintf("| %d | %s |", code, "`"+string(m.code)+"`"); !strings.Contains(string(text), line) {
			t.Errorf("docs/stream.md lacks the line %s", line)
		}
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		var code int
		if n, _ := fmt.Sscanf(line, "| %d | `", &code); n == 1 {
			if _, ok := meanings[code]; !ok {
				t.Errorf("docs/stream.md tells of a code %d that has no meaning", code)
			}
		}
	}
}

// A code that Stream adds is judged by the status.
func TestUnknownCodesMeanWhatTheStatusSays(t *testing.T) {
	for status, want := range map[int]chat.Code{
		302: chat.Unavailable, 399: chat.Unavailable, 400: chat.InvalidArguments, 401: chat.Unavailable, 402: chat.InvalidArguments,
		403: chat.Unauthorized, 404: chat.NotFound, 408: chat.Unavailable, 409: chat.InvalidArguments, 413: chat.InvalidArguments,
		429: chat.RateLimited, 500: chat.Unavailable, 502: chat.Unavailable, 503: chat.Unavailable, 599: chat.Unavailable,
	} {
		for _, code := range []int{0, 12345} {
			err := asChatError(&apiError{call: "test", status: status, code: code})
			if got := chat.CodeOf(err); got != want {
				t.Errorf("status %d with code %d: got %s, want %s", status, code, got, want)
			}
		}
	}
}

// Errors of our own credentials are for the operator only. What Stream says about an input
// is for the caller and not for the log.
func TestWhoIsTold(t *testing.T) {
	for _, code := range []int{2, 5, 40, 41, 42, 43, 99} {
		err := asChatError(&apiError{call: "test", status: http.StatusUnauthorized, code: code, said: "api_key k-123"})
		if e := coded(t, err); e.Code != chat.Unavailable || strings.Contains(e.Error(), "k-123") {
			t.Errorf("code %d: %v", code, e)
		}
	}
	e := coded(t, asChatError(&apiError{call: "test", status: 400, code: 4, said: "the text " + strings.Repeat("x", 1_000)}))
	if !strings.Contains(e.Message, "the text xx") || len(e.Message) > 400 || strings.Contains(e.Cause.Error(), "xx") {
		t.Errorf("an input that Stream refuses: %v", e)
	}
}

func coded(t *testing.T, err error) *chat.Error {
	t.Helper()
	e, ok := errors.AsType[*chat.Error](err)
	if !ok {
		t.Fatalf("%v has no code", err)
	}
	return e
}

// Which calls may be sent again is a decision for each.
func TestCallsSayWhatARepeatDoes(t *testing.T) {
	all := []Call{
		QueryChannels, QueryMessages, QueryMembers, queryBans, QueryUsers, getMessage, getMessages, getTask, CreateChannel, UpdateChannel,
		ChangeMembers, deleteChannels, markRead, sendMessage, updateMessage, deleteMessage, sendReaction, deleteReaction, ban,
		unban, updateUsers, upsertUsers,
	}
	var names []string
	for _, c := range all {
		if c.Read && !c.Repeat || c.PerMinute < 1 || !strings.HasPrefix(c.Path, "/api/v2/") {
			t.Errorf("%+v", c)
		}
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(all) {
		t.Error("two calls share a name, and so a rate limit")
	}
}
