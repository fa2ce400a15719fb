package transport

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/metrics"
	"backchannel/internal/transport/fanout"
	"backchannel/internal/transport/plan"
	"backchannel/internal/transport/wire"
)

const (
	defaultTimeout = 30 * time.Second
	allowedMethods = "GET, POST"
	keyHeader      = "Idempotency-Key"
)

// Options configure the GraphQL endpoint. Desk and Verifier are required; the other fields have
// useful zero values.
type Options struct {
	Desk     *desk.Desk
	Verifier *auth.Verifier
	// Dev lets everybody introspect the schema, and adds suggestions to errors about unknown names.
	Dev bool
	// Timeout is the maximum duration of a request; 0 means 30 s.
	Timeout time.Duration
	// MaxAnswer is the maximum size of an answer in bytes, MaxBackOfficeAnswer that of an answer to
	// the back office; 0 means 8 and 64 MiB.
	MaxAnswer, MaxBackOfficeAnswer int
	// Logger logs failures; nil discards them.
	Logger *slog.Logger
	// Origins are the origins whose pages may call the endpoint from a browser; nil means only our
	// own.
	Origins *Origins
	// Metrics counts operations; may be nil.
	Metrics *metrics.Metrics
	// Access is called for each operation and each refused request; may be nil.
	Access func(Access)
	// Tracer creates a span for each operation; may be nil.
	Tracer trace.Tracer
	// LiveConnections is the maximum number of WebSockets and streams; 0 means 50,000.
	LiveConnections int
}

const (
	defaultAnswer           = 8 << 20  // bytes
	defaultBackOfficeAnswer = 64 << 20 // bytes
)

// New returns the handler of the GraphQL endpoint: GET, POST and the browser's OPTIONS according to
// the GraphQL-over-HTTP specification, and subscriptions over WebSocket and server-sent events.
func New(o Options, schema Schema) *Server {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Origins == nil {
		o.Origins, _ = NewOrigins("", nil, o.Logger) // this can't fail
	}
	s := &Server{
		schema:    schema,
		desk:      o.Desk,
		verifier:  o.Verifier,
		timeout:   o.Timeout,
		origins:   o.Origins,
		presenter: newPresenter(o.Logger, schema, o.Desk.Refused),
		live:      &connections{limits: defaultLiveLimits()},
		metrics:   o.Metrics,
		access:    o.Access,
		tracer:    o.Tracer,
	}
	s.live.limits.Wire.Slow, s.groups.Lag = o.Metrics.Slow, o.Metrics.Lag
	o.Metrics.Gauge("live_connections", "WebSockets and event streams that are open.", func() float64 { return float64(s.live.size()) })
	if o.LiveConnections > 0 {
		s.live.limits.Total = o.LiveConnections
	}
	s.runner = newRunner(o, schema, s.presenter)
	s.handler = WithRequestID(http.HandlerFunc(s.serve))
	return s
}

// newRunner returns the part that prepares and executes operations.
func newRunner(o Options, schema Schema, p presenter) *runner {
	in := inputs{schema: schema.Executable.Schema(), suggest: o.Dev}
	r := &runner{
		Executor:  executor.New(schema.Executable),
		sizes:     &schema.Sizes,
		inputs:    in,
		limits:    defaultLimits(),
		rules:     in.validationRules(),
		documents: newDocumentCache(),
		tally:     p.tally,

		isBackOffice: o.Desk.IsBackOffice,
		mayLook: func(ctx context.Context) error {
			caller := Request(ctx)
			if o.Dev {
				return nil
			}
			if err := o.Desk.Authorise(ctx, caller); err != nil {
				return chat.Denied(errors.Join(errNoIntrospection, caller.Denied, err))
			}
			return nil
		},
	}
	r.limits.answerBytes = cmp.Or(o.MaxAnswer, defaultAnswer)
	r.limits.backOfficeBytes = cmp.Or(o.MaxBackOfficeAnswer, defaultBackOfficeAnswer)
	r.SetErrorPresenter(p.present)
	r.SetRecoverFunc(recoverPanic)
	return r
}

