package chat

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// ShownAttachments are those attachments, of whatever shape, that our own API shows:
// those with an address that a browser may open.
func ShownAttachments(list []json.RawMessage) []Attachment {
	var shown []Attachment
	for _, raw := range list {
		if a, ok := shownAttachment(raw); ok {
			shown = append(shown, a)
		}
	}
	return shown
}

func shownAttachment(raw json.RawMessage) (a Attachment, ok bool) {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // one odd number is not to hide the rest
	if d.Decode(&fields) != nil {
		return a, false
	}
	first := func(fit func(string) bool, names ...string) string {
		for _, name := range names {
			if s, ok := fields[name].(string); ok && fit(s) {
				return s
			}
		}
		return ""
	}
	size := func(name string) int {
		n, _ := fields[name].(json.Number)
		pixels, _ := strconv.Atoi(n.String())
		return max(0, pixels)
	}
	something := func(s string) bool { return s != "" }
	a = Attachment{
		Type:      FileKind(first(something, "type")),
		Title:     first(something, "title", "fallback"),
		TitleLink: first(IsWebAddress, "title_link", "og_scrape_url"),
		AssetURL:  first(IsWebAddress, "asset_url", "image_url", "thumb_url", "og_scrape_url", "title_link"),
		ImageURL:  first(IsWebAddress, "image_url"),
		ThumbURL:  first(IsWebAddress, "thumb_url"),
		Width:     size("original_width"),
		Height:    size("original_height"),
	}
	if a.Type == "" {
		a.Type = "file"
	}
	return a, a.AssetURL != ""
}

// Plain reports whether an attachment that was read from JSON is shown as it is.
func (a Attachment) Plain() bool {
	unfit := func(s string) bool { return s != "" && !IsWebAddress(s) }
	return a.Type != "" && a.Title != "" && IsWebAddress(a.AssetURL) && !unfit(a.TitleLink) && !unfit(a.ImageURL) && !unfit(a.ThumbURL)
}

// IsWebAddress reports whether an address is one of http or https without a user name,
// the only ones that leave Backchannel: a browser that opens another may run it, and
// a password would reach every reader.
func IsWebAddress(s string) bool {
	scheme, rest, found := strings.Cut(s, "://")
	if !found || rest == "" || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
		return false
	}
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		rest = rest[:end]
	}
	return !strings.Contains(rest, "@")
}
