package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

const (
	maxBody       = 1 << 20  // bytes
	byteOrderMark = "\ufeff" // some tools write it before texts; RFC 8259 allows ignoring it
)

// httpError refuses a request before its operation is known.
type httpError struct {
	status  int
	code    string
	message string
	field   string // the invalid parameter or header; may be empty
	allow   string // for the Allow header; may be empty
}

func badParameter(field, message string) *httpError {
	return &httpError{status: http.StatusBadRequest, code: codeInvalidArguments, message: message, field: field}
}

func malformed(message string) *httpError {
	return &httpError{status: http.StatusBadRequest, code: codeParseFailed, message: message}
}

// parameters reads the operation from the URL of a GET or the body of a POST. Its errors don't
// repeat what was sent.
func parameters(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *httpError) {
	if r.Method == http.MethodGet {
		return urlParameters(r.URL.RawQuery)
	}
	if err := checkContentType(r.Header); err != nil {
		return nil, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return bodyParameters(body)
}

func checkContentType(h http.Header) *httpError {
	unsupported := &httpError{
		status: http.StatusUnsupportedMediaType, code: codeInvalidArguments,
		message: "Send the request as application/json in UTF-8, uncompressed.", field: "Content-Type",
	}
	name, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || name != string(plainJSON) || !utf8Charset(params) {
		return unsupported
	}
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		unsupported.field = "Content-Encoding"
		return unsupported
	}
	return nil
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *httpError) {
	var text bytes.Buffer
	text.Grow(int(min(max(r.ContentLength, 0), maxBody)) + bytes.MinRead)
	_, err := text.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, &httpError{
			status: http.StatusRequestEntityTooLarge, code: codeInvalidArguments,
			message: fmt.Sprintf("The request body must be at most %d bytes long.", maxBody),
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, &httpError{
			status: http.StatusRequestTimeout, code: codeInvalidArguments, message: "The request body did not come in time.",
		}
	}
	if err != nil {
		return nil, malformed("The request body ended early.")
	}
	return text.Bytes(), nil
}

// bodyParameters parses a POST body: a JSON object with query and optionally operationName,
// variables and extensions. It doesn't use a struct, since encoding/json ignores the case of names.
func bodyParameters(body []byte) (*graphql.RawParams, *httpError) {
	if !utf8.Valid(body) {
		return nil, malformed("The request body is not valid UTF-8.")
	}
	value, err := decode(bytes.TrimPrefix(body, []byte(byteOrderMark)))
	if errors.Is(err, errHalfCharacter) {
		return nil, malformed("The request body has text that isn't well-formed Unicode, such as a lone surrogate.")
	}
	if err != nil {
		return nil, malformed("The request body is not valid JSON.")
	}
	given, ok := value.(map[string]any)
	if !ok {
		return nil, badParameter("", "The request body must be one JSON object; batches are not supported.")
	}
	return readParameters(given)
}

// urlParameters parses the query of a GET. Empty parameters count as omitted.
func urlParameters(query string) (*graphql.RawParams, *httpError) {
	given, err := url.ParseQuery(query)
	if err != nil || !utf8.ValidString(strings.Join(given["query"], "")+strings.Join(given["variables"], "")) {
		return nil, malformed("The URL's query is malformed.")
	}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(given[name]) > 1 {
			return nil, badParameter(name, "Give "+name+" once.")
		}
	}
	values := map[string]any{}
	for name := range given {
		text := given.Get(name)
		switch {
		case text == "":
		case name == "variables" || name == "extensions":
			if values[name], err = decode([]byte(text)); err != nil {
				return nil, badParameter(name, name+" must be a JSON object.")
			}
		default:
			values[name] = text
		}
	}
	return readParameters(values)
}

// readParameters converts JSON values to parameters; null counts as omitted.
func readParameters(given map[string]any) (*graphql.RawParams, *httpError) {
	p := &graphql.RawParams{}
	for _, one := range []struct {
		name string
		read func(value any) bool
		must string
	}{
		{"query", into(&p.Query), "a string"},
		{"operationName", into(&p.OperationName), "a string"},
		{"variables", into(&p.Variables), "a JSON object"},
		{"extensions", into(&p.Extensions), "a JSON object"},
	} {
		if value := given[one.name]; value != nil && !one.read(value) {
			return nil, badParameter(one.name, one.name+" must be "+one.must+".")
		}
	}
	if p.Query == "" && p.Extensions["persistedQuery"] == nil {
		return nil, badParameter("query", "Give the GraphQL document in query.")
	}
	return p, nil
}

// into returns a function that stores a value if it has the right type, and reports whether it has.
func into[T any](place *T) func(any) bool {
	return func(value any) (ok bool) {
		*place, ok = value.(T)
		return ok
	}
}

var (
	errTrailing      = errors.New("more than one value")
	errHalfCharacter = errors.New("it has text that isn't well-formed Unicode, such as a lone surrogate")
)

// decode decodes one JSON value and keeps numbers as they are written.
func decode(text []byte) (value any, err error) {
	if !chat.WellFormed(text) {
		return nil, errHalfCharacter
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return value, nil
}
