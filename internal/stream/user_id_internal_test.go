package stream

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"backchannel/internal/chat"
)

func TestUserIDsAtStream(t *testing.T) {
	for id, want := range map[string]string{
		"alice": "alice", "Alice@crm_1-2": "Alice@crm_1-2", "x-men": "x-men", "x-": "x-", "X-mfrgg": "X-mfrgg",
		"j.doe":           "x-nixgi33f",
		"x-nixgi33f":      "x-paww42lym5utgm3g", // it would be taken for j.doe
		"x-mfrgg":         "x-mfrgg",            // abc needs no escape, so this is none
		"x-NIXGI33F":      "x-NIXGI33F",
		"x-nixgi33f-more": "x-nixgi33f-more",
	} {
		if got := StreamID(id); got != want || OurID(got) != id {
			t.Errorf("%s is %s at Stream, and %s again; want %s", id, got, OurID(got), want)
		}
	}
	if long := strings.Repeat("a", 158) + "."; possible(long) == (len(StreamID(long)) > chat.MaxUserIDLength) || checkUserIDs("users", strings.Repeat("a.", 100)) == nil {
		t.Error("an id that is too long once it is escaped isn't refused")
	}
}

// Any id is the same after a round trip to Stream, no two of ours are equal there, and any
// id of Stream's is the same after a round trip here.
func TestUserIDsThereAndBack(t *testing.T) {
	ours := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9_@.-]{1,20}`),
		rapid.StringMatching(`x-[a-z2-7]{1,24}`),
		rapid.Map(rapid.StringMatching(`[a-z.]{1,9}`), StreamID),
		rapid.Map(rapid.StringMatching(`[a-z.]{1,9}`), func(s string) string { return StreamID(StreamID(s)) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		a, b := ours.Draw(t, "a"), ours.Draw(t, "b")
		if got := OurID(StreamID(a)); got != a {
			t.Fatalf("%s is %s at Stream and comes back as %s", a, StreamID(a), got)
		}
		if a != b && StreamID(a) == StreamID(b) {
			t.Fatalf("%s and %s are both %s at Stream", a, b, StreamID(a))
		}
		if !knownToStream(StreamID(a)) {
			t.Fatalf("%s is %s at Stream, which it doesn't take", a, StreamID(a))
		}
		if knownToStream(b) && StreamID(OurID(b)) != b {
			t.Fatalf("%s of Stream is %s here and %s there again", b, OurID(b), StreamID(OurID(b)))
		}
	})
}
