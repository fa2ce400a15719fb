package chat_test

import (
	"strings"
	"testing"

	"backchannel/internal/chat"
)

func TestCleanName(t *testing.T) {
	const bad = "\x00bad" // stands for a refusal
	for _, row := range []struct{ name, want string }{
		{"Announcements", "Announcements"},
		{"  Support Channel\t\n", "Support Channel"},
		{"\u00a0\u2003wide spaces\u3000", "wide spaces"},
		{"", bad},
		{" \t\n\u00a0", bad},
		{strings.Repeat("x", 255), strings.Repeat("x", 255)},
		{strings.Repeat("x", 256), bad},
		{strings.Repeat("😀", 255), strings.Repeat("😀", 255)},
		{strings.Repeat("😀", 256), bad},
		{"  " + strings.Repeat("x", 255) + "  ", strings.Repeat("x", 255)},
		{"أخبار", "أخبار"},
		{"\u202eright to left", bad},
		{"👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"},
		{"a\tb", bad},
		{"a\nb", bad},
		{"a\x00b", bad},
		{"a\x7fb", bad},
		{"a\u0085b", bad},
		{"a\x1b[31mb", bad},
		{`<img src=x onerror=alert(1)>`, `<img src=x onerror=alert(1)>`},
	} {
		name, err := chat.CleanName(row.name)
		if err != nil {
			name = bad
		}
		if name != row.want {
			t.Errorf("%q: got %q (%v), want %q", row.name, name, err, row.want)
		}
	}
}
