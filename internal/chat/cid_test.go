package chat_test

import (
	"strings"
	"testing"

	"backchannel/internal/chat"
)

func TestParseCID(t *testing.T) {
	for _, row := range []struct {
		cid  string
		good bool
	}{
		{"livestream:announcements", true},
		{"messaging:A-Z_a-z!09", true},
		{"team:x", true},
		{"gaming:" + strings.Repeat("x", 64), true},
		{"commerce:0", true},
		{"", false},
		{"livestream", false},
		{"livestream:", false},
		{":announcements", false},
		{"announcements", false},
		{"Livestream:announcements", false},
		{"LIVESTREAM:announcements", false},
		{"podcast:announcements", false},
		{"livestream:a:b", false},
		{"livestream:a b", false},
		{" livestream:a", false},
		{"livestream:a ", false},
		{"livestream:ä", false},
		{"livestream:a.b", false},
		{"livestream:a/b", false},
		{"livestream:a\x00", false},
		{"livestream:a%2e", false},
		{"gaming:" + strings.Repeat("x", 65), false},
	} {
		cid, err := chat.ParseCID(row.cid)
		if (err == nil) != row.good {
			t.Errorf("%q: got %v, want good: %v", row.cid, err, row.good)
		}
		if err == nil && cid.String() != row.cid {
			t.Errorf("%q reads back as %q", row.cid, cid)
		}
		if err != nil && err.Code != chat.InvalidArguments {
			t.Errorf("%q: got the code %s", row.cid, err.Code)
		}
	}
}

func FuzzParseCID(f *testing.F) {
	for _, s := range []string{"livestream:announcements", "team:", ":", "a:b:c", "livestream:\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cid, err := chat.ParseCID(s)
		if err != nil {
			return
		}
		if cid.String() != s || !cid.Type.Known() || chat.CheckChannelID(cid.ID) != nil || len(s) > 75 {
			t.Errorf("%q was taken for %#v", s, cid)
		}
	})
}

func TestCheckUserID(t *testing.T) {
	for _, row := range []struct {
		id   string
		good bool
	}{
		{"user1", true},
		{"Anna.Muster@example.com", true},
		{"a_b-c@d.e", true},
		{strings.Repeat("x", 255), true},
		{strings.Repeat("x", 256), false},
		{"", false},
		{"google-oauth2|1137", true},
		{"jo+test@crm.example", true},
		{"aA0_-@.+|:=~#!'*$&", true},
		{"a b", false},
		{"a,b", false},
		{"a/b", false},
		{"a%b", false},
		{"a\"b", false},
		{"ünal", false},
		{"a\n", false},
	} {
		if err := chat.CheckUserID(row.id); (err == nil) != row.good {
			t.Errorf("%q: got %v, want good: %v", row.id, err, row.good)
		}
	}
}
