package streamapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"backchannel/internal/chat"
)

// kind is a kind of failure: Stream's code and the HTTP status that goes with it.
type kind struct{ code, status int }

// The kinds of failure, as Stream numbers them.
var (
	internalError = kind{-1, http.StatusInternalServerError}
	badKey        = kind{2, http.StatusUnauthorized}
	inputError    = kind{4, http.StatusBadRequest}
	badAuth       = kind{5, http.StatusUnauthorized}
	rateLimited   = kind{9, http.StatusTooManyRequests}
	doesNotExist  = kind{16, http.StatusNotFound}
	notAllowed    = kind{17, http.StatusForbidden}
	duplicateName = kind{6, http.StatusBadRequest}
	featureOff    = kind{19, http.StatusBadRequest}
	textTooLong   = kind{20, http.StatusBadRequest}
	nestedReply   = kind{21, http.StatusBadRequest}
	coolingDown   = kind{60, http.StatusForbidden}
	moderated     = kind{73, http.StatusBadRequest}
	payloadTooBig = kind{22, http.StatusRequestEntityTooLarge}
	tokenExpired  = kind{40, http.StatusUnauthorized}
	tokenEarly    = kind{41, http.StatusUnauthorized}
	tokenBadDate  = kind{42, http.StatusUnauthorized}
	badSignature  = kind{43, http.StatusUnauthorized}
	tokenRevoked  = kind{40, http.StatusUnauthorized}
	unavailable   = kind{-1, http.StatusServiceUnavailable}
)

// kinds maps the engine's codes to kinds of failure.
var kinds = map[chat.Code]kind{
	chat.Unauthorized:         notAllowed,
	chat.InvalidArguments:     inputError,
	chat.FileTypeNotSupported: inputError,
	chat.NotFound:             doesNotExist,
	chat.Conflict:             inputError,
	chat.RateLimited:          rateLimited,
	chat.Unavailable:          unavailable,
	chat.Refetch:              inputError,
	chat.Unsupported:          featureOff,
	chat.Internal:             internalError,
}

// reasons are failures that have a kind of their own, beyond [kinds].
var reasons = map[chat.Reason]kind{
	chat.TooLong:     textTooLong,
	chat.TooLarge:    payloadTooBig,
	chat.SwitchedOff: featureOff,
	chat.NameTaken:   duplicateName,
	chat.Cooldown:    coolingDown,
	chat.Nested:      nestedReply,
	chat.Moderated:   moderated,
}

// apiError is a failure in this API's terms.
type apiError struct {
	kind    kind
	message string // safe to show
	cause   error  // for the log; may be nil
}

func (e *apiError) Error() string { return e.message }
func (e *apiError) Unwrap() error { return e.cause }

func invalid(format string, args ...any) error {
	return &apiError{kind: inputError, message: fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) error {
	return &apiError{kind: doesNotExist, message: fmt.Sprintf(format, args...)}
}

// noEndpoint says "Not Found" and "not available", since clients look for these words.
func noEndpoint(c *call) error {
	return missing("Not Found: %s %s is not available here; docs/conformance.md lists the endpoints that are", c.Method, c.URL.Path)
}

// asAPIError turns any failure into one of this API.
func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		k, special := reasons[e.Reason]
		if !special {
			k = kinds[e.Code]
		}
		return &apiError{kind: k, message: e.Message, cause: e}
	}
	return &apiError{kind: internalError, message: "Something went wrong on our side.", cause: err}
}

// errorBody is Stream's form of an error.
type errorBody struct {
	Code            int               `json:"code"`
	Message         string            `json:"message"`
	StatusCode      int               `json:"StatusCode"`
	Duration        string            `json:"duration"`
	MoreInfo        string            `json:"more_info"`
	ExceptionFields map[string]string `json:"exception_fields,omitempty"`
	Details         []int             `json:"details"`
}

const moreInfo = "docs/conformance.md"

// logRefused logs why a caller was refused. Failures of the server are logged elsewhere.
func (s *Server) logRefused(w http.ResponseWriter, r *http.Request, err error) {
	e := asAPIError(err)
	if e.kind.status >= http.StatusInternalServerError {
		return
	}
	attrs := []any{"request_id", w.Header().Get("X-Request-Id"), "remote", r.RemoteAddr, "path", r.URL.Path, "code", e.kind.code, "reason", e.message}
	if e.cause != nil {
		attrs = append(attrs, "cause", e.cause)
	}
	s.logger.Info("caller refused", attrs...)
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, name string, err error, begun time.Time) {
	e := asAPIError(err)
	if e.kind.status >= http.StatusInternalServerError {
		s.logger.Error("a request of Stream's API failed", "endpoint", name, "path", r.URL.Path, "error", err)
	}
	message := e.message
	if name != "" {
		message = fmt.Sprintf("%s failed with error: %q", name, message)
	}
	body, _ := json.Marshal(errorBody{ // all of it can be encoded
		Code: e.kind.code, Message: message, StatusCode: e.kind.status, Duration: took(begun), MoreInfo: moreInfo, Details: []int{},
	})
	if e.kind == rateLimited || e.kind == unavailable {
		w.Header().Set("Retry-After", "1")
	}
	write(w, e.kind.status, body)
}
