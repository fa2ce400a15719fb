package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// ChunkSize is the approximate size of the parts of a large answer, in bytes.
const ChunkSize = 256 << 10

const (
	chunkRoom = ChunkSize + ChunkSize/8
)

// Output is the answer to one operation while it is written: its limits and the root fields written
// so far. Root fields are resolved and written one after the other, each in chunks, which aren't
// copied before they are sent.
type Output struct {
	ctx   context.Context //nolint:containedctx // it is used only during the operation
	oc    *graphql.OperationContext
	roots Roots
	limit int    // maximum size of the answer, in bytes
	lease *Lease // nil if no memory is leased

	mu      sync.Mutex
	written []*written // fields that are in the answer
	loaded  int        // bytes of the data from which they were made
	sealed  int        // bytes of the fields before the current one

	// For the field that is being written:
	chunks [][]byte
	full   int   // total size of the chunks
	room   int   // bytes that may be appended before more must be leased
	items  int   // number of items of pages
	nulls  int   // objects that are null because a non-null field of theirs was null
	failed error // why it can't be written; nil if a null is the cause
	freed  int   // bytes of data that are no longer needed and not yet returned
	once   bool  // it has one list, so that its items are written only once

	refused error // why there will be no answer; nil if there may be one
}

var errNull = errors.New("a value is missing that the schema wants")

// NewOutput returns the output of an operation whose answer has at most limit bytes. l may be nil;
// otherwise it grows with the answer.
func NewOutput(ctx context.Context, oc *graphql.OperationContext, roots Roots, limit int, l *Lease) *Output {
	return &Output{ctx: ctx, oc: oc, roots: roots, limit: limit, lease: l}
}

type contextKey struct{}

// WithOutput sets the output for the fields that are resolved with the context.
func WithOutput(ctx context.Context, o *Output) context.Context {
	return context.WithValue(ctx, contextKey{}, o)
}

// Loading returns a function that counts the data that a resolver reads; nil if it isn't counted.
// If the function returns an error, the resolver must stop and return it.
func Loading(ctx context.Context) func(items, bytes int) error {
	if o, ok := ctx.Value(contextKey{}).(*Output); ok {
		return o.load
	}
	return nil
}

// Around is a graphql.FieldMiddleware. It resolves the root fields one after the other, unless the
// time is over, and writes each immediately.
func (o *Output) Around(inner graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		fc := graphql.GetFieldContext(ctx)
		if fc.Object != "Query" && fc.Object != "Mutation" {
			return inner(ctx, next)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if o.refused != nil {
			return nil, o.refused // there will be no answer
		}
		o.items, o.failed = 0, nil
		defer func() { o.lease.unload(math.MaxInt) }()
		result, err := inner(ctx, next)
		if errors.Is(err, errTooLarge) {
			err = o.failure(fc)
		}
		root, known := o.roots[fc.Object+"."+fc.Field.Name]
		if err != nil || !known {
			return result, err
		}
		return o.write(ctx, fc, root, result)
	}
}

// write writes a resolver's result, or returns it if only gqlgen can write it.
func (o *Output) write(ctx context.Context, fc *graphql.FieldContext, root Root, result any) (any, error) {
	o.begin()
	o.once = o.lists(fc) == 1
	b, planned := root.Write(o, fc.Field.Selections, result)
	if !planned {
		return result, nil
	}
	if b == nil {
		return nil, o.failure(fc)
	}
	if o.nulls > 0 {
		graphql.AddError(ctx, errNull)
	}
	o.chunks = append(o.chunks, b)
	o.sealed += o.full + len(b)
	return &written{of: o, chunks: o.chunks}, nil
}

func (o *Output) begin() {
	o.chunks, o.full, o.items, o.nulls, o.failed = nil, 0, 0, 0, nil
	o.freed, o.once = 0, false
	o.room = o.allowed()
}

// allowed returns the number of bytes that may be appended to the current chunk.
func (o *Output) allowed() int {
	return min(o.limit, o.lease.bytes()) - o.sealed - o.full
}

// more leases room for a chunk of that size and some more. It reports whether that succeeded.
func (o *Output) more(size int) bool {
	if size > o.limit-o.sealed-o.full {
		o.failed = errTooLarge
		return false
	}
	if lacking := size - o.allowed(); lacking > 0 {
		if err := o.lease.take(o.ctx, max(lacking, ChunkSize)); err != nil {
			o.failed = err
			return false
		}
	}
	o.room = o.allowed()
	return true
}

