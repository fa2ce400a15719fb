package transport

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// document is a query text that was parsed and has passed limits and validation.
type document struct {
	counts
	query *ast.QueryDocument
}

// runner prepares and executes operations. It works like gqlgen's executor, except that documents
// are cached and limited before validation, and that variables are coerced by our own rules.
type runner struct {
	*executor.Executor
	inputs    inputs
	limits    limits
	sizes     *Sizes
	rules     *rules.Rules
	documents *documentCache
	mayLook   func(context.Context) error // returns an error if the caller may not introspect
	tally     *tally

	isBackOffice func(desk.Request) bool
}

var _ graphql.GraphExecutor = (*runner)(nil)

// CreateOperationContext prepares the operation that the parameters select. The errors have the
// form that callers see.
func (r *runner) CreateOperationContext(ctx context.Context, p *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	oc, errs := r.prepare(ctx, p)
	if len(errs) > 0 {
		r.tally.refused(errs)
	}
	return oc, errs
}

func (r *runner) prepare(ctx context.Context, p *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	oc := &graphql.OperationContext{
		RawQuery:               p.Query,
		OperationName:          p.OperationName,
		Extensions:             p.Extensions,
		RecoverFunc:            recoverPanic,
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}
	if p.Query == "" {
		return oc, gqlerror.List{noPersistedQueries}
	}
	doc, errs := r.document(ctx, p.Query)
	if len(errs) > 0 {
		return oc, errs
	}
	oc.Doc = doc.query
	if oc.Operation = doc.query.Operations.ForName(p.OperationName); oc.Operation == nil {
		return oc, gqlerror.List{noOperation(p.OperationName)}
	}
	oc.ResolverMiddleware = r.middleware(doc)
	oc.Variables, errs = r.inputs.variables(doc.query, oc.Operation, p.Variables)
	if len(errs) > 0 {
		return oc, r.limit(errs)
	}
	if refused := r.limits.price(oc, r.sizes, r.isBackOffice(Request(ctx))); refused != nil {
		return oc, gqlerror.List{refused}
	}
	return oc, nil
}

// noPersistedQueries answers a request that has a hash instead of a document. The text is Apollo's:
// it makes its clients send the document from then on.
var noPersistedQueries = requestError("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", "", nil)

func noOperation(name string) *gqlerror.Error {
	message := "Say in operationName which of the document's operations to run."
	if name != "" {
		message = "The document has no operation of that operationName."
	}
	return requestError(codeValidationFailed, message, "", nil)
}

// document returns the document of a query text. Requests without a valid token don't fill the
// cache.
func (r *runner) document(ctx context.Context, text string) (*document, gqlerror.List) {
	if doc, ok := r.documents.get(text); ok {
		return doc, nil
	}
	doc, errs := r.read(text)
	if len(errs) == 0 && Request(ctx).Denied == nil {
		r.documents.put(text, doc)
	}
	return doc, r.limit(errs)
}

// lines normalizes line ends, so that the parser counts lines and columns as editors do. It
// miscounts lines that end with CR or CRLF.
var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (r *runner) read(text string) (*document, gqlerror.List) {
	if strings.Contains(text, `\u`) && !chat.WellFormed([]byte(text)) {
		return nil, gqlerror.List{requestError(codeParseFailed, "The document has an escape that is half a character, a lone surrogate.", "", nil)}
	}
	if strings.Contains(text, "\r") {
		text = lines.Replace(text)
	}
	query, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, r.limits.tokens)
	if err != nil {
		return nil, gqlerror.List{r.parseError(err)}
	}
	if len(query.Operations) == 0 {
		return nil, gqlerror.List{requestError(codeValidationFailed, "The document has no operation.", "", nil)}
	}
	written, broken := r.limits.check(query)
	if broken != "" {
		return nil, gqlerror.List{requestError(codeValidationFailed, broken, "", nil)}
	}
	errs := validator.ValidateWithRules(r.inputs.schema, query, r.rules)
	for i, err := range errs {
		errs[i] = validationError(err)
	}
	return &document{counts: written, query: query}, errs
}

// parseError distinguishes the parser's limits from syntax errors.
func (r *runner) parseError(err error) *gqlerror.Error {
	g := gqlerror.WrapIfUnwrapped(err)
	switch {
	case strings.HasPrefix(g.Message, "exceeded token limit"):
		return requestError(codeValidationFailed, tooMany("tokens", r.limits.tokens), "", nil)
	case strings.HasPrefix(g.Message, "exceeded maximum nesting depth"):
		return requestError(codeValidationFailed, "The document nests too deep.", "", nil)
	}
	return withCode(g, codeParseFailed)
}

// validationError sets the code of a validation error. Errors of our own rule have one already.
func validationError(g *gqlerror.Error) *gqlerror.Error {
	switch {
	case g.Extensions["code"] != nil:
		return g
	case g.Rule == rules.UniqueArgumentNamesRule.Name:
		return withCode(g, codeInvalidArguments)
	}
	return withCode(g, codeValidationFailed)
}

// limit bounds the number of errors in the answer to a refused document.
func (r *runner) limit(errs gqlerror.List) gqlerror.List {
	return errs[:min(len(errs), r.limits.refusals)]
}

// middleware returns what runs around each field of the document, inside of [plan.Output.Around].
// Only introspection needs it.
func (r *runner) middleware(doc *document) graphql.FieldMiddleware {
	if doc.introspects {
		return r.guardIntrospection
	}
	return func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }
}

// guardIntrospection refuses introspection to callers who may not see the schema.
func (r *runner) guardIntrospection(ctx context.Context, next graphql.Resolver) (any, error) {
	fc := graphql.GetFieldContext(ctx)
	if fc.Object == "Query" && strings.HasPrefix(fc.Field.Name, "__") {
		if err := r.mayLook(ctx); err != nil {
			return nil, err
		}
	}
	return next(ctx)
}
