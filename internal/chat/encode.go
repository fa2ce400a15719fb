package chat

import (
	"bytes"
	"encoding/json"
)

// Encode writes what servers send each other. It leaves texts as they are: escaping them
// for HTML would change attachments.
func Encode(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return text.Bytes(), err
}

// Decode reads what Encode wrote, and numbers as the database does, as they are written.
func Decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}
