package transport

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/klauspost/compress/gzip" // a third of the standard library's CPU at the same size; BSD and MIT
	"github.com/vektah/gqlparser/v2/ast"
)

// compressFrom is the least size of an answer that is compressed, in bytes.
const compressFrom = 1 << 10

// The fastest level. The next ones cost two to three times as much and save a tenth.
var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // which is a level
	return z
}}

// carriesSecrets reports whether the answer to an operation may carry a secret.
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

// acceptsGzip reads Accept-Encoding. A client that doesn't say gets plain text.
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
	z.Reset(io.Discard) // so that it doesn't keep w
}

// Body is that of an answer that is written as it comes about. Close ends it.
type Body struct {
	w io.Writer
	z *gzip.Writer // nil if the caller doesn't accept gzip
}

// NewBody begins the body of the answer to r, compressed if the caller accepts that; the answer must carry no
// secret. The headers are set in h, and the body goes to w.
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

// Flush passes on what was written.
func (b *Body) Flush() error {
	if b.z != nil {
		return b.z.Flush()
	}
	return nil
}

// Close implements io.Closer. It doesn't close the writer below.
func (b *Body) Close() error {
	if b.z == nil {
		return nil
	}
	err := b.z.Close()
	b.z.Reset(io.Discard) // so that it doesn't keep w
	compressors.Put(b.z)
	return err
}
