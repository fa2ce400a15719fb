package transport

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// literal checks a value in the query text, except for its variables, which [inputs.variableUse]
// checks.
func (in inputs) literal(t *ast.Type, v *ast.Value) *inputError {
	switch {
	case v.Kind == ast.Variable:
		return nil
	case v.Kind == ast.NullValue && t.NonNull:
		return in.mustNotBeNull(t).from(v.Position)
	case v.Kind == ast.NullValue:
		return nil
	case t.Elem != nil:
		return in.literalList(t.Elem, v)
	}
	def := in.schema.Types[t.NamedType]
	switch {
	case def == nil:
		return nil // another rule refuses it
	case def.Kind == ast.InputObject:
		return in.literalObject(def, v)
	case def.Kind == ast.Enum && (v.Kind != ast.EnumValue || def.EnumValues.ForName(v.Raw) == nil),
		def.Kind != ast.Enum && !scalarLiteral(t.NamedType, v):
		return in.mustBe(t).from(start(v))
	}
	return nil
}

// start returns where a value begins. The parser's position of a string is after its quotes.
func start(v *ast.Value) *ast.Position {
	p := *v.Position
	switch v.Kind {
	case ast.StringValue:
		p.Column--
	case ast.BlockValue:
		p.Column -= 3
	}
	return &p
}

func (in inputs) literalList(elem *ast.Type, v *ast.Value) *inputError {
	if v.Kind != ast.ListValue {
		return in.literal(elem, v)
	}
	for i, child := range v.Children {
		if err := in.literal(elem, child.Value); err != nil {
			return err.in(item(i))
		}
	}
	return nil
}

func (in inputs) literalObject(def *ast.Definition, v *ast.Value) *inputError {
	if v.Kind != ast.ObjectValue {
		return in.mustBe(ast.NamedType(def.Name, nil)).from(start(v))
	}
	given := map[string]bool{}
	for _, child := range v.Children {
		f := def.Fields.ForName(child.Name)
		switch {
		case f == nil:
			return in.unknownField(def, child.Name).from(child.Position)
		case given[child.Name]:
			return (&inputError{field: child.Name, problem: "is given twice"}).from(child.Position)
		}
		given[child.Name] = true
		if err := in.literal(f.Type, child.Value); err != nil {
			return err.in(f.Name)
		}
	}
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && !given[f.Name] {
			return in.isRequired(f.Type).in(f.Name).from(v.Position)
		}
	}
	if oneOf(def) && (len(v.Children) != 1 || v.Children[0].Value.Kind == ast.NullValue) {
		return (&inputError{problem: "must have exactly one field, and that not null"}).from(v.Position)
	}
	return nil
}

func scalarLiteral(name string, v *ast.Value) bool {
	isString := v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	switch name {
	case "String":
		return isString
	case "Boolean":
		return v.Kind == ast.BooleanValue
	case "Int":
		_, err := strconv.ParseInt(v.Raw, 10, 32)
		return v.Kind == ast.IntValue && err == nil
	case "Float":
		_, err := strconv.ParseFloat(v.Raw, 64)
		return (v.Kind == ast.IntValue || v.Kind == ast.FloatValue) && err == nil
	case "ID":
		return isString || v.Kind == ast.IntValue
	}
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue || v.Kind == ast.EnumValue {
		return false
	}
	_, err := v.Value(nil) // integers beyond 64 bits fail
	return err == nil
}

func (e *inputError) from(p *ast.Position) *inputError {
	e.at = p
	return e
}