var errNoIntrospection = errors.New("introspection is for the back office")

// Server is the endpoint.
type Server struct {
	schema    Schema
	desk      *desk.Desk
	verifier  *auth.Verifier
	timeout   time.Duration
	origins   *Origins
	presenter presenter
	runner    *runner
	handler   http.Handler
	live      *connections
	metrics   *metrics.Metrics
	access    func(Access)
	tracer    trace.Tracer
	groups    fanout.Groups[groupKey]
	memory    plan.Memory
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Shutdown tells the clients of WebSockets and streams to reconnect later, and returns when they
// have disconnected or ctx ends. It accepts no new ones. The HTTP server handles plain requests.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.live.shutdown(ctx)
	if err == nil {
		s.groups.Wait()
	}
	return err
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	defer cancel()
	a := newAnswer(w, r)
	defer s.accountFor(ctx, a, time.Now())
	defer s.recoverRequest(ctx, a)
	s.origins.allow(w.Header(), r)
	if s.origins.isPreflight(r) {
		a.elsewhere = true
		answerPreflight(w, r)
		return
	}
	if refused := s.checkRequest(r, a); refused != nil {
		a.refuse(refused)
		return
	}
	if wire.IsUpgrade(r) {
		a.elsewhere = true
		s.upgrade(w, r)
		return
	}
	params, refused := parameters(w, r)
	if refused != nil {
		a.refuse(refused)
		return
	}
	s.run(ctx, w, r, a, params)
}

// checkRequest refuses requests by their request line and headers.
func (s *Server) checkRequest(r *http.Request, a *answer) *httpError {
	switch {
	case s.origins.check(r) != nil:
		return s.origins.refuse(r)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return wrongMethod(allowedMethods, "Send a GET or a POST request.")
	case wire.IsUpgrade(r):
		return s.checkUpgrade()
	case a.media == "" && !a.stream:
		return notAcceptable("Accept application/graphql-response+json or application/json.")
	}
	return nil
}

func (s *Server) checkUpgrade() *httpError {
	if s.live.room() != nil {
		return &httpError{status: http.StatusServiceUnavailable, code: string(chat.Unavailable), message: unavailableMessage}
	}
	return nil
}

func notAcceptable(message string) *httpError {
	return &httpError{status: http.StatusNotAcceptable, code: codeInvalidArguments, field: "Accept", message: message}
}

// run prepares the operation and executes it unless it is refused.
func (s *Server) run(ctx context.Context, w http.ResponseWriter, r *http.Request, a *answer, params *graphql.RawParams) {
	caller, badKey := s.caller(r)
	ctx = withRequest(ctx, caller)
	a.caller = caller.Caller.ID
	oc, errs := s.runner.CreateOperationContext(ctx, params)
	a.oc = oc
	switch {
	case len(errs) > 0 && a.streamed(oc):
		s.openStream(ctx, w, r, a, params) // it answers with the error
	case len(errs) > 0:
		a.refuseDocument(errs)
	case r.Method == http.MethodGet && oc.Operation.Operation == ast.Mutation:
		a.refuse(wrongMethod(http.MethodPost, "Send mutations by POST."))
	case badKey != nil:
		a.refuseDocument(gqlerror.List{badKey})
	case caller.Key != "" && mutations(oc) > 1:
		a.refuseDocument(gqlerror.List{requestError(codeInvalidArguments,
			"With an Idempotency-Key, ask for one mutation in the request.", keyHeader, nil)})
	case a.streamed(oc):
		s.openStream(ctx, w, r, a, params)
	case oc.Operation.Operation == ast.Subscription:
		a.refuse(notAcceptable("Subscribe with Accept: text/event-stream, or over WebSocket in " + subprotocol + "."))
	default:
		a.gzip = a.gzip && !s.schema.carriesSecrets(oc)
		res := s.execute(ctx, oc)
		defer res.release()
		a.errors = res.errors
		a.give(res)
	}
}

// execute executes the operation. The caller must release the result. gqlgen returns no response if
// the timeout expired before the operation started.
func (s *Server) execute(ctx context.Context, oc *graphql.OperationContext) *result {
	ctx, end := s.span(ctx, oc)
	res := s.executeTraced(ctx, oc)
	end(res.errors)
	return res
}

