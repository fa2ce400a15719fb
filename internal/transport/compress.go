package transport

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/klauspost/compress/gzip" // a third of the standard library's CPU time for the same size; BSD and MIT
	"github.com/vektah/gqlparser/v2/ast"
)

// compressFrom is the minimum size of an answer to compress, in bytes.
const compressFrom = 1 << 10

// The fastest level. The next ones need two to three times the CPU time and save a tenth.
var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	return z
}}

// carriesSecrets reports whether the answer to an operation may contain a secret.
func (s *Schema) carriesSecrets(oc *graphql.OperationContext) bool {
	if oc.Operation.Operation != ast.Mutation {
		return false
	}
	for _, f := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Mutation"}) {
		if s.Secrets[f.Name] {
			return true
		}
	}
	return false
}

// acceptsGzip parses Accept-Encoding. Without it answers aren't compressed.
func acceptsGzip(h http.Header) bool {
	wildcard := false
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		wanted := true
		if _, q, given := strings.Cut(params, "="); given {
			weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			wanted = err == nil && weight > 0
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			wildcard = wanted
		}
	}
	return wildcard
}

// writeCompressed writes the parts of an answer.
func writeCompressed(w io.Writer, parts ...[]byte) {
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(w)
	for _, part := range parts {
		_, _ = z.Write(part)
	}
	_ = z.Close()
	z.Reset(io.Discard) // so that it doesn't retain w
}

// Body is the body of an answer that is written piece by piece. The caller must close it.
type Body struct {
	w io.Writer
	z *gzip.Writer // nil if the caller doesn't accept gzip
}

// NewBody starts the body of the answer to r. It is compressed if the caller accepts that, so the
// answer must not contain secrets. NewBody sets headers in h and writes the body to w.
func NewBody(w io.Writer, h http.Header, r *http.Request) *Body {
	h.Add("Vary", "Accept-Encoding")
	b := &Body{w: w}
	if acceptsGzip(r.Header) {
		h.Set("Content-Encoding", "gzip")
		b.z = compressors.Get().(*gzip.Writer)
		b.z.Reset(w)
	}
	return b
}

// Write implements io.Writer.
func (b *Body) Write(p []byte) (int, error) {
	if b.z != nil {
		return b.z.Write(p)
	}
	return b.w.Write(p)
}

// Flush sends what was written.
func (b *Body) Flush() error {
	if b.z != nil {
		return b.z.Flush()
	}
	return nil
}

// Close implements io.Closer. It doesn't close the underlying writer.
func (b *Body) Close() error {
	if b.z == nil {
		return nil
	}
	err := b.z.Close()
	b.z.Reset(io.Discard) // so that it doesn't retain w
	compressors.Put(b.z)
	return err
}