// next starts another chunk if the current one is large enough. It returns nil if the caller has
// disconnected or the time is over.
func (o *Output) next(b []byte) []byte {
	if len(b) < ChunkSize || o.lease == nil {
		return b
	}
	if o.ctx.Err() != nil {
		o.failed = context.Cause(o.ctx)
		return nil
	}
	o.lease.unload(o.freed)
	o.freed = 0
	o.chunks = append(o.chunks, b)
	o.full += len(b)
	o.room -= len(b)
	return make([]byte, 0, chunkRoom)
}

// load counts the bytes of items that a resolver has read. It fails at more than twice the maximum
// size of the answer, even if only a part of the items is shown.
func (o *Output) load(items, bytes int) error {
	o.items += items
	if o.loaded += bytes; o.loaded/2 > o.limit {
		o.items /= 2
		o.failed = errTooLarge
		return errTooLarge
	}
	o.refused = o.lease.load(o.ctx, bytes)
	return o.refused
}

// unload marks that many bytes as no longer needed.
func (o *Output) unload(bytes int) { o.freed += bytes }

// mark is a position in the output.
type mark struct{ chunks, size, full int }

func (o *Output) mark(b []byte) mark { return mark{len(o.chunks), len(b), o.full} }

// back returns the chunk as it was at a mark, and drops what followed.
func (o *Output) back(b []byte, m mark) []byte {
	if len(o.chunks) > m.chunks {
		b = o.chunks[m.chunks]
	}
	o.chunks, o.full = o.chunks[:m.chunks], m.full
	o.room = o.allowed()
	return b[:m.size]
}

var errTooLarge = errors.New("the answer is too large")

// failure returns why a field could not be written.
func (o *Output) failure(fc *graphql.FieldContext) error {
	switch {
	case o.failed == nil:
		return errNull
	case !errors.Is(o.failed, errTooLarge):
		o.refused = o.failed
		return o.failed
	}
	o.refused = o.tooLarge(fc)
	return o.refused
}

// tooLarge returns an error that says what to ask for instead.
func (o *Output) tooLarge(fc *graphql.FieldContext) error {
	message := fmt.Sprintf("The answer would be longer than %d bytes. ", o.limit)
	instead := o.roots[fc.Object+"."+fc.Field.Name].instead
	arg := pageArgument(fc)
	fits := o.items * 3 / 4 / max(1, o.lists(fc))
	if fits > 20 {
		fits -= fits % 10
	}
	switch {
	case instead != "":
		return chat.Invalid("", "%s%s", message, instead)
	case arg == "":
		return chat.Invalid("", "%sAsk for fewer fields, or for fewer things in one request.", message)
	case fits == 0:
		return chat.Invalid(arg, "%sAsk for fewer fields, or for %s: 1.", message, arg)
	}
	return chat.Invalid(arg, "%sAsk for %s: %d, or for fewer fields.", message, arg, fits)
}

// pageArgument returns the argument with the page size, "" if there is none.
func pageArgument(fc *graphql.FieldContext) string {
	if last, _ := fc.Args["last"].(*int); last != nil {
		return "last"
	}
	if first, _ := fc.Args["first"].(*int); first != nil {
		return "first"
	}
	for _, name := range []string{"last", "first"} {
		if _, takes := fc.Args[name]; takes {
			return name
		}
	}
	return ""
}

// lists counts the lists in the selection of a page.
func (o *Output) lists(fc *graphql.FieldContext) (n int) {
	of := fc.Field.Definition.Type.Name()
	for _, f := range graphql.CollectFields(o.oc, fc.Field.Selections, []string{of}) {
		if f.Definition != nil && f.Definition.Type.Elem != nil {
			n++
		}
	}
	return n
}

// written is a field that was written. It is a graphql.Marshaler that leaves a gap in gqlgen's
// answer.
type written struct {
	of     *Output
	chunks [][]byte
	at     int // the position of the gap
}

// MarshalGQL implements graphql.Marshaler.
func (f *written) MarshalGQL(w io.Writer) {
	if b, ok := w.(*bytes.Buffer); ok {
		f.at = b.Len()
		f.of.written = append(f.of.written, f)
		return
	}
	for _, c := range f.chunks {
		_, _ = w.Write(c)
	}
}

// Parts returns the answer's data with the gaps filled.
func (o *Output) Parts(data []byte) [][]byte {
	var parts [][]byte
	from := 0
	for _, f := range o.written {
		parts = append(append(parts, data[from:f.at]), f.chunks...)
		from = f.at
	}
	return append(parts, data[from:])
}

// Size returns the total size of the parts, in bytes.
func Size(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}
