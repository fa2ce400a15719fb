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

// checkAttachments refuses attachments that are too large for Stream, unless they
// take no more than those before, which Stream has.
func checkAttachments(list, before []json.RawMessage) error {
	size := sizeOf(list)
	if size > maxAttachmentBytes && size > sizeOf(before) {
		return chat.Invalid("attachments", "The attachments take %d bytes as JSON; Stream takes %d. Attach fewer, or shorten titles and addresses.", size, maxAttachmentBytes)
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
