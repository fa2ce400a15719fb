package transport

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/transport/plan"
)

// answer writes the response to one request.
type answer struct {
	w      http.ResponseWriter
	media  mediaType // "" if the caller accepts none of ours
	stream bool      // the caller accepts server-sent events
	gzip   bool      // the caller accepts gzip, and the answer contains no secret

	// For the metrics and the access log.
	caller    string
	oc        *graphql.OperationContext // nil if no operation was found
	errors    gqlerror.List
	elsewhere bool // the operation is recorded elsewhere
}

func newAnswer(w http.ResponseWriter, r *http.Request) *answer {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return &answer{w: w, media: negotiate(r.Header.Values("Accept")), stream: wantsStream(r.Header), gzip: acceptsGzip(r.Header)}
}

func wrongMethod(allow, message string) *httpError {
	return &httpError{
		status: http.StatusMethodNotAllowed, code: codeInvalidArguments, message: message, allow: allow,
	}
}

// refuse answers a request that isn't a GraphQL request.
func (a *answer) refuse(e *httpError) {
	if e.allow != "" {
		a.w.Header().Set("Allow", e.allow)
	}
	a.send(e.status, gqlerror.List{requestError(e.code, e.message, e.field, nil)})
}

// refuseDocument answers a GraphQL request that can't be run.
func (a *answer) refuseDocument(errs gqlerror.List) {
	status := http.StatusOK
	if a.media == graphqlJSON && errs[0] != noPersistedQueries {
		status = http.StatusBadRequest
	}
	a.send(status, errs)
}

// give answers with the result of an operation.
func (a *answer) give(res *result) { a.sendParts(http.StatusOK, res.parts()) }

// wireError is an error in an answer. Message and locations are always present.
type wireError struct {
	Message    string              `json:"message"`
	Locations  []gqlerror.Location `json:"locations"`
	Path       ast.Path            `json:"path,omitempty"`
	Extensions map[string]any      `json:"extensions"`
}

// send answers with errors only.
func (a *answer) send(status int, errs gqlerror.List) {
	a.errors = errs
	a.sendParts(status, [][]byte{append(head(errs, false), '}')})
}

// sendParts writes the response. Small parts are combined, since each write is a system call.
func (a *answer) sendParts(status int, parts [][]byte) {
	media := a.media
	if media == "" {
		media = plainJSON
	}
	h := a.w.Header()
	h.Set("Content-Type", string(media)+"; charset=utf-8")
	h.Add("Vary", "Accept-Encoding")
	size := plan.Size(parts)
	if a.gzip && size >= compressFrom {
		h.Set("Content-Encoding", "gzip")
		a.w.WriteHeader(status)
		writeCompressed(a.w, parts...)
		return
	}
	h.Set("Content-Length", strconv.Itoa(size))
	a.w.WriteHeader(status)
	var small []byte
	for _, p := range parts {
		if len(p) <= smallPart {
			small = append(small, p...)
			continue
		}
		_, _ = a.w.Write(small)
		small = small[:0]
		if _, err := a.w.Write(p); err != nil {
			return
		}
	}
	_, _ = a.w.Write(small)
}

// smallPart is the maximum size of a part that is copied instead of written separately.
const smallPart = 4 << 10

// head returns the response up to its data.
func head(errs gqlerror.List, withData bool) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(errs) > 0 {
		b.WriteString(`"errors":`)
		writeErrors(&b, errs)
		if withData {
			b.WriteByte(',')
		}
	}
	if withData {
		b.WriteString(`"data":`)
	}
	return b.Bytes()
}

func writeErrors(b *bytes.Buffer, errs gqlerror.List) {
	wire := make([]wireError, len(errs))
	for i, e := range errs {
		wire[i] = wireError{Message: e.Message, Locations: e.Locations, Path: e.Path, Extensions: e.Extensions}
		if e.Locations == nil {
			wire[i].Locations = []gqlerror.Location{}
		}
	}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(wire)
	b.Truncate(b.Len() - 1) // the encoder's newline
}
