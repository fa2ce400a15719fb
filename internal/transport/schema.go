package transport

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport/plan"
)

// Schema is a schema to serve, and what the transport must know about it.
type Schema struct {
	Executable graphql.ExecutableSchema
	// Roots are the root fields whose answers are written by package plan.
	Roots plan.Roots
	// Subscriptions are the fields of Subscription by name.
	Subscriptions map[string]Subscription
	// Sizes are the maximum sizes of answers.
	Sizes Sizes
	// Secrets are the fields of Mutation whose answers contain secrets. These answers are never
	// compressed, since the size would reveal how similar the secret is to other parts of the
	// answer.
	Secrets map[string]bool
	// InputNames maps a [chat.Error]'s field to the names that the fields of inputs have for it.
	InputNames map[string][]string
}

// Subscription is a field of Subscription.
type Subscription struct {
	// Events is the type of its events.
	Events *plan.Object[chat.Event]
	// Own means that each user receives different events.
	Own bool
	// Source returns the source of the events for the given arguments.
	Source func(args map[string]any) Source
}

// Source is the source of a subscription's events. It must retain only what it needs of the
// arguments, since it lives as long as the subscription.
type Source interface {
	// Open opens a feed after the given seq or, if that is nil, where the arguments say.
	Open(ctx context.Context, by desk.Request, after *int64) (chat.Feed, error)
	// MayRead returns nil if the caller may still read. It is called after each event that could
	// have removed that right.
	MayRead(ctx context.Context, by desk.Request) error
	// Attend marks the caller as present until leave is called. It fails if the caller may not
	// read.
	Attend(ctx context.Context, by desk.Request) (leave func(), err error)
}

// MaxSeq is the maximum seq of an event. JSON parsers represent it exactly.
const MaxSeq = 1 << 53

// Sizes are the maximum numbers of items and bytes in answers. Keys have the form "Query.node".
type Sizes struct {
	// Lists are the numbers of items in lists, except for pages and lists with one item for each
	// item of an argument. A field of Query or Mutation counts as one item if only the size of its
	// answer is bounded.
	Lists map[string]int
	// Introspection has the sizes of lists within lists: the averages in this schema, rounded up,
	// by the name of the field.
	Introspection map[string]int
	// Texts are the maximum sizes of texts in bytes, as JSON. Other texts are ids, names and
	// addresses.
	Texts map[string]int
	// Pages are the maximum page sizes by the field of Query. Other pages have MaxPage, and
	// DefaultPage if the caller sets no size.
	Pages                map[string]int
	MaxPage, DefaultPage int
	// Listed are the arguments for each of whose items the answer has one item.
	Listed []string
}
