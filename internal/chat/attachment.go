package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Attachment is a picture, video or anything else that a message carries, by URL. The JSON names
// are Stream's.
type Attachment struct {
	Type      FileKind `json:"type"` // any word, e.g. file, if it came through Stream's API
	Title     string   `json:"title"`
	TitleLink string   `json:"title_link,omitempty"`
	AssetURL  string   `json:"asset_url"`
	ImageURL  string   `json:"image_url,omitempty"` // AssetURL again if it is a picture

	// These are measured if the asset was uploaded here; otherwise they are what the sender says.
	ThumbURL string `json:"thumb_url,omitempty"`       // a small version of the picture; "" if none is known
	Width    int    `json:"original_width,omitempty"`  // in pixels, as shown; 0 if unknown
	Height   int    `json:"original_height,omitempty"` // as Width
}

// NewAttachment validates and classifies an attachment. The error's field is "title", "titleLink"
// or "assetUrl". titleLink may be nil.
func NewAttachment(title string, titleLink *string, assetURL string) (Attachment, *Error) {
	if bad := checkTitle(title); bad != nil {
		return Attachment{}, bad
	}
	a := Attachment{Title: title, AssetURL: assetURL}
	if titleLink != nil {
		if _, err := parseURL(*titleLink); err != nil {
			return Attachment{}, within("titleLink", err)
		}
		a.TitleLink = *titleLink
	}
	asset, err := parseURL(assetURL)
	if err != nil {
		return Attachment{}, within("assetUrl", err)
	}
	if a.Type, err = KindOfFile(asset.Path); err != nil {
		return Attachment{}, within("assetUrl", err)
	}
	if a.Type == Image {
		a.ImageURL = assetURL
	}
	return a, nil
}

func checkTitle(title string) *Error {
	if LongerThan(title, MaxTitleLength) || HasNUL(title) {
		return Invalid("title", "The title must be at most %d characters long, without NUL.", MaxTitleLength)
	}
	return nil
}

func parseURL(s string) (*url.URL, *Error) {
	if len(s) > MaxURLLength {
		return nil, Invalid("", "The URL must be at most %d bytes long.", MaxURLLength)
	}
	u, err := url.Parse(s)
	switch {
	case trim(s) != s:
		return nil, Invalid("", "The URL must not begin or end with a space.")
	case strings.ContainsFunc(s, misleads):
		return nil, Invalid("", "The URL must not contain line separators, direction overrides or noncharacters; they can be percent-encoded.")
	case err != nil:
		return nil, Invalid("", "The URL can't be read: %s.", wrongWith(err))
	case (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return nil, Invalid("", "The URL must be absolute, with http or https and a host.")
	case u.User != nil:
		return nil, Invalid("", "The URL must not have a user name or password: every reader would get it.")
	case !isPort(u.Port()):
		return nil, Invalid("", "The URL's port must be 1 to 65535.")
	}
	return u, nil
}

// wrongWith describes a URL's error without repeating the URL.
func wrongWith(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return err.Error()
}

func isPort(text string) bool {
	if text == "" {
		return true
	}
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

func checkAttachments(list []json.RawMessage) error {
	if len(list) > MaxAttachments {
		return Invalid("attachments", "A message carries at most %d attachments.", MaxAttachments)
	}
	size := 0
	for _, raw := range list {
		if size += len(raw); size > MaxAttachmentBytes {
			return Invalid("attachments", "The attachments take at most %d bytes together.", MaxAttachmentBytes)
		}
		if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
			return Invalid("attachments", "An attachment is an object.")
		}
		var object map[string]any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if d.Decode(&object) != nil || checkJSON(object, MaxCustomDepth) != nil {
			return Invalid("attachments", "The attachments must not contain the NUL character, numbers beyond those of 64 bits, or more than %d levels.", MaxCustomDepth)
		}
	}
	return nil
}

// Raw returns the attachment in the form that messages store.
func (a Attachment) Raw() json.RawMessage {
	raw, _ := json.Marshal(a) // encoding texts and numbers can't fail
	return raw
}

// ShownAttachments returns the attachments of the message that our own API shows.
func (m Message) ShownAttachments() []Attachment { return ShownAttachments(m.Attachments) }

// ShownAttachments returns those of the given attachments that our own API shows: the ones with an
// address that browsers may open.
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
	d.UseNumber() // so that an unusual number doesn't hide the others
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

// IsWebAddress reports whether an address is an http or https URL without a user name. Only these
// are shown: a browser may execute other schemes, and a password would be sent to every reader.
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