func (s *Server) executeTraced(ctx context.Context, oc *graphql.OperationContext) *result {
	s.presenter.tally.request()
	l, err := s.memory.Lease(ctx, costOf(oc).begin(oc))
	if err != nil {
		return &result{errors: gqlerror.List{s.presenter.present(ctx, err)}}
	}
	done := false
	defer func() {
		if !done { // it panics
			l.End()
		}
	}()
	out := plan.NewOutput(ctx, oc, s.schema.Roots, s.bound(ctx, oc), l)
	oc.ResolverMiddleware = out.Around(oc.ResolverMiddleware)
	next, ctx := s.runner.DispatchOperation(plan.WithOutput(ctx, out), oc)
	res := next(ctx)
	if res == nil {
		res = &graphql.Response{Errors: gqlerror.List{s.presenter.present(ctx, context.Cause(ctx))}}
	}
	all := &result{errors: res.Errors[:min(len(res.Errors), s.runner.limits.failures)], lease: l}
	if res.Data != nil {
		all.data = out.Parts(res.Data)
	}
	l.Settle(plan.Size(all.data))
	all.changes = changesOf(ctx)
	done = true
	return all
}

// bound returns the maximum size of an answer to the caller, in bytes.
func (s *Server) bound(ctx context.Context, oc *graphql.OperationContext) int {
	if oc.Operation.Operation == ast.Mutation {
		return math.MaxInt // the size of its answer was checked before
	}
	return s.runner.limits.answer(s.desk.IsBackOffice(Request(ctx)))
}

// result is the result of an operation.
type result struct {
	errors gqlerror.List
	data   [][]byte    // JSON in parts; empty for null
	lease  *plan.Lease // of the data; may be nil

	changes []changeID // made by the operation
}

// release releases the memory of the data after it was sent.
func (r *result) release() {
	if r.lease != nil {
		r.lease.End()
	}
}

// parts returns the response as JSON.
func (r *result) parts() [][]byte {
	data := r.data
	if len(data) == 0 {
		data = [][]byte{[]byte("null")}
	}
	end := []byte("}")
	if len(r.changes) > 0 {
		made, _ := json.Marshal(map[string]any{"changes": r.changes}) // encoding texts and numbers can't fail
		end = slices.Concat([]byte(`,"extensions":`), made, end)
	}
	return slices.Concat([][]byte{head(r.errors, true)}, data, [][]byte{end})
}

// caller identifies the sender of the request. An invalid token isn't an error yet: each field that
// is refused because of it says so.
func (s *Server) caller(r *http.Request) (desk.Request, *gqlerror.Error) {
	var req desk.Request
	if sent := r.Header.Values("Authorization"); len(sent) > 1 {
		req.Denied = errTwoTokens
	} else {
		req.Caller, req.Denied = s.verifier.Verify(auth.BearerToken(r.Header.Get("Authorization")))
	}
	keys := r.Header.Values(keyHeader)
	if len(keys) > 1 || len(keys) == 1 && keys[0] == "" {
		return req, requestError(codeInvalidArguments, "Give one Idempotency-Key, and not an empty one.", keyHeader, nil)
	}
	if len(keys) == 1 {
		req.Key = keys[0]
	}
	return req, nil
}

var errTwoTokens = errors.New("more than one Authorization header")

// mutations counts the mutation fields that remain after @skip and @include. An idempotency key has
// no effect on a query, so clients may send one with every request.
func mutations(oc *graphql.OperationContext) int {
	n := 0
	if oc.Operation.Operation == ast.Mutation {
		for _, f := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Mutation"}) {
			if f.Name != "__typename" {
				n++
			}
		}
	}
	return n
}

// recoverRequest answers the request if there was a panic outside of any field.
func (s *Server) recoverRequest(ctx context.Context, a *answer) {
	if value := recover(); value != nil {
		err := s.presenter.present(ctx, recoverPanic(ctx, value))
		a.send(http.StatusInternalServerError, gqlerror.List{err})
	}
}
