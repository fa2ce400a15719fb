package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// GraphQL's own codes, in addition to those of package chat.
const (
	codeInvalidArguments = string(chat.InvalidArguments)
	codeParseFailed      = "GRAPHQL_PARSE_FAILED"
	codeValidationFailed = "GRAPHQL_VALIDATION_FAILED"
)

const (
	internalMessage    = "Something went wrong on our side. Give the request id to your operator."
	unavailableMessage = "The service can't answer right now. It is safe to try again."
	maxMessage         = 500 // characters of a message about a document
)

// requestError returns an error that refuses a document or its variables.
func requestError(code, message, field string, at *ast.Position) *gqlerror.Error {
	e := &gqlerror.Error{Message: message, Extensions: map[string]any{}}
	if field != "" {
		e.Extensions["field"] = field
	}
	if at != nil {
		e.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return withCode(e, code)
}

// withCode adds a code to an error about a document.
func withCode(g *gqlerror.Error, code string) *gqlerror.Error {
	e := *g
	e.Message = clip(g.Message, maxMessage)
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions["code"] = code
	return &e
}

// clip shortens a text to a number of characters.
func clip(s string, limit int) string {
	n := 0
	for i := range s {
		if n++; n > limit {
			return s[:i] + "…"
		}
	}
	return s
}

// panicError is a panic of a resolver.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

func recoverPanic(_ context.Context, value any) error {
	return &panicError{value: value, stack: debug.Stack()}
}

// presenter converts every error of a field to the form that callers see, and logs what the
// operator must know.
type presenter struct {
	logger *slog.Logger
	tally  *tally
	names  inputNames

	refused func(ctx context.Context, r desk.Request, name string, query bool, err error) error // records the refusal
}

func newPresenter(l *slog.Logger, schema Schema, refused func(context.Context, desk.Request, string, bool, error) error) presenter {
	return presenter{
		refused: refused,
		logger:  l,
		tally:   &tally{started: time.Now()},
		names:   inputNames{schema: schema.Executable.Schema(), others: schema.InputNames},
	}
}

// present is a graphql.ErrorPresenterFunc.
func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	e := p.classify(ctx, err)
	p.log(ctx, e)
	p.record(ctx, e)
	g := &gqlerror.Error{Message: e.Message, Extensions: extensions(ctx, e)}
	if fc := graphql.GetFieldContext(ctx); fc != nil {
		g.Path = fc.Path()
		g.Locations = locations(fc)
	}
	p.tally.failure(g)
	return g
}

// classify returns the chat.Error in an error's chain. Any other error is a bug.
func (p presenter) classify(ctx context.Context, err error) chat.Error {
	field := argument(ctx, err)
	switch e, _ := errors.AsType[*chat.Error](err); {
	case e != nil && e.Code != chat.Internal && e.Code != "":
		found := *e
		if found.Field = p.names.inputField(ctx, found.Field); found.Field == "" {
			found.Field = field
		}
		return found
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		if isMutation(ctx) { // a known cause would be in the chain
			return *chat.Undecided(rootCause(err))
		}
		return chat.Error{Code: chat.Unavailable, Message: unavailableMessage, Cause: rootCause(err)}
	case field != "" && !isPanic(err):
		return *chat.Invalid(field, "%s %s.", field, rootCause(err).Error())
	case e != nil:
		return chat.Error{Code: chat.Internal, Message: internalMessage, Cause: e}
	}
	return chat.Error{Code: chat.Internal, Message: internalMessage, Cause: rootCause(err)}
}

// argument returns the invalid input if gqlgen couldn't read a field's arguments. In that case the
// error's path is longer than the field's.
func argument(ctx context.Context, err error) string {
	g, ok := errors.AsType[*gqlerror.Error](err)
	fc := graphql.GetFieldContext(ctx)
	if !ok || fc == nil {
		return ""
	}
	reached := len(fc.Path())
	if len(g.Path) <= reached {
		return ""
	}
	return g.Path[reached:].String()
}

func isMutation(ctx context.Context) bool {
	if !graphql.HasOperationContext(ctx) {
		return false
	}
	op := graphql.GetOperationContext(ctx).Operation
	return op != nil && op.Operation == ast.Mutation
}

