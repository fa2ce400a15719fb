package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/stream/quota"
)

// Stream's codes that this package uses.
const (
	codeInput        = 4
	codeDoesNotExist = 16
	codeNotAllowed   = 17
	codeTooLong      = 20
	codeNoFeature    = 19
)

// meaning is what an error of Stream's means to our caller. If the message is empty, the caller
// gets Stream's message about the input.
type meaning struct {
	code    chat.Code
	message string
}

var (
	away      = meaning{chat.Unavailable, "Stream can't answer right now. Try again."}
	setUp     = meaning{chat.Unavailable, "Stream doesn't accept this server's credentials or app. Tell your operator."}
	tooFast   = meaning{chat.RateLimited, "Stream's rate limit is reached. Try again in a minute."}
	badInput  = meaning{chat.InvalidArguments, ""}
	notThere  = meaning{chat.NotFound, "Stream has no such channel, message or user."}
	forbidden = meaning{chat.Unauthorized, "You are not authorized to perform this operation."}
)

// meanings maps Stream's codes. Our credentials and our app are the operator's responsibility, so
// their errors are never shown as the caller's fault.
var meanings = map[int]meaning{
	-1: away,      // internal error
	2:  setUp,     // unknown API key
	4:  badInput,  // input
	5:  setUp,     // authentication
	6:  badInput,  // user name taken
	9:  tooFast,   // rate limit
	16: notThere,  // does not exist
	17: forbidden, // not allowed
	18: badInput,  // the channel type has no such event
	19: badInput,  // the channel type lacks the feature
	20: badInput,  // text too long
	21: badInput,  // a reply to a reply
	22: badInput,  // request too long
	23: away,      // took too long
	40: setUp,     // token expired
	41: setUp,     // token not valid yet
	42: setUp,     // token's date
	43: setUp,     // token's signature
	60: tooFast,   // cooldown of the channel
	70: forbidden, // no access to the channels
	73: badInput,  // refused by moderation
	99: setUp,     // app suspended
}

// byStatus returns the meaning of unknown codes.
func byStatus(status int) meaning {
	switch status {
	case http.StatusUnauthorized:
		return setUp
	case http.StatusForbidden:
		return forbidden
	case http.StatusNotFound:
		return notThere
	case http.StatusRequestTimeout:
		return away
	case http.StatusTooManyRequests:
		return tooFast
	}
	if status >= http.StatusInternalServerError || status < http.StatusBadRequest {
		return away
	}
	return badInput
}

// apiError is an error in Stream's answer.
type apiError struct {
	call       string
	status     int
	code       int           // 0 if the answer has none
	said       string        // Stream's message, which may repeat input: for the caller, never for the log
	retryAfter time.Duration // 0 for none
}

func (e *apiError) Error() string {
	return fmt.Sprintf("stream answered %q with status %d, code %d", e.call, e.status, e.code)
}

// down reports whether the error means that Stream itself is failing.
func (e *apiError) down() bool {
	return e.status >= http.StatusInternalServerError || e.status == http.StatusRequestTimeout
}

// lostError means that no complete answer arrived.
type lostError struct {
	call  string
	cause error
}

func (e *lostError) Error() string { return fmt.Sprintf("no answer to %q: %v", e.call, e.cause) }
func (e *lostError) Unwrap() error { return e.cause }

const maxSaid = 300 // bytes of Stream's message that a caller is shown

// shortened returns the part of Stream's message that is shown to callers.
func shortened(said string) string {
	return strings.ToValidUTF8(said[:min(len(said), maxSaid)], "")
}

// asChatError converts the error of a failed call for our caller.
func asChatError(err error) error {
	if err == nil {
		return nil
	}
	m := away
	if e, ok := errors.AsType[*apiError](err); ok {
		if m, ok = meanings[e.code]; !ok {
			m = byStatus(e.status)
		}
		if m.message == "" {
			m.message = "Stream refused the input: " + cmp.Or(shortened(e.said), "it doesn't say why.")
		}
	} else if _, ok := errors.AsType[*quota.WaitError](err); ok {
		m = tooFast
	}
	return &chat.Error{Code: m.code, Message: m.message, Cause: err}
}

// Refused returns Stream's message if it answered an error that a retry would not change.
func Refused(err error) (said string, refused bool) {
	e, answered := errors.AsType[*apiError](err)
	if !answered || e.down() || e.status == http.StatusTooManyRequests || e.status == http.StatusUnauthorized {
		return "", false
	}
	return e.said, true
}

// said reports whether Stream answered with that code.
func said(err error, code int) bool {
	e, ok := errors.AsType[*apiError](err)
	return ok && e.code == code
}

// inField sets the input field of an error about input that Stream refused.
func inField(err error, field string) error {
	e, ok := errors.AsType[*chat.Error](err)
	if !ok || e.Code != chat.InvalidArguments || e.Field != "" {
		return err
	}
	named := *e
	named.Field = field
	return &named
}

// lost reports whether a change may have had an effect although it failed.
func lost(err error) bool {
	switch chat.CodeOf(err) {
	case chat.Unavailable, chat.Internal:
		return true
	}
	return false
}

// unsent reports whether a request was never sent, since there was no connection.
func unsent(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// healthy reports whether a failure says nothing bad about Stream.
func healthy(err error) bool {
	e, ok := errors.AsType[*apiError](err)
	return err == nil || ok && !e.down()
}

// gone returns an error if the caller gave up before anything was done.
func gone(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return &chat.Error{Code: chat.Unavailable, Message: "The request took too long or was given up. Nothing was changed; try again.", Cause: ctx.Err()}
}
