package plan

import (
	"bytes"
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// MaxEvent is how many bytes one event of a subscription may have.
const MaxEvent = 2 << 20

// Events makes what writes the responses of a subscription in one go, for one goroutine:
// nil if only gqlgen can tell what to write. The field is the subscription's, and of is
// what it gives. The error says why an event can't be written, and if there is a text
// too, why an object in it is null.
func Events[T any](of *Object[T], oc *graphql.OperationContext, f graphql.CollectedField) func(*T) ([]byte, error) {
	o := NewOutput(context.Background(), oc, nil, MaxEvent, nil)
	w := of.plan(o, f.Selections)
	if w == nil {
		return nil
	}
	prefix := `{"data":{"` + f.Alias + `":`
	var scratch []byte
	return func(v *T) ([]byte, error) {
		o.begin()
		b := w(append(scratch[:0], prefix...), v)
		switch {
		case errors.Is(o.failed, errTooLarge):
			return nil, chat.Invalid("", "The event would be longer than %d bytes. Ask for fewer fields.", MaxEvent)
		case b == nil:
			return nil, errNull
		}
		b = append(b, "}}"...)
		if cap(b) <= ChunkSize {
			scratch = b
		}
		text := bytes.Clone(b) // it is kept until the slowest subscriber has it
		if o.nulls > 0 {
			return text, errNull
		}
		return text, nil
	}
}
