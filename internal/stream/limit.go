package stream

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// maxAttachmentBytes is Stream's limit on the total size of a message's attachments, as JSON.
// docs/stream.md has a table of all of Stream's limits.
const maxAttachmentBytes = 5 << 10

// maxDataBytes is Stream's limit on the custom data of a channel, a user or a message, including
// name and image, as JSON.
const maxDataBytes = 5 << 10

// checkAttachments refuses attachments that are too large for Stream, unless they aren't larger
// than the previous ones, which Stream has accepted.
func checkAttachments(list, before []json.RawMessage) *chat.Error {
	size := sizeOf(list)
	if size > maxAttachmentBytes && size > sizeOf(before) {
		return chat.Invalid("attachments", "The attachments take %d bytes as JSON; Stream takes %d. Attach fewer, or shorten titles and addresses.", size, maxAttachmentBytes)
	}
	return nil
}

// checkRoom refuses a user's name that is too large for Stream together with the user's other data.
func checkRoom(field, name string, w wireUser) error {
	size := jsonLength(object{userNameField: name})
	if w.Image > 0 {
		size += len(`,"image":`) + int(w.Image)
	}
	if more := int(w.Custom) - len(`{}`); more > 0 {
		size += len(`,`) + more
	}
	if size > maxDataBytes && len(name) > len(w.Name) {
		return noRoom(field, "name", "user", size)
	}
	return nil
}

// checkChannelRoom refuses a partial update of a channel that makes its data too large for Stream,
// together with the data of others.
func checkChannelRoom(w wireChannel, set object, unset []string) error {
	after := object{}
	maps.Copy(after, w.Custom)
	maps.Copy(after, set)
	for _, name := range unset {
		delete(after, name)
	}
	size := jsonLength(after)
	if size <= maxDataBytes || size <= jsonLength(w.Custom) {
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

// jsonLength returns how many bytes a value that was JSON takes as JSON.
func jsonLength(v any) int {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return text.Len() - len("\n")
}

// asShown reports whether a given text is the one that was shown, and may replace text at Stream
// that isn't well-formed Unicode. Such a text isn't written, so that Stream keeps the original.
func asShown(given, shown string) bool {
	return given == shown && strings.ContainsRune(given, utf8.RuneError)
}

// sizeOf returns how many bytes attachments take at Stream, which escapes less than we do.
func sizeOf(list []json.RawMessage) int {
	values := make([]any, len(list))
	for i, raw := range list {
		_ = json.Unmarshal(raw, &values[i])
	}
	return jsonLength(values)
}
