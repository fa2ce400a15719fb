// Package graph is the GraphQL API: the schema, the resolvers, which pass each field to package
// desk, and what package transport must know: which fields package plan writes (objects.go), the
// maximum sizes of answers (sizes.go) and the sources of subscriptions (subscription.go).
//
// It has no rules of the chat or the back office, and doesn't use the database or sockets.
package graph

//go:generate go tool gqlgen generate --config gqlgen.yml
