package transport

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/chat"
	"backchannel/internal/transport/plan"
)

// Most tests serve the real schema, whose package imports this one. So they are a package
// of their own, and this is what they see of the inside.

type LiveLimits = liveLimits

const (
	Subprotocol        = subprotocol
	EventStream        = eventStreamType
	InternalMessage    = internalMessage
	UnavailableMessage = unavailableMessage
	MaxBody            = maxBody

	CloseBadMessage   = closeBadMessage
	CloseUnauthorized = closeUnauthorized
	CloseForbidden    = closeForbidden
	CloseNoProtocol   = closeNoProtocol
	CloseInitTimeout  = closeInitTimeout
	CloseDuplicate    = closeDuplicate
	CloseTooMany      = closeTooMany
	CloseRestart      = closeRestart
)

var WithRequest = withRequest

func (s *Server) Limits() *LiveLimits  { return &s.live.limits }
func (s *Server) Members() int         { return s.groups.Members() }
func (s *Server) Groups() int          { return s.groups.Len() }
func (s *Server) Connections() int     { return s.live.size() }
func (s *Server) CachedDocuments() int { return s.runner.documents.lru.Len() }
func (s *Server) Memory() *plan.Memory { return &s.memory }

// Unfinished is how many bytes of a user's messages have come in part.
func (s *Server) Unfinished(user string) int {
	u := &s.live.unfinished
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.bytes[user]
}

// StandStill has the server hear nobody for a while, as on a machine that was suspended,
// and then look after its connections.
func (s *Server) StandStill(d time.Duration) {
	for _, c := range s.live.list() {
		c.(*session).seen.Add(-int64(d)) // as the clock has it afterwards
		c.(*session).opened = c.(*session).opened.Add(-d)
		c.sweep(context.Background(), time.Now(), d)
	}
}

// Operation prepares an operation.
func (s *Server) Operation(ctx context.Context, query string, variables map[string]any) (*graphql.OperationContext, gqlerror.List) {
	return s.runner.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
}

// Run runs an operation.
func (s *Server) Run(ctx context.Context, oc *graphql.OperationContext) (data string, failed bool) {
	r := s.execute(ctx, oc)
	defer r.release()
	for _, part := range r.data {
		data += string(part)
	}
	return data, len(r.errors) > 0
}

// CarriesSecrets reports whether the answer to an operation may carry a secret.
func (s *Server) CarriesSecrets(oc *graphql.OperationContext) bool {
	return s.schema.carriesSecrets(oc)
}

// Render shows an event in the way of this package, and as gqlgen does.
func (s *Server) Render(oc *graphql.OperationContext, e *chat.Event) (planned, gqlgens string) {
	f := subscribedField(oc)
	if plan.Events(s.schema.Subscriptions[f.Name].Events, oc, f) == nil {
		return "", string(s.gqlgensRendering(oc)(e))
	}
	return string(s.rendering(oc)(e)), string(s.gqlgensRendering(oc)(e))
}

// LeftToGqlgen is a schema of which nothing is written in one go.
func LeftToGqlgen(s Schema) Schema {
	s.Roots = nil
	return s
}

// CountPlanned is a schema that counts the fields that are written in one go, and those of
// them that are left to gqlgen.
func CountPlanned(s Schema) (counted Schema, fast, slow *atomic.Int64) {
	fast, slow = new(atomic.Int64), new(atomic.Int64)
	roots := plan.Roots{}
	for name, root := range s.Roots {
		write := root.Write
		root.Write = func(o *plan.Output, set ast.SelectionSet, result any) ([]byte, bool) {
			b, ok := write(o, set, result)
			if ok {
				fast.Add(1)
			} else {
				slow.Add(1)
			}
			return b, ok
		}
		roots[name] = root
	}
	s.Roots = roots
	return s, fast, slow
}
