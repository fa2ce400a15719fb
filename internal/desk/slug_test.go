package desk

import (
	"strings"
	"testing"

	"backchannel/internal/chat"
)

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Announcements":                  "announcements",
		"Support Channel":                "support-channel",
		"  --Big   News!!  ":             "big-news",
		"Grüße & Küsse":                  "grusse-kusse",
		"Événement n° 3":                 "evenement-ndeg-3",
		"Объявления":                     "ob-iavleniia",
		"東京 2026":                        "dong-jing-2026",
		"أخبار":                          "khbr",
		"C++ / Go":                       "c-go",
		"../../etc":                      "etc",
		"👋 Hello":                        "hello",
		strings.Repeat("x", 255):         strings.Repeat("x", 64),
		strings.Repeat("x", 63) + " y z": strings.Repeat("x", 63),
	} {
		if got := slug(name); got != want {
			t.Errorf("%.40q gives %q, want %q", name, got, want)
		}
	}
}

func TestSlugOfNothingIsRandom(t *testing.T) {
	a, b := slug("👋🏽"), slug("!!!")
	if a == b || len(a) != 10 || chat.CheckChannelID(a) != nil {
		t.Errorf("got %q and %q, want two short random ids", a, b)
	}
}

func FuzzSlug(f *testing.F) {
	f.Add("Support Channel")
	f.Add("👋🏽 東京")
	f.Fuzz(func(t *testing.T, name string) {
		if id := slug(name); chat.CheckChannelID(id) != nil || strings.HasPrefix(id, "-") || strings.HasSuffix(id, "-") {
			t.Errorf("%q gives %q", name, id)
		}
	})
}
