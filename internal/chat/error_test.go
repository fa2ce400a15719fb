package chat_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func TestCodeOf(t *testing.T) {
	for _, row := range []struct {
		err  error
		want chat.Code
	}{
		{nil, ""},
		{chat.Missing("cid", "gone"), chat.NotFound},
		{fmt.Errorf("sending: %w", chat.Invalid("text", "too long")), chat.InvalidArguments},
		{errors.New("a bug"), chat.Internal},
	} {
		if got := chat.CodeOf(row.err); got != row.want {
			t.Errorf("%v: got %s, want %s", row.err, got, row.want)
		}
	}
}

func ExampleInvalid() {
	fmt.Println(chat.Invalid("name", "The name must be at most %d characters long.", chat.MaxNameLength))
	// Output: INVALID_ARGUMENTS name: The name must be at most 255 characters long.
}

func ExampleParseCID() {
	cid, err := chat.ParseCID("livestream:announcements")
	fmt.Println(cid.Type, cid.ID, err == nil)
	// Output: livestream announcements true
}

// A repeated refusal says the same as the first.
func TestErrorsAreKeptWhole(t *testing.T) {
	first := &chat.Error{
		Code: chat.InvalidArguments, Reason: chat.TooLong, Limit: 5000, Message: "too long", Field: "input.text", Wait: time.Second,
		Outcome: chat.OutcomeUnknown, Remaining: []chat.CID{{Type: chat.Team, ID: "a"}}, Cause: errors.New("for the log only"),
	}
	text, err := chat.EncodeError(fmt.Errorf("sending: %w", first))
	if err != nil {
		t.Fatal(err)
	}
	again, err := chat.DecodeError(text)
	if err != nil {
		t.Fatal(err)
	}
	first.Cause = nil
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("(-first +again):\n%s", diff)
	}
	if text, err := chat.EncodeError(errors.New("a bug")); text != "" || err != nil {
		t.Errorf("a bug is kept as %q, %v", text, err)
	}
}

func TestCheckKey(t *testing.T) {
	long := make([]byte, chat.MaxKeyLength)
	for i := range long {
		long[i] = '~'
	}
	for key, good := range map[string]bool{
		"k": true, "6ba7b810-9dad-11d1-80b4-00c04fd430c8": true, string(long): true,
		"": false, string(long) + "x": false, "a b": false, "a\n": false, "ä": false, "\x7f": false,
	} {
		if err := chat.CheckKey(key); (err == nil) != good {
			t.Errorf("%.20q: got %v, want good: %v", key, err, good)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("disk I/O error")
	for want, err := range map[string]*chat.Error{
		"NOT_FOUND id: There is no such webhook.":          chat.Missing("id", "There is no such webhook."),
		"UNAVAILABLE: disk I/O error":                      {Code: chat.Unavailable, Message: "The chat can't be reached right now.", Cause: cause},
		"UNAVAILABLE: no space":                            {Code: chat.Unavailable, Message: "Not now.", Cause: &chat.Error{Code: chat.Unavailable, Message: "Not now.", Cause: errors.New("no space")}},
		"UNAVAILABLE (outcome UNKNOWN): disk I/O error":    chat.Undecided(cause),
		"UNAUTHORIZED: disk I/O error":                     chat.Denied(cause),
		"INVALID_ARGUMENTS input.text: The text is empty.": chat.Invalid("input.text", "The text is empty."),
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
