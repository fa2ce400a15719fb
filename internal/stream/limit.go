package stream

import (
	"encoding/json"

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

func sizeOf(list []json.RawMessage) (n int) {
	for _, raw := range list {
		n += len(raw)
	}
	return n
}
