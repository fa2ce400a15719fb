package graph

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// inputWords are the names that inputs have for what the chat calls otherwise.
var inputWords = map[string][]string{
	"cid":      {"channelId"},
	"users":    {"userIds", "userId"},
	"message":  {"messageId"},
	"mentions": {"mentionedUsersIds"},
}

var inputSchema = sync.OnceValue(servedSchema)

// inputField is a failure's field as the caller gave it: below the mutation's input,
// under the name that it has there. What isn't part of the input stays as it is.
func inputField(ctx context.Context, field string) string {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || field == "" {
		return field
	}
	for fc.Parent != nil && fc.Parent.Field.Field != nil {
		fc = fc.Parent
	}
	if fc.Field.Field == nil || fc.Field.Definition == nil {
		return field
	}
	argument := fc.Field.Definition.Arguments.ForName("input")
	if argument == nil {
		return field
	}
	known := inputSchema().Types[argument.Type.Name()].Fields
	end := strings.IndexAny(field, ".[")
	word := field[:cmp.Or(max(end, 0), len(field))]
	for _, name := range append([]string{word}, inputWords[word]...) {
		if known.ForName(name) != nil {
			return "input." + name + field[len(word):]
		}
	}
	return field
}
