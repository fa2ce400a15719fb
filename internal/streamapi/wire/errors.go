package wire

import (
	"errors"
	"fmt"
	"net/http"

	"backchannel/internal/chat"
)

// Kind is a kind of failure: Stream's code and HTTP status.
type Kind struct{ Code, Status int }

// The kinds of failure, as Stream numbers them.
var (
	InternalError = Kind{-1, http.StatusInternalServerError}
	BadKey        = Kind{2, http.StatusUnauthorized}
	InputError    = Kind{4, http.StatusBadRequest}
	BadAuth       = Kind{5, http.StatusUnauthorized}
	RateLimited   = Kind{9, http.StatusTooManyRequests}
	doesNotExist  = Kind{16, http.StatusNotFound}
	NotAllowed    = Kind{17, http.StatusForbidden}
	duplicateName = Kind{6, http.StatusBadRequest}
	FeatureOff    = Kind{19, http.StatusBadRequest}
	textTooLong   = Kind{20, http.StatusBadRequest}
	nestedReply   = Kind{21, http.StatusBadRequest}
	coolingDown   = Kind{60, http.StatusForbidden}
	moderated     = Kind{73, http.StatusBadRequest}
	PayloadTooBig = Kind{22, http.StatusRequestEntityTooLarge}
	TokenExpired  = Kind{40, http.StatusUnauthorized}
	TokenEarly    = Kind{41, http.StatusUnauthorized}
	TokenBadDate  = Kind{42, http.StatusUnauthorized}
	BadSignature  = Kind{43, http.StatusUnauthorized}
	TokenRevoked  = Kind{40, http.StatusUnauthorized}
	Unavailable   = Kind{-1, http.StatusServiceUnavailable}
)

// kinds maps the engine's codes to kinds of failure.
var kinds = map[chat.Code]Kind{
	chat.Unauthorized:         NotAllowed,
	chat.InvalidArguments:     InputError,
	chat.FileTypeNotSupported: InputError,
	chat.NotFound:             doesNotExist,
	chat.Conflict:             InputError,
	chat.RateLimited:          RateLimited,
	chat.Unavailable:          Unavailable,
	chat.Refetch:              InputError,
	chat.Unsupported:          FeatureOff,
	chat.Internal:             InternalError,
}

// reasons are the failures that have a kind of their own, in addition to [kinds].
var reasons = map[chat.Reason]Kind{
	chat.TooLong:     textTooLong,
	chat.TooLarge:    PayloadTooBig,
	chat.SwitchedOff: FeatureOff,
	chat.NameTaken:   duplicateName,
	chat.Cooldown:    coolingDown,
	chat.Nested:      nestedReply,
	chat.Moderated:   moderated,
}

// Error is a failure in the form of this API.
type Error struct {
	Kind    Kind
	Message string // safe to show
	Cause   error  // for the log; may be nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Invalid returns an error about the caller's input.
func Invalid(format string, args ...any) error {
	return &Error{Kind: InputError, Message: fmt.Sprintf(format, args...)}
}

// Missing returns an error about something that doesn't exist.
func Missing(format string, args ...any) error {
	return &Error{Kind: doesNotExist, Message: fmt.Sprintf(format, args...)}
}

// AsError converts any failure to one of this API.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		k, special := reasons[e.Reason]
		if !special {
			k = kinds[e.Code]
		}
		return &Error{Kind: k, Message: e.Message, Cause: e}
	}
	return &Error{Kind: InternalError, Message: "Something went wrong on our side.", Cause: err}
}

// ErrorBody is Stream's form of an error.
type ErrorBody struct {
	Code            int               `json:"code"`
	Message         string            `json:"message"`
	StatusCode      int               `json:"StatusCode"`
	Duration        string            `json:"duration"`
	MoreInfo        string            `json:"more_info"`
	ExceptionFields map[string]string `json:"exception_fields,omitempty"`
	Details         []int             `json:"details"`
}

// MoreInfo is the document that errors refer to.
const MoreInfo = "docs/conformance.md"
