package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Code says what kind of failure an [Error] is, in the words of the GraphQL
// contract.
type Code string

// The codes that a caller can get in extensions.code.
const (
	Unauthorized         Code = "UNAUTHORIZED"            // the caller may not do this
	InvalidArguments     Code = "INVALID_ARGUMENTS"       // the caller has to change its input
	FileTypeNotSupported Code = "FILE_TYPE_NOT_SUPPORTED" // the file is of no type the chat shows
	NotFound             Code = "NOT_FOUND"               // a channel, message or user that must exist doesn't
	Conflict             Code = "CONFLICT"                // somebody else changed the same, or the idempotency key was used for something else
	RateLimited          Code = "RATE_LIMITED"            // too many requests; try again later
	Unavailable          Code = "UNAVAILABLE"             // the provider can't be reached; nothing was changed, unless Outcome says otherwise
	Refetch              Code = "REFETCH"                 // the log no longer reaches back that far; query again and subscribe anew
	Unsupported          Code = "UNSUPPORTED"             // the chat behind Backchannel can't do this; the message says what can
	Internal             Code = "INTERNAL"                // a bug; the message is constant, the log has the cause
)

// FileTypeMessage is the one message of [FileTypeNotSupported], word for word
// from the reference document.
const FileTypeMessage = "File does not support. You must use .png or .jpg/jpeg or .mp4 or .avi or .mov or .flv"

// Reason says which rule refused, if Stream's API has a code of its own for it, or if it is
// about a file ([Reason.IsOfFile]).
type Reason string

// The reasons, except those of files.
const (
	TooLong     Reason = "too long"
	SwitchedOff Reason = "switched off" // by the channel's settings
	NameTaken   Reason = "name taken"
	Cooldown    Reason = "cooldown"     // the sender must wait before the next message
	Nested      Reason = "nested reply" // a reply to a reply
	Moderated   Reason = "moderated"    // the message has a word of a block list
)

// Outcome says what a failed change did, if it may have changed something.
type Outcome string

// OutcomeUnknown means that nobody knows whether the change was made. Repeating it with the
// same key finds out.
const OutcomeUnknown Outcome = "UNKNOWN"

// Error is a failure that a caller is told about.
type Error struct {
	Code      Code
	Reason    Reason        // may be empty
	Limit     int64         // of the reason; 0 for none
	Found     string        // the format of a file by its content, e.g. "HEIC"; "" if not known
	Message   string        // safe to show: it says what to change, never an internal
	Field     string        // the field at fault, as the chat or the caller calls it, e.g. "attachments[2].assetUrl"; may be empty
	Wait      time.Duration // before the next try, for RateLimited; 0 if not known
	Outcome   Outcome       // "" if nothing was changed
	Change    string        // id of the change that is in the way, for Conflict; "" for none, or if it left no record
	Remaining []CID         // the channels that a failed bulk delete has left
	Cause     error         // for the log only; may be nil
}

// Error is code, field, message and cause, for logs and tests.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Field != "" {
		text += " " + e.Field
	}
	text += ": " + e.Message
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the first [Error] in err's chain. An error without
// one is a bug, hence [Internal]; no error has the code "".
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// MessageOf returns the message of an error that the caller may see.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Something went wrong on our side."
}

// Invalid says what is wrong with one input field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: InvalidArguments, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Because sets an error's reason, and returns the error.
func (e *Error) Because(r Reason) *Error {
	e.Reason = r
	return e
}

// Missing says that something doesn't exist that must.
func Missing(field, format string, args ...any) *Error {
	return &Error{Code: NotFound, Field: field, Message: fmt.Sprintf(format, args...)}
}

// TooFast says that there were too many requests, and how long to wait.
func TooFast(wait time.Duration, format string, args ...any) *Error {
	return &Error{Code: RateLimited, Wait: wait,
		Message: fmt.Sprintf(format, args...) + fmt.Sprintf(" Wait %d s.", (&Error{Wait: wait}).Seconds())}
}

// Seconds is how long to wait, in whole seconds, 0 if not known.
func (e *Error) Seconds() int { return int((e.Wait + time.Second - 1) / time.Second) }

// Lacking says that the chat behind Backchannel can't do something, and what to do
// instead.
func Lacking(format string, args ...any) *Error {
	return &Error{Code: Unsupported, Message: fmt.Sprintf(format, args...)}
}

// Undecided tells a caller that nobody knows whether its change was made.
func Undecided(cause error) *Error {
	return &Error{Code: Unavailable, Outcome: OutcomeUnknown, Cause: cause, Message: "The chat can't be reached right now, " +
		"and it could not be found out in time whether the change was made. " +
		"Repeat the request with the same Idempotency-Key, or look first whether it was made."}
}

// Denied refuses the caller. Its message is the same for every cause, so that a stranger
// learns nothing from it. The cause is for the log.
func Denied(cause error) *Error {
	return &Error{
		Code:    Unauthorized,
		Message: "You are not authorized to perform this operation.",
		Cause:   cause,
	}
}

// EncodeError turns an error's chat.Error, if it has one, into text that
// [DecodeError] reads, without its cause: a repeated operation fails as it did at
// first. It is "" for any other error and for nil.
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

// DecodeError reads what EncodeError made.
func DecodeError(text string) (*Error, error) {
	e := &Error{}
	if err := json.Unmarshal([]byte(text), e); err != nil {
		return nil, fmt.Errorf("reading a kept outcome: %w", err)
	}
	return e, nil
}
