// Package graph is the GraphQL API: the schema, the resolvers that hand each field to
// package desk, and what package transport must know to serve them: which fields are
// written in one go (objects.go), how long answers can be (sizes.go) and where the events
// of a subscription come from (subscription.go).
//
// It holds no rule of the chat or the back office, and knows no database and no socket.
package graph

//go:generate go tool gqlgen generate --config gqlgen.yml
