package plan

import (
	"bytes"
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// MaxEvent is the maximum size of an event of a subscription, in bytes.
const MaxEvent = 2 << 20

// Events returns a function that renders the responses of a subscription, for use by one goroutine;
// nil if only gqlgen can render them. f is the subscription's field and of the type of its events.
// The function's error says why an event can't be rendered or, if it returns a text too, why an
// object in it is null.
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
		text := bytes.Clone(b) // it is retained until the slowest subscriber has received it
		if o.nulls > 0 {
			return text, errNull
		}
		return text, nil
	}
}
