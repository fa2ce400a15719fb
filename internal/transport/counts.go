package transport

import "github.com/vektah/gqlparser/v2/ast"

// counts are the sizes of a document's parts before its fragments are expanded.
type counts struct {
	fields, aliases, directives int
	variables                   int  // of the operation with the most
	nodes                       int  // of the syntax tree, values included
	introspects                 bool // it contains __schema or __type
}

func count(doc *ast.QueryDocument) counts {
	var c counts
	for _, op := range doc.Operations {
		c.nodes++
		c.variables = max(c.variables, len(op.VariableDefinitions))
		for _, v := range op.VariableDefinitions {
			c.nodes++
			c.value(v.DefaultValue)
			c.directiveList(v.Directives)
		}
		c.directiveList(op.Directives)
		c.selection(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		c.nodes++
		c.directiveList(f.Directives)
		c.selection(f.SelectionSet)
	}
	return c
}

func (c *counts) selection(set ast.SelectionSet) {
	for _, s := range set {
		c.fields++
		c.nodes++
		switch s := s.(type) {
		case *ast.Field:
			c.field(s)
		case *ast.InlineFragment:
			c.directiveList(s.Directives)
			c.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			c.directiveList(s.Directives)
		}
	}
}

func (c *counts) field(f *ast.Field) {
	if f.Alias != f.Name {
		c.aliases++
	}
	if f.Name == "__schema" || f.Name == "__type" {
		c.introspects = true
	}
	c.arguments(f.Arguments)
	c.directiveList(f.Directives)
	c.selection(f.SelectionSet)
}

func (c *counts) directiveList(list ast.DirectiveList) {
	for _, d := range list {
		c.directives++
		c.nodes++
		c.arguments(d.Arguments)
	}
}

func (c *counts) arguments(list ast.ArgumentList) {
	for _, a := range list {
		c.nodes++
		c.value(a.Value)
	}
}

func (c *counts) value(v *ast.Value) {
	if v == nil {
		return
	}
	c.nodes++
	for _, child := range v.Children {
		c.value(child.Value)
	}
}
