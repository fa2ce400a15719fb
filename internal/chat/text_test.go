package chat_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"backchannel/internal/chat"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"Announcements": true, " padded ": true, "Ünïcödé": true, "日本": true, "שלום": true, "مرحبا": true, "🎉": true,
		"👩\u200d👩\u200d👧": true, "می\u200cخواهم": true, "क\u094d\u200dष": true, "a\u0301": true, "\u2067abc\u2069": true, "!": true,
		"": false, "   ": false, "\u200b": false, "\u200b\u200d\ufeff": false, "\u2060": false, "\u00ad": false, "\u3164": false, "\u115f\u1160": false,
		"\uffa0": false, "\u2800": false, "\u0301": false, "\u180e": false, "\ufe0f": false, "\U000e0041": false, "\u034f": false, "\u17b4": false,
		"a\nb": false, "a\u0000": false, "a\u0085b": false, "a\u2028b": false, "a\u2029b": false, "a\u202eb": false, "a\u202db": false, "a\u202ab\u202c": true,
		"a\ufdd0": false, "a\ufffe": false, "a\uffff": false, "a\U0001fffe": false, "a\U0010ffff": false, "a\xff": false, "a\xed\xa0\x80": false,
	} {
		got, err := chat.CleanName(name)
		if (err == nil) != good {
			t.Errorf("%q: %v, want good: %v", name, err, good)
		}
		if err == nil && got != strings.TrimSpace(name) {
			t.Errorf("%q is changed to %q", name, got)
		}
		if empty := chat.CheckText(name, 100, 0); !good && !strings.ContainsAny(name, "a") && empty == nil {
			t.Errorf("%q is taken as a text", name)
		}
	}
	if err := chat.CheckText("\u200b", 100, 1); err != nil {
		t.Errorf("a text beside an attachment may be invisible: %v", err)
	}
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		``: true, `"a"`: true, `"\u00e9"`: true, `"\ud83d\ude00"`: true, `"\\ud83d"`: true, `"\\\\ud83d"`: true, `"\n\ud83d\ude00\ud83d\ude00"`: true,
		`"\ud83d"`: false, `"\ude00"`: false, `"\ude00\ud83d"`: false, `"\ud83d\ud83d"`: false, `"\ud83dx\ude00"`: false, `"\uD83D\n"`: false, `"\\\ud83d"`: false,
		`"\ud83d\`: false, `\`: true, `\u`: true, `\ud8`: true, "\xff": false, "\xed\xa0\x80": false, `"😀"`: true,
	} {
		if got := chat.WellFormed([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// The decoder leaves well-formed text as it is. Text that it would change isn't
// well-formed.
func FuzzWellFormed(f *testing.F) {
	for _, s := range []string{`"a"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\\\ud83d"`, `"\ufffd"`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s string
		if json.Unmarshal(text, &s) != nil {
			return
		}
		replaced := strings.Count(s, "\ufffd") != strings.Count(string(text), "\ufffd")+strings.Count(strings.ToLower(string(text)), `\ufffd`) || !utf8.Valid(text)
		if good := chat.WellFormed(text); good && replaced && !strings.Contains(string(text), `\\u`) || !good && !replaced {
			t.Errorf("%q is well-formed: %v, and decoded as %q", text, good, s)
		}
	})
}
