package transport

import (
	"cmp"
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// inputNames maps the chat's names of fields to those of the schema's inputs.
type inputNames struct {
	schema *ast.Schema
	others map[string][]string // input names by the chat's name
}

// inputField returns the path of an error's field in the mutation's input, such as input.channelId.
// A field that the input doesn't have is returned unchanged.
func (n inputNames) inputField(ctx context.Context, field string) string {
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
	known := n.schema.Types[argument.Type.Name()].Fields
	end := strings.IndexAny(field, ".[")
	word := field[:cmp.Or(max(end, 0), len(field))]
	for _, name := range append([]string{word}, n.others[word]...) {
		if known.ForName(name) != nil {
			return "input." + name + field[len(word):]
		}
	}
	return field
}