func isPanic(err error) bool {
	_, ok := errors.AsType[*panicError](err)
	return ok
}

// rootCause returns an error without gqlgen's wrapping.
func rootCause(err error) error {
	for {
		g, ok := errors.AsType[*gqlerror.Error](err)
		switch {
		case !ok:
			return err
		case g.Err == nil:
			return errors.New(g.Message)
		}
		err = g.Err
	}
}

func extensions(ctx context.Context, e chat.Error) map[string]any {
	all := map[string]any{"code": e.Code}
	if e.Field != "" {
		all["field"] = e.Field
	}
	if e.Reason.IsOfFile() {
		all["reason"] = e.Reason
	}
	if e.Wait > 0 {
		all["retryAfter"] = e.Seconds()
	}
	if e.Outcome != "" {
		all["outcome"] = e.Outcome
	}
	if e.Change != "" {
		all["change"] = e.Change
	}
	if len(e.Remaining) > 0 {
		cids := make([]string, len(e.Remaining))
		for i, cid := range e.Remaining {
			cids[i] = cid.String()
		}
		all["remaining"] = cids
	}
	if e.Code == chat.Internal {
		all["requestId"] = requestID(ctx)
	}
	return all
}

// locations returns where the query contains the field. The items of a list have no field of their
// own.
func locations(fc *graphql.FieldContext) []gqlerror.Location {
	for ; fc != nil; fc = fc.Parent {
		if fc.Field.Field != nil && fc.Field.Position != nil {
			return []gqlerror.Location{{Line: fc.Field.Position.Line, Column: fc.Field.Position.Column}}
		}
	}
	return nil
}

// log logs bugs, outages and refusals; outages and refusals once per request. It never logs what a
// caller sent: no tokens, variables or texts.
func (p presenter) log(ctx context.Context, e chat.Error) {
	level, message := slog.LevelInfo, "caller refused"
	switch e.Code {
	case chat.Internal:
		level, message = slog.LevelError, "field failed"
	case chat.Unavailable:
		level, message = slog.LevelWarn, "field failed"
	case chat.Unauthorized:
	default:
		return
	}
	if e.Code != chat.Internal && !firstOf(ctx, e.Code) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", requestID(ctx)),
		slog.String("operation", operationName(ctx)),
		slog.String("code", string(e.Code)),
	}
	if remote := sourceOf(ctx).remote; remote != "" {
		attrs = append(attrs, slog.String("remote", remote))
	}
	if e.Cause != nil {
		attrs = append(attrs, slog.String("cause", e.Cause.Error()))
	}
	if caller := Request(ctx).Caller.ID; caller != "" {
		attrs = append(attrs, slog.String("caller", caller))
	}
	if bug, ok := errors.AsType[*panicError](e.Cause); ok {
		attrs = append(attrs, slog.String("stack", string(bug.stack)))
	}
	p.logger.LogAttrs(ctx, level, message, attrs...) //nolint:sloglint // one of two constants
}

// record records the refusal of a field of Query or Mutation if refusals of it are recorded.
func (p presenter) record(ctx context.Context, e chat.Error) {
	fc := graphql.GetFieldContext(ctx)
	if e.Code != chat.Unauthorized || fc == nil || fc.Object != "Mutation" && fc.Object != "Query" {
		return
	}
	if err := p.refused(ctx, Request(ctx), fc.Field.Name, fc.Object == "Query", &e); err != nil {
		p.logger.Error("a refusal could not be recorded", "request_id", requestID(ctx), "error", err)
	}
}

// operationName returns the operation's name, or its root field if it has no name.
func operationName(ctx context.Context) string {
	if !graphql.HasOperationContext(ctx) {
		return ""
	}
	if op := graphql.GetOperationContext(ctx).Operation; op != nil && op.Name != "" {
		return clip(op.Name, maxNameShown)
	}
	for fc := graphql.GetFieldContext(ctx); fc != nil; fc = fc.Parent {
		if fc.Field.Field != nil && (fc.Parent == nil || fc.Parent.Field.Field == nil) {
			return fc.Field.Name
		}
	}
	return ""
}
