// Package graph is the GraphQL API over HTTP: the schema, resolvers that hand
// each field to package desk, and the road a request takes to them. That road
// reads the HTTP request (params.go), parses, limits and validates the document
// (document.go, limits.go, input.go), runs it, and puts every failure into the
// one form that callers see (errors.go).
//
// It holds no rule of the chat or the back office, and knows no database.
package graph

//go:generate go tool gqlgen generate --config gqlgen.yml
