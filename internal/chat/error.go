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

// The codes a caller can meet in extensions.code.
const (
	Unauthorized         Code = "UNAUTHORIZED"            // the caller may not do this
	InvalidArguments     Code = "INVALID_ARGUMENTS"       // the caller has to change its input
	FileTypeNotSupported Code = "FILE_TYPE_NOT_SUPPORTED" // the file is of no type the chat shows
	NotFound             Code = "NOT_FOUND"               // a channel, message or user that must exist does not
	Conflict             Code = "CONFLICT"                // an idempotency key stands for something else already
	RateLimited          Code = "RATE_LIMITED"            // too many requests; try again later
	Unavailable          Code = "UNAVAILABLE"             // the provider can't be reached; nothing was changed, unless Outcome says otherwise
	Refetch              Code = "REFETCH"                 // the log no longer reaches back that far; query again and subscribe anew
	Unsupported          Code = "UNSUPPORTED"             // the chat behind Backchannel can't do this; the message says what can
	Internal             Code = "INTERNAL"                // a bug; the message is constant, the log has the cause
)

// FileTypeMessage is the one message of [FileTypeNotSupported], word for word
// from the reference document.
const FileTypeMessage = "File does not support. You must use .png or .jpg/jpeg or .mp4 or .avi or .mov or .flv"

// Reason says which rule refused, where Stream's API has a code of its own for it, and
// for files, where [Reason.IsOfFile].
type Reason string

// The reasons that are told apart, beside those of files.
const (
	TooLong     Reason = "too long"
	SwitchedOff Reason = "switched off" // by the channel's settings
	NameTaken   Reason = "name taken"
	Cooldown    Reason = "cooldown"     // somebody must wait before the next message
	Nested      Reason = "nested reply" // a reply to a reply
	Moderated   Reason = "moderated"    // a block list has a word of the message
)

// Outcome says what became of a change that failed, if it isn't that nothing was
// changed.
type Outcome string

// OutcomeUnknown means that nobody knows whether the change was made. Repeating it with the
// same key finds out.
const OutcomeUnknown Outcome = "UNKNOWN"

// Error is a failure that a caller is told about.
type Error struct {
	Code      Code
	Reason    Reason        // may be empty
	Limit     int64         // that the reason speaks of; 0 for none
	Found     string        // the format that a file is of by its content, e.g. "HEIC"; "" if that isn't known
	Message   string        // safe to show: it names what to change, never an internal
	Field     string        // what is at fault, as the chat or the caller calls it, e.g. "attachments[2].assetUrl"; may be empty
	Wait      time.Duration // before the next try, of RateLimited; 0 where nobody knows
	Outcome   Outcome       // "" if nothing was changed
	Remaining []CID         // after a bulk delete that failed in part: the channels still there
	Cause     error         // for the log only; may be nil
}

// Error gives code, field, message and cause, for logs and tests.
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

// Unwrap gives the cause.
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

// MessageOf returns what the caller may be told of an error.
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

// Because gives an error its reason, and returns it.
func (e *Error) Because(r Reason) *Error {
	e.Reason = r
	return e
}

// Missing says that something which must exist does not.
func Missing(field, format string, args ...any) *Error {
	return &Error{Code: NotFound, Field: field, Message: fmt.Sprintf(format, args...)}
}

// TooFast refuses for now, and says how long to wait.
func TooFast(wait time.Duration, format string, args ...any) *Error {
	return &Error{Code: RateLimited, Wait: wait,
		Message: fmt.Sprintf(format, args...) + fmt.Sprintf(" Wait %d s.", (&Error{Wait: wait}).Seconds())}
}

// Seconds is how long to wait, in whole seconds, 0 where nobody knows.
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

// Denied refuses the caller. Its message is the same whatever the cause was, so
// that a stranger learns nothing from it; the cause is for the log.
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
