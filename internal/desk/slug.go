package desk

import (
	"crypto/rand"
	"strings"

	"github.com/mozillazg/go-unidecode" // transliterates every script with tables only; MIT

	"backchannel/internal/chat"
)

// slug derives a channel id from a name: "Support Channel" gives "support-channel". A name without
// usable characters gives a short random id.
func slug(name string) string {
	var b strings.Builder
	gap := false
	for _, c := range strings.ToLower(unidecode.Unidecode(name)) {
		if c < 'a' || c > 'z' {
			if c < '0' || c > '9' {
				gap = true
				continue
			}
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(c)
		if b.Len() >= chat.MaxChannelIDLength {
			break
		}
	}
	id := strings.TrimRight(b.String()[:min(b.Len(), chat.MaxChannelIDLength)], "-")
	if id == "" {
		return strings.ToLower(rand.Text()[:10])
	}
	return id
}
