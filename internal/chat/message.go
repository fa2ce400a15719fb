package chat

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on messages. DefaultMaxText can be configured, the others are fixed.
const (
	DefaultMaxText = 5_000 // characters of a text
	MaxAttachments = 30
	MaxMentions    = 25    // different users mentioned in one message
	MaxTitleLength = 255   // characters of an attachment's title
	MaxURLLength   = 2_048 // bytes of an attachment's URL
)

// Message is what somebody posted in a channel.
type Message struct {
	ID          string
	CID         CID
	Seq         int64 // its number in the channel's log, which has no gap and which events share
	Sender      User
	Text        string // "" once deleted
	Attachments []Attachment
	Mentions    []User         // who is mentioned, in the order given
	Restricted  bool           // it is for some users only, of hosted Stream: shown to the back office alone
	Shadowed    bool           // its sender was shadow banned: shown to that one and the back office alone
	Reactions   map[string]int // how many of each, by their word
	CreatedAt   time.Time
	EditedAt    time.Time // zero where it never was
	PinnedAt    time.Time // zero while it isn't
	PinExpires  time.Time // zero for never
	DeletedAt   time.Time // zero while it stands; a deleted message keeps its number and sender only
}

// VisibleTo reports whether somebody who may read the channel may see the message. A
// role in the chat helps nobody.
func (m Message) VisibleTo(who Actor) bool {
	return who.BackOffice || !m.Restricted && (!m.Shadowed || who.ID != "" && who.ID == m.Sender.ID)
}

// Size is about how many bytes the message takes in memory.
func (m Message) Size() int {
	const fixed = 500 // of a message, or of a part of it
	size := fixed + len(m.Text) + len(m.Sender.Name) + fixed*len(m.Mentions)
	for i := range m.Attachments {
		a := &m.Attachments[i]
		size += fixed + len(a.Title) + len(a.TitleLink) + len(a.AssetURL) + len(a.ImageURL) + len(a.ThumbURL)
	}
	return size
}

// Cursor marks the message's place in its channel.
func (m Message) Cursor() string { return encodeCursor(messageCursor, itoa(m.Seq)) }

// Attachment is a picture, video or whatever else a message carries, by URL. The JSON
// names are those of Stream's wire.
type Attachment struct {
	Type      FileKind `json:"type"` // of those that came through Stream's API, any word, e.g. file
	Title     string   `json:"title"`
	TitleLink string   `json:"title_link,omitempty"`
	AssetURL  string   `json:"asset_url"`
	ImageURL  string   `json:"image_url,omitempty"` // the asset again where it is a picture

	// Of what was uploaded here; else as whoever sent it says.
	ThumbURL string `json:"thumb_url,omitempty"`       // a small picture of it; "" where none is known
	Width    int    `json:"original_width,omitempty"`  // in pixels, as it is seen; 0 where it isn't known
	Height   int    `json:"original_height,omitempty"` // as Width
}

// NewAttachment checks and classifies an attachment. The error's field is
// "title", "titleLink" or "assetUrl". titleLink may be nil.
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
	if longerThan(title, MaxTitleLength) || hasNUL(title) {
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

// wrongWith says what a URL's parser stumbled over, without the URL.
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

// CheckText says what is wrong with a message's text of at most limit characters.
// A text in which nothing can be seen is as good as empty, and a message may be empty
// only if it carries attachments.
func CheckText(text string, limit int, attachments int) *Error {
	switch {
	case longerThan(text, limit):
		return Invalid("", "The text must be at most %d characters long.", limit)
	case hasNUL(text):
		return Invalid("", "The text must not contain the NUL character.")
	case attachments == 0 && trim(text) == "":
		return Invalid("", "A message without attachments needs a text.")
	case attachments == 0 && !visible(text):
		return Invalid("", "A message without attachments needs a text that can be seen.")
	}
	return nil
}

// MaxMessageIDLength is the longest id of a message, in bytes.
const MaxMessageIDLength = 255

// CheckMessageID says what is wrong with a message id, or nil.
func CheckMessageID(id string) *Error {
	if id == "" || len(id) > MaxMessageIDLength || hasNUL(id) {
		return Invalid("", "A message id is 1 to %d bytes long.", MaxMessageIDLength)
	}
	return nil
}

// FoldMentions drops repeated ids, keeping the first of each, and checks that no
// more than [MaxMentions] remain.
func FoldMentions(ids []string) ([]string, *Error) {
	var folded []string
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			folded = append(folded, id)
		}
	}
	if len(folded) > MaxMentions {
		return nil, Invalid("", "A message mentions at most %d users.", MaxMentions)
	}
	return folded, nil
}

// UnknownUsers is the error for ids of nobody.
func UnknownUsers(field string, ids []string) *Error {
	named := slices.Sorted(slices.Values(ids))
	for i, id := range named {
		if len(id) > MaxUserIDLength {
			named[i] = strings.ToValidUTF8(id[:MaxUserIDLength], "") + "…"
		}
	}
	return Invalid(field, "No such chat users: %s.", strings.Join(named, ", "))
}

// within returns err as one of a field.
func within(field string, err *Error) *Error {
	e := *err
	e.Field = field
	return &e
}
