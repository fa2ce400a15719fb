package stream

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// maxAttachmentBytes is how much Stream takes of a message's attachments together, as
// JSON. docs/stream.md has all of Stream's limits in one table.
const maxAttachmentBytes = 5 << 10

// maxDataBytes is how much Stream takes of custom data of a channel, a user or a message, with
// name and image, as JSON.
const maxDataBytes = 5 << 10

// checkAttachments refuses attachments that are too large for Stream, unless they
// take no more than those before, which Stream has.
func checkAttachments(list, before []json.RawMessage) error {
	size := sizeOf(list)
	if size > maxAttachmentBytes && size > sizeOf(before) {
		return chat.Invalid("attachments", "The attachments take %d bytes as JSON; Stream takes %d. Attach fewer, or shorten titles and addresses.", size, maxAttachmentBytes)
	}
	return nil
}

// checkRoom refuses a user's name that is too large for Stream together with the data that others
// keep of the user.
func checkRoom(field, name string, w wireUser) error {
	size := len(name) + int(w.Image+w.Custom)
	if size > maxDataBytes && len(name) > len(w.Name) {
		return noRoom(field, "name", "user", size)
	}
	return nil
}

// checkChannelRoom refuses a partial update of a channel that makes its data too large for Stream
// together with those that others keep there.
func checkChannelRoom(w wireChannel, set object, unset []string) error {
	after := object{}
	maps.Copy(after, w.Custom)
	maps.Copy(after, set)
	for _, name := range unset {
		delete(after, name)
	}
	size := dataSize(after)
	if size <= maxDataBytes || size <= dataSize(w.Custom) {
		return nil
	}
	if name, _ := set[nameField].(string); len(name) > len(w.text(nameField)) {
		return noRoom("name", "name", "channel", size)
	}
	return noRoom("avatarFilename", "avatar's address", "channel", size)
}

func noRoom(field, what, of string, size int) error {
	return chat.Invalid(field, "The %s and the other data of the %s take %d bytes; Stream takes %d.", what, of, size, maxDataBytes)
}

// dataSize is how many bytes data take as JSON.
func dataSize(data object) int {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(data) // it was JSON
	return text.Len() - len("\n")
}

// asShown reports whether a text that a caller gives is what was shown of Stream's, and may stand for
// text that isn't well-formed Unicode. It isn't written then, so that Stream keeps what it has.
func asShown(given, shown string) bool {
	return given == shown && strings.ContainsRune(given, utf8.RuneError)
}

func sizeOf(list []json.RawMessage) (n int) {
	for _, raw := range list {
		n += len(raw)
	}
	return n
}
