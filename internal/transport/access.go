package transport

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

const (
	succeeded = "OK"   // the code of a field that didn't fail
	noField   = "none" // for a request that was refused before its operation was found
)

// Access is the access log's entry for a request or an operation.
type Access struct {
	Remote    string // the caller's address
	Caller    string // the user id in the token; "" without a valid token
	Operation string // the root fields, or noField
	Code      string // of the first error, or OK
	Took      time.Duration
	RequestID string
}

// accountFor records the result of an HTTP request in the metrics and the access log.
func (s *Server) accountFor(ctx context.Context, a *answer, began time.Time) {
	if a.elsewhere {
		return
	}
	s.tell(ctx, a.caller, a.oc, a.errors, began)
}

// account records the result of an operation on a live connection.
func (s *Server) account(ctx context.Context, oc *graphql.OperationContext, errs gqlerror.List, began time.Time) {
	s.tell(ctx, Request(ctx).Caller.ID, oc, errs, began)
}

// tell counts each root field with its result, and writes an entry to the access log.
func (s *Server) tell(ctx context.Context, caller string, oc *graphql.OperationContext, errs gqlerror.List, began time.Time) {
	if s.metrics == nil && s.access == nil {
		return
	}
	took := time.Since(began)
	fields := rootFields(oc)
	for _, f := range fields {
		s.metrics.Request(f.name, codeOf(f.alias, errs), took)
	}
	if s.access == nil {
		return
	}
	from := sourceOf(ctx)
	s.access(Access{Remote: from.remote, Caller: caller, Operation: names(fields), Code: codeOf("", errs), Took: took, RequestID: from.id})
}

// rootField is a root field of an operation.
type rootField struct{ name, alias string }

// rootFields returns the root fields of an operation. Their names come from the schema, since only
// a valid document has any.
func rootFields(oc *graphql.OperationContext) []rootField {
	if oc == nil || oc.Operation == nil || len(oc.Operation.SelectionSet) == 0 {
		return []rootField{{name: noField}}
	}
	if f, ok := oc.Operation.SelectionSet[0].(*ast.Field); ok && len(oc.Operation.SelectionSet) == 1 {
		return []rootField{{f.Name, f.Alias}}
	}
	var list []rootField
	for _, f := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query", "Mutation", "Subscription"}) {
		list = append(list, rootField{f.Name, f.Alias})
	}
	return list
}

func names(fields []rootField) string {
	if len(fields) == 1 {
		return fields[0].name
	}
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return clip(strings.Join(list, " "), maxNameShown)
}

// codeOf returns the code of a field's first error or, if alias is "", of the first error of all.
// An error without a path belongs to every field.
func codeOf(alias string, errs gqlerror.List) string {
	for _, e := range errs {
		if len(e.Path) > 0 && alias != "" {
			if first, ok := e.Path[0].(ast.PathName); !ok || string(first) != alias {
				continue
			}
		}
		return fmt.Sprint(e.Extensions["code"])
	}
	return succeeded
}

// span starts the span of an operation, named by its type alone, without the document, as in
// OpenTelemetry's GraphQL convention. end records how it ended.
func (s *Server) span(ctx context.Context, oc *graphql.OperationContext) (_ context.Context, end func(gqlerror.List)) {
	if s.tracer == nil || !trace.SpanContextFromContext(ctx).IsSampled() { // neither is this one, then
		return ctx, func(gqlerror.List) {}
	}
	kind := string(oc.Operation.Operation)
	ctx, span := s.tracer.Start(ctx, kind, trace.WithAttributes(
		attribute.String("graphql.operation.type", kind), attribute.String("graphql.operation.name", clip(oc.Operation.Name, maxNameShown)),
		attribute.String("backchannel.fields", names(rootFields(oc))), attribute.String("backchannel.request_id", requestID(ctx))))
	return ctx, func(errs gqlerror.List) {
		if len(errs) > 0 {
			span.SetStatus(codes.Error, codeOf("", errs))
		}
		span.End()
	}
}
