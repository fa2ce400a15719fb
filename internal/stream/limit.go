package stream

import (
	"encoding/json"
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
		return chat.Invalid(field, "The name and the other data of the user take %d bytes; Stream takes %d.", size, maxDataBytes)
	}
	return nil
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
