package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/chat"
	"backchannel/internal/transport/fanout"
	"backchannel/internal/transport/plan"
)

// groupKey is equal for subscriptions that receive the same events in the same form, so that each
// event is rendered once for all of them.
type groupKey struct {
	query, operation string
	variables        string // except the one that says where to start
	backOffice       bool   // whether fields for the back office are shown
	user             string // the user whose own events these are; "" for other subscriptions
}

// subscription is an operation of type subscription, before it has joined a group.
type subscription struct {
	oc     *graphql.OperationContext
	field  graphql.CollectedField
	source Source
	own    bool
}

// subscription returns the subscription of an operation.
func (s *Schema) subscription(oc *graphql.OperationContext) (*subscription, *gqlerror.Error) {
	fields := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 || fields[0].Definition == nil || fields[0].Name == "__typename" {
		return nil, requestError(codeValidationFailed, "Subscribe to one field of Subscription.", "", oc.Operation.Position)
	}
	f := fields[0]
	known := s.Subscriptions[f.Name]
	return &subscription{oc: oc, field: f, source: known.Source(f.ArgumentMap(oc.Variables)), own: known.Own}, nil
}

// key returns the subscription's group key.
func (s *subscription) key(reader chat.Actor) groupKey {
	variables := s.oc.Variables
	if after := s.field.Arguments.ForName("after"); after != nil && after.Value.Kind == ast.Variable {
		variables = maps.Clone(variables)
		delete(variables, after.Value.Raw)
	}
	text, _ := json.Marshal(variables) // names are sorted
	k := groupKey{query: s.oc.RawQuery, operation: s.oc.OperationName, variables: string(text), backOffice: reader.BackOffice}
	if s.own {
		k.user = reader.ID
	}
	return k
}

// present converts a failure to an error of the subscribed field.
func (s *subscription) present(ctx context.Context, p presenter, err error) gqlerror.List {
	return presentField(ctx, p, s.field, err)
}

// subscribedField returns the field of an operation that is known to be a subscription.
func subscribedField(oc *graphql.OperationContext) graphql.CollectedField {
	return graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Subscription"})[0]
}

func presentField(ctx context.Context, p presenter, f graphql.CollectedField, err error) gqlerror.List {
	e := *p.present(ctx, err)
	e.Path = ast.Path{ast.PathName(f.Alias)}
	e.Locations = []gqlerror.Location{{Line: f.Position.Line, Column: f.Position.Column}}
	return gqlerror.List{&e}
}

var errNotRendered = errors.New("an event could not be rendered")

// rendering returns a function that renders events as responses, for use by one goroutine. It
// doesn't depend on the subscriber.
func (s *Server) rendering(oc *graphql.OperationContext) fanout.Render {
	subscribed := subscribedField(oc)
	planned := plan.Events(s.schema.Subscriptions[subscribed.Name].Events, oc, subscribed)
	if planned == nil {
		return s.gqlgensRendering(oc)
	}
	return func(e *chat.Event) []byte {
		text, err := planned(e)
		if err == nil {
			return text
		}
		errs := presentField(context.Background(), s.presenter, subscribed, err)
		if text == nil {
			return response(errs, nil)
		}
		return slices.Concat([]byte(`{"errors":`), refusal(errs), []byte(","), text[1:])
	}
}

// gqlgensRendering executes the subscription once, with a channel to which each event is sent when
// it is rendered.
func (s *Server) gqlgensRendering(oc *graphql.OperationContext) fanout.Render {
	source := make(chan *chat.Event, 1)
	ctx := context.WithValue(context.Background(), eventsKey, (<-chan *chat.Event)(source))
	next, ctx := s.runner.DispatchOperation(ctx, oc)
	return func(e *chat.Event) (text []byte) {
		defer func() {
			if value := recover(); value != nil {
				text = s.failure(ctx, recoverPanic(ctx, value))
			}
		}()
		source <- e
		res := next(ctx)
		if res == nil || len(source) > 0 {
			<-source
			return s.failure(ctx, errNotRendered)
		}
		return response(res.Errors, res.Data)
	}
}

func (s *Server) failure(ctx context.Context, err error) []byte {
	return response(gqlerror.List{s.presenter.present(ctx, err)}, nil)
}

// response returns a response as JSON.
func response(errs gqlerror.List, data []byte) []byte {
	if data == nil {
		data = []byte("null")
	}
	return slices.Concat(head(errs, true), data, []byte("}"))
}

// refusal returns a list of errors as JSON.
func refusal(errs gqlerror.List) []byte {
	var b bytes.Buffer
	writeErrors(&b, errs)
	return b.Bytes()
}
