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

// ChunkSize is how many bytes, more or less, the parts of a large answer have.
const ChunkSize = 256 << 10

const (
	chunkRoom = ChunkSize + ChunkSize/8
)

// Output is the answer to one operation while it is written: what it may hold, and
// what the fields of Query and Mutation have given so far. They are resolved and
// written one after the other, each in chunks, which nothing copies until they go
// out.
type Output struct {
	ctx   context.Context //nolint:containedctx // it lasts as long as the operation
	oc    *graphql.OperationContext
	roots Roots
	limit int    // bytes of the answer
	lease *Lease // nil if nothing is leased

	mu      sync.Mutex
	written []*written // fields, as far as the answer has them
	loaded  int        // bytes that they were made from
	sealed  int        // bytes of the fields before the current one

	// Of the field that is being written:
	chunks [][]byte
	full   int   // bytes of the chunks
	room   int   // bytes that may be appended before more is asked for
	items  int   // items of pages
	nulls  int   // objects that are null since a field of theirs was and mustn't be
	failed error // why it can't be written; nil if a null is the cause
	freed  int   // bytes that it was made from, since they were last given back
	once   bool  // it has one list, so that its items are shown once

	refused error // why there won't be an answer; nil if there may
}

var errNull = errors.New("a value is missing that the schema wants")

// NewOutput makes the output of an operation whose answer has at most limit bytes. A lease,
// which may be nil, is for as many bytes as it has so far.
func NewOutput(ctx context.Context, oc *graphql.OperationContext, roots Roots, limit int, l *Lease) *Output {
	return &Output{ctx: ctx, oc: oc, roots: roots, limit: limit, lease: l}
}

type contextKey struct{}

// WithOutput says where the fields that are resolved are written to.
func WithOutput(ctx context.Context, o *Output) context.Context {
	return context.WithValue(ctx, contextKey{}, o)
}

// Loading counts what a resolver reads to be shown. It is nil if nobody counts. An error
// means that the resolver must stop, and return it.
func Loading(ctx context.Context) func(items, bytes int) error {
	if o, ok := ctx.Value(contextKey{}).(*Output); ok {
		return o.load
	}
	return nil
}

// Around is a graphql.FieldMiddleware: the fields of Query and Mutation come one by
// one, if there is time, and are written at once.
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
			return nil, o.refused // there won't be an answer
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

// write writes what a resolver gave, or returns it if only gqlgen can write it.
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

// allowed is how many bytes may be appended to the current chunk.
func (o *Output) allowed() int {
	return min(o.limit, o.lease.bytes()) - o.sealed - o.full
}

// more asks for room for a chunk of so many bytes, and some more. It reports whether
// there is.
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

// next begins another chunk if the current one is large enough. It returns nil if the
// caller has gone or its time is over.
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

// load counts the bytes of items that were read to be shown. More than twice as many as
// the answer may have are too many, whatever is shown of them.
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

// unload says that so many bytes are no longer needed.
func (o *Output) unload(bytes int) { o.freed += bytes }

// mark is a place in the output.
type mark struct{ chunks, size, full int }

func (o *Output) mark(b []byte) mark { return mark{len(o.chunks), len(b), o.full} }

// back returns the chunk as it was at a mark, without what came after it.
func (o *Output) back(b []byte, m mark) []byte {
	if len(o.chunks) > m.chunks {
		b = o.chunks[m.chunks]
	}
	o.chunks, o.full = o.chunks[:m.chunks], m.full
	o.room = o.allowed()
	return b[:m.size]
}

var errTooLarge = errors.New("the answer is too large")

// failure says why a field could not be written.
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

// tooLarge says what to ask for instead.
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

// pageArgument is the argument that says how long a page is, "" if there is none.
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

// lists counts the lists that are selected of a page.
func (o *Output) lists(fc *graphql.FieldContext) (n int) {
	of := fc.Field.Definition.Type.Name()
	for _, f := range graphql.CollectFields(o.oc, fc.Field.Selections, []string{of}) {
		if f.Definition != nil && f.Definition.Type.Elem != nil {
			n++
		}
	}
	return n
}

// written is a field that was written. It is a graphql.Marshaler that leaves a gap in
// gqlgen's answer.
type written struct {
	of     *Output
	chunks [][]byte
	at     int // where the gap is
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

// Parts are the answer's data, its gaps filled.
func (o *Output) Parts(data []byte) [][]byte {
	var parts [][]byte
	from := 0
	for _, f := range o.written {
		parts = append(append(parts, data[from:f.at]), f.chunks...)
		from = f.at
	}
	return append(parts, data[from:])
}

// Size is how many bytes there are in all parts.
func Size(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}
