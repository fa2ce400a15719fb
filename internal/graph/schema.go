package graph

import (
	"maps"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"backchannel/internal/desk"
	"backchannel/internal/graph/generated"
	"backchannel/internal/transport"
)

// New returns the handler of the API: GET and POST, and the browser's OPTIONS, as the
// GraphQL-over-HTTP specification wants them; and subscriptions over WebSocket and
// server-sent events.
func New(o transport.Options) *transport.Server {
	r := &Resolver{Desk: o.Desk}
	r.server = transport.New(o, Schema(o.Desk, r))
	return r.server
}

// Schema is the API with the given resolvers.
func Schema(d *desk.Desk, resolvers generated.ResolverRoot) transport.Schema {
	return transport.Schema{
		Executable:    generated.NewExecutableSchema(generated.Config{Schema: servedSchema(), Resolvers: resolvers}),
		Roots:         roots,
		Subscriptions: subscriptions(d),
		Sizes:         sizes,
		Secrets:       map[string]bool{"createUserToken": true, "createWebhook": true, "rotateWebhookSecret": true, "revealWebhookSecrets": true},
		InputNames: map[string][]string{
			"cid":      {"channelId"},
			"users":    {"userIds", "userId"},
			"message":  {"messageId"},
			"mentions": {"mentionedUsersIds"},
		},
	}
}

// servedSchema is the generated schema without @defer, which gqlgen adds and the
// transport can't deliver.
func servedSchema() *ast.Schema {
	schema := *generated.NewExecutableSchema(generated.Config{}).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
}

// SDL is the schema that is served, in GraphQL's schema definition language.
func SDL() string {
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(servedSchema())
	return text.String()
}
