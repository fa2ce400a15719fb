package transport

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// variables coerces an operation's variables; omitted ones get their defaults. Errors name the
// input field that a variable is used for.
func (in inputs) variables(doc *ast.QueryDocument, op *ast.OperationDefinition, given map[string]any,
) (map[string]any, gqlerror.List) {
	var errs gqlerror.List
	coerced := make(map[string]any, len(op.VariableDefinitions))
	for _, def := range op.VariableDefinitions {
		value, present := given[def.Variable]
		if !present && def.DefaultValue != nil {
			value, _ = def.DefaultValue.Value(nil) // the validation rule checked it
			coerced[def.Variable] = value
			continue
		}
		if !present && !def.Type.NonNull {
			continue
		}
		value, err := in.oneVariable(doc, op, def, value, present)
		if err != nil {
			err.at = def.Position
			errs = append(errs, err.present("Variable $"+clip(def.Variable, maxNameShown)+": "))
		}
		coerced[def.Variable] = value
	}
	return coerced, errs
}

func (in inputs) oneVariable(doc *ast.QueryDocument, op *ast.OperationDefinition,
	def *ast.VariableDefinition, value any, present bool,
) (any, *inputError) {
	var coerced any
	var err *inputError
	if present {
		coerced, err = in.variable(def.Type, value)
	} else {
		err = in.isRequired(def.Type)
	}
	if err == nil && coerced != nil {
		return coerced, nil
	}
	uses := findUses(doc, op, def.Variable)
	if err != nil {
		return nil, err.in(uses.first(def.Variable))
	}
	// A variable with a default may be used where null isn't allowed, even if its type is nullable.
	for _, use := range uses {
		if use.expects != nil && use.expects.NonNull {
			return nil, in.mustNotBeNull(use.expects).in(use.field)
		}
	}
	return nil, nil
}

// variableUse is a place where an operation uses a variable.
type variableUse struct {
	field   string // path of the argument or input field, e.g. "input.cids"
	expects *ast.Type
}

type variableUses []variableUse

func (u variableUses) first(name string) string {
	if len(u) == 0 {
		return name
	}
	return u[0].field
}

// findUses finds the uses of a variable in an operation and the fragments that it spreads.
func findUses(doc *ast.QueryDocument, op *ast.OperationDefinition, name string) variableUses {
	f := useFinder{fragments: doc.Fragments, name: name, seen: map[string]bool{}}
	f.directives(op.Directives)
	f.selection(op.SelectionSet)
	return f.found
}

type useFinder struct {
	fragments ast.FragmentDefinitionList
	name      string
	seen      map[string]bool // fragments
	found     variableUses
}

func (f *useFinder) selection(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			f.arguments("", s.Arguments)
			f.directives(s.Directives)
			f.selection(s.SelectionSet)
		case *ast.InlineFragment:
			f.directives(s.Directives)
			f.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			f.directives(s.Directives)
			if def := f.fragments.ForName(s.Name); def != nil && !f.seen[s.Name] {
				f.seen[s.Name] = true
				f.selection(def.SelectionSet)
			}
		}
	}
}

func (f *useFinder) directives(list ast.DirectiveList) {
	for _, d := range list {
		f.arguments("@"+d.Name, d.Arguments)
	}
}

func (f *useFinder) arguments(owner string, list ast.ArgumentList) {
	for _, a := range list {
		f.value(joinOwner(owner, a.Name), a.Value)
	}
}

func (f *useFinder) value(path string, v *ast.Value) {
	if v.Kind == ast.Variable && v.Raw == f.name {
		f.found = append(f.found, variableUse{field: path, expects: v.ExpectedType})
	}
	for i, child := range v.Children {
		f.value(joinField(path, partName(v, i)), child.Value)
	}
}
