package transport

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// inputs checks input values against the schema. Values in the query text and in variables are
// checked by the same rules and with the same messages. gqlparser's own checks differ between the
// two: in variables it accepts enums in any case, "5" as an Int, __typename as an input field and
// any value as a @oneOf input.
type inputs struct {
	schema  *ast.Schema
	suggest bool // add "Did you mean …" for unknown names
}

// inputError says what is wrong with a value.
type inputError struct {
	field   string        // the path within the value, e.g. "cids[0]"; "" for the value itself
	problem string        // follows the field's name: "must be a string"
	at      *ast.Position // nil for a variable's value
}

// in adds a part, a field or "[index]", to the front of the error's path.
func (e *inputError) in(part string) *inputError {
	e.field = joinField(part, e.field)
	return e
}

// joinField appends the path of a part to the path of the whole.
func joinField(whole, part string) string {
	if part == "" || strings.HasPrefix(part, "[") {
		return whole + part
	}
	return whole + "." + part
}

func item(i int) string { return "[" + strconv.Itoa(i) + "]" }

// variable coerces a decoded JSON value to the form that gqlgen reads.
func (in inputs) variable(t *ast.Type, v any) (any, *inputError) {
	switch {
	case v == nil && t.NonNull:
		return nil, in.mustNotBeNull(t)
	case v == nil:
		return nil, nil
	case t.Elem != nil:
		return in.list(t.Elem, v)
	}
	def := in.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.InputObject:
		return in.object(def, v)
	case ast.Enum:
		if name, ok := v.(string); ok && def.EnumValues.ForName(name) != nil {
			return v, nil
		}
	default:
		if coerced, ok := scalarValue(t.NamedType, v); ok {
			return coerced, nil
		}
	}
	return nil, in.mustBe(t)
}

// list coerces a list. A single value is a list of one.
func (in inputs) list(elem *ast.Type, v any) (any, *inputError) {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	for i := range items {
		coerced, err := in.variable(elem, items[i])
		if err != nil && ok {
			return nil, err.in(item(i))
		}
		if err != nil {
			return nil, err
		}
		items[i] = coerced
	}
	return items, nil
}

func (in inputs) object(def *ast.Definition, v any) (any, *inputError) {
	given, ok := v.(map[string]any)
	if !ok {
		return nil, in.mustBe(ast.NamedType(def.Name, nil))
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if def.Fields.ForName(name) == nil {
			return nil, in.unknownField(def, name)
		}
	}
	for _, f := range def.Fields {
		value, present := given[f.Name]
		switch {
		case present:
			coerced, err := in.variable(f.Type, value)
			if err != nil {
				return nil, err.in(f.Name)
			}
			given[f.Name] = coerced
		case f.Type.NonNull && f.DefaultValue == nil:
			return nil, in.isRequired(f.Type).in(f.Name)
		}
	}
	if oneOf(def) && (len(given) != 1 || slices.Contains(slices.Collect(maps.Values(given)), nil)) {
		return nil, &inputError{problem: "must have exactly one field, and that not null"}
	}
	return given, nil
}

// scalarValue coerces a variable's value that is neither null nor an enum.
func scalarValue(name string, v any) (any, bool) {
	number, isNumber := v.(json.Number)
	switch name {
	case "String":
		_, ok := v.(string)
		return v, ok
	case "Boolean":
		_, ok := v.(bool)
		return v, ok
	case "Int":
		n, err := strconv.ParseInt(number.String(), 10, 32)
		return n, err == nil
	case "Float":
		f, err := number.Float64()
		return f, err == nil
	case "ID":
		_, ok := v.(string)
		_, err := number.Int64()
		return fmt.Sprint(v), ok || isNumber && err == nil
	}
	switch v.(type) { // custom scalars, which package scalar checks
	case map[string]any, []any:
		return nil, false
	}
	return v, true
}

func (in inputs) mustBe(t *ast.Type) *inputError {
	return &inputError{problem: "must be " + in.describe(t)}
}

func (in inputs) mustNotBeNull(t *ast.Type) *inputError {
	return &inputError{problem: "must not be null but " + in.describe(t)}
}

func (in inputs) isRequired(t *ast.Type) *inputError {
	return &inputError{problem: "is required and must be " + in.describe(t)}
}

const maxNameShown = 64

func (in inputs) unknownField(def *ast.Definition, name string) *inputError {
	e := &inputError{field: clip(name, maxNameShown), problem: "is not a field of " + def.Name}
	if !in.suggest {
		return e
	}
	if similar := core.SuggestionList(e.field, fieldNames(def)); len(similar) > 0 {
		e.problem += ". Did you mean " + core.OrList(similar...) + "?"
	}
	return e
}

func oneOf(def *ast.Definition) bool { return def.Directives.ForName("oneOf") != nil }

// describe returns a description of the type's values.
func (in inputs) describe(t *ast.Type) string {
	if t.Elem != nil {
		return "a list, in which each item is " + in.describe(t.Elem)
	}
	switch def := in.schema.Types[t.NamedType]; {
	case t.NamedType == "String":
		return "a string"
	case t.NamedType == "Boolean":
		return "true or false"
	case t.NamedType == "Int":
		return "a whole number of 32 bits"
	case def != nil && def.Kind == ast.Enum:
		return "one of " + enumNames(def) + ", spelled like this"
	case def != nil && def.Kind == ast.InputObject:
		return "an object with the fields of " + t.NamedType
	}
	return "of the type " + t.NamedType
}

func enumNames(def *ast.Definition) string {
	names := make([]string, 0, len(def.EnumValues))
	for _, v := range def.EnumValues {
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ")
}

func fieldNames(def *ast.Definition) []string {
	names := make([]string, 0, len(def.Fields))
	for _, f := range def.Fields {
		names = append(names, f.Name)
	}
	return names
}
