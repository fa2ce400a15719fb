package transport

import (
	"cmp"
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// inputNames finds what the inputs of a schema call a field.
type inputNames struct {
	schema *ast.Schema
	others map[string][]string // names by what the chat calls it
}

// inputField is the path of an error's field in the mutation's input, such as
// input.channelId. A field that the input lacks stays as it is.
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
