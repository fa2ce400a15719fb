package transport

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport/plan"
)

// Schema is what is served, and what the transport must know about it.
type Schema struct {
	Executable graphql.ExecutableSchema
	// Roots are the fields that are written in one go.
	Roots plan.Roots
	// Subscriptions are the fields of Subscription by name.
	Subscriptions map[string]Subscription
	// Sizes say how long answers can be.
	Sizes Sizes
	// Secrets are the fields of Mutation whose answers carry secrets. They are never
	// compressed, since their size would tell how a secret compares with what else is in
	// the answer.
	Secrets map[string]bool
	// InputNames are the names that fields of inputs have for what [chat.Error] calls
	// otherwise.
	InputNames map[string][]string
}

// Subscription is a field of Subscription.
type Subscription struct {
	// Events are what it gives.
	Events *plan.Object[chat.Event]
	// Own says that each user is shown other events.
	Own bool
	// Source is where the events come from, given the arguments.
	Source func(args map[string]any) Source
}

// Source is where the events of a subscription come from. It keeps only what it needs of
// the arguments, since it lasts as long as the subscription.
type Source interface {
	// Open begins to read after an event, or if that is nil, where the arguments say.
	Open(ctx context.Context, by desk.Request, after *int64) (chat.Feed, error)
	// MayRead says why the caller may no longer read, or nil. It is asked after each
	// event that could have taken the right away.
	MayRead(ctx context.Context, by desk.Request) error
	// Attend tells others that the caller is there, until leave is called. It fails if the
	// caller may not read.
	Attend(ctx context.Context, by desk.Request) (leave func(), err error)
}

// MaxSeq is the highest number of an event: JSON readers keep it exact.
const MaxSeq = 1 << 53

// Sizes say how many items and bytes the answers of a schema can have. Names are as in
// "Query.node".
type Sizes struct {
	// Lists are how many items the lists have, except for pages and what the caller lists
	// itself. A field of Query or Mutation counts once if only the bytes of its answer are
	// bounded.
	Lists map[string]int
	// Introspection has lists of lists; these are means of the schema, rounded up, by the
	// name of the field.
	Introspection map[string]int
	// Texts are how many bytes texts have at most, as JSON. Others are ids, names and
	// addresses.
	Texts map[string]int
	// Pages are how many items a page has at most, by the field of Query. Other pages have
	// MaxPage, and DefaultPage if the caller doesn't say.
	Pages                map[string]int
	MaxPage, DefaultPage int
	// Listed are the arguments whose items have one each in the answer.
	Listed []string
}
