package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Code is the kind of failure of an [Error], with the names of the GraphQL contract.
type Code string

// The codes that a caller can get in extensions.code.
const (
	Unauthorized         Code = "UNAUTHORIZED"            // the caller may not do this
	InvalidArguments     Code = "INVALID_ARGUMENTS"       // the caller must change its input
	FileTypeNotSupported Code = "FILE_TYPE_NOT_SUPPORTED" // the chat doesn't show files of this type
	NotFound             Code = "NOT_FOUND"               // a required channel, message or user doesn't exist
	Conflict             Code = "CONFLICT"                // somebody else changed the same thing, or the idempotency key was used for something else
	RateLimited          Code = "RATE_LIMITED"            // too many requests; try again later
	Unavailable          Code = "UNAVAILABLE"             // the provider can't be reached; nothing was changed unless Outcome is set
	Refetch              Code = "REFETCH"                 // the log no longer reaches back that far; query again and subscribe again
	Unsupported          Code = "UNSUPPORTED"             // the chat behind Backchannel can't do this; the message says which can
	Internal             Code = "INTERNAL"                // a bug; the message is constant, the log has the cause
)

// FileTypeMessage is the only message of [FileTypeNotSupported]. It is copied verbatim from the
// reference document.
const FileTypeMessage = "File does not support. You must use .png or .jpg/jpeg or .mp4 or .avi or .mov or .flv"

// Reason is the rule that refused a request. It is set if Stream's API has a code for the rule, or
// if the rule is about a file ([Reason.IsOfFile]).
type Reason string

// The reasons, except those of files.
const (
	TooLong     Reason = "too long"
	SwitchedOff Reason = "switched off" // disabled by the channel's settings
	NameTaken   Reason = "name taken"
	Cooldown    Reason = "cooldown"     // the sender must wait before the next message
	Nested      Reason = "nested reply" // a reply to a reply
	Moderated   Reason = "moderated"    // the message contains a word of a block list
)

// Outcome says what a failed change may have changed.
type Outcome string

// OutcomeUnknown means that it isn't known whether the change was made. Repeating it with the same
// key finds out.
const OutcomeUnknown Outcome = "UNKNOWN"

// Error is a failure that is reported to the caller.
type Error struct {
	Code      Code
	Reason    Reason        // may be empty
	Limit     int64         // the limit that Reason refers to; 0 for none
	Found     string        // the format of a file according to its content, e.g. "HEIC"; "" if unknown
	Message   string        // safe to show: it says what to change and contains nothing internal
	Field     string        // the invalid field, e.g. "attachments[2].assetUrl"; may be empty
	Wait      time.Duration // time to wait before the next attempt, for RateLimited; 0 if unknown
	Outcome   Outcome       // "" if nothing was changed
	Change    string        // id of the conflicting change, for Conflict; "" if it has no record
	Remaining []CID         // the channels that a failed bulk deletion didn't delete
	Cause     error         // for the log only; may be nil
}

// Error returns what logs, commands and tests need: code, field, and the cause. The message, which
// is for callers, is left out if there is a cause, since that says more.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Field != "" {
		text += " " + e.Field
	}
	if e.Outcome != "" {
		text += " (outcome " + string(e.Outcome) + ")"
	}
	if e.Cause == nil {
		return text + ": " + e.Message
	}
	if cause, ok := e.Cause.(*Error); ok && text == string(cause.Code) { //nolint:errorlint // the text of a wrapped one begins otherwise
		return cause.Error()
	}
	return text + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the first [Error] in err's chain. An error without one is a bug, so
// its code is [Internal]. The code of nil is "".
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// MessageOf returns the message of an error, which callers may see.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Something went wrong on our side."
}

// Invalid returns an error about one input field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: InvalidArguments, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Because sets an error's reason, and returns the error.
func (e *Error) Because(r Reason) *Error {
	e.Reason = r
	return e
}

// Missing returns an error about something that doesn't exist.
func Missing(field, format string, args ...any) *Error {
	return &Error{Code: NotFound, Field: field, Message: fmt.Sprintf(format, args...)}
}

// TooFast returns an error about too many requests, with the time to wait.
func TooFast(wait time.Duration, format string, args ...any) *Error {
	return &Error{Code: RateLimited, Wait: wait,
		Message: fmt.Sprintf(format, args...) + fmt.Sprintf(" Wait %d s.", (&Error{Wait: wait}).Seconds())}
}

// Seconds returns the time to wait in whole seconds, rounded up, 0 if unknown.
func (e *Error) Seconds() int { return int((e.Wait + time.Second - 1) / time.Second) }

// Lacking returns an error about something that the chat behind Backchannel can't do. The message
// says what to do instead.
func Lacking(format string, args ...any) *Error {
	return &Error{Code: Unsupported, Message: fmt.Sprintf(format, args...)}
}

// Undecided returns the error of a change of which it isn't known whether it was made.
func Undecided(cause error) *Error {
	return &Error{Code: Unavailable, Outcome: OutcomeUnknown, Cause: cause, Message: "The chat can't be reached right now, " +
		"and it could not be found out in time whether the change was made. " +
		"Repeat the request with the same Idempotency-Key, or look first whether it was made."}
}

// Denied returns the error for a caller without the right. Its message doesn't depend on the cause,
// so that strangers learn nothing from it. The cause is for the log.
func Denied(cause error) *Error {
	return &Error{
		Code:    Unauthorized,
		Message: "You are not authorized to perform this operation.",
		Cause:   cause,
	}
}

// EncodeError encodes the chat.Error in err's chain, without its cause, for [DecodeError], so that
// a repeated operation fails as it did the first time. It returns "" for any other error and for
// nil.
func EncodeError(err error) (string, error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return "", nil
	}
	kept := *e
	kept.Cause = nil
	text, err := json.Marshal(kept)
	if err != nil {
		return "", fmt.Errorf("keeping an outcome: %w", err)
	}
	return string(text), nil
}

// DecodeError decodes the result of EncodeError.
func DecodeError(text string) (*Error, error) {
	e := &Error{}
	if err := json.Unmarshal([]byte(text), e); err != nil {
		return nil, fmt.Errorf("reading a kept outcome: %w", err)
	}
	return e, nil
}
