package transport

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// limits bound a document. They are checked before validation, parts of which need time quadratic
// in the document's size.
type limits struct {
	tokens     int // lexical tokens; enough for a literal list of 10,000 cids
	operations int
	fragments  int // fragment definitions
	variables  int // of one operation
	directives int // uses in the whole document
	aliases    int // in the whole document
	fields     int // as written: fields, fragment spreads and inline fragments
	expanded   int // fields of one operation, with fragments counted at each use
	rootFields int // of one operation, likewise
	depth      int // of nested fields; the introspection query of graphql-js has 15
	refusals   int // errors in the answer to a refused document
	failures   int // errors in the answer to an executed document: one for each root field
	values     int // fields of the answer, computed from the maximum sizes of lists

	answerBytes, backOfficeBytes int // of an answer
}

func defaultLimits() limits {
	return limits{
		tokens: 12_000, operations: 50, fragments: 50, variables: 100, directives: 50, aliases: 50,
		fields: 500, expanded: 5_000, rootFields: 20, depth: 15,
		refusals: 5, failures: 20, values: 1_000_000,
		answerBytes: defaultAnswer, backOfficeBytes: defaultBackOfficeAnswer,
	}
}

// answer returns the maximum size of an answer, in bytes.
func (l limits) answer(backOffice bool) int {
	if backOffice {
		return l.backOfficeBytes
	}
	return l.answerBytes
}

// check counts the parts of a document and returns the limit that it exceeds, "" for none.
func (l limits) check(doc *ast.QueryDocument) (counts, string) {
	written := count(doc)
	switch {
	case len(doc.Operations) > l.operations:
		return written, tooMany("operations", l.operations)
	case len(doc.Fragments) > l.fragments:
		return written, tooMany("fragments", l.fragments)
	case written.variables > l.variables:
		return written, tooMany("variables in one operation", l.variables)
	case written.directives > l.directives:
		return written, tooMany("directives", l.directives)
	case written.aliases > l.aliases:
		return written, tooMany("aliases", l.aliases)
	case written.fields > l.fields:
		return written, tooMany("fields", l.fields)
	}
	return written, l.checkExpanded(doc)
}

func (l limits) checkExpanded(doc *ast.QueryDocument) string {
	e := expander{fragments: doc.Fragments, cap: l.expanded + 1, known: map[string]extent{}}
	for _, op := range doc.Operations {
		size := e.selection(op.SelectionSet)
		switch {
		case size.depth > l.depth:
			return fmt.Sprintf("The document nests its fields more than %d deep.", l.depth)
		case size.fields > l.expanded:
			return tooMany("fields once its fragments are expanded", l.expanded)
		case size.root > l.rootFields:
			return tooMany("root fields in one operation", l.rootFields)
		}
	}
	return ""
}

func tooMany(what string, limit int) string {
	return fmt.Sprintf("The document has more than %d %s.", limit, what)
}

// extent is the size of a selection set with its fragments expanded.
type extent struct{ root, fields, depth int }

// expander measures selection sets. It measures each fragment once, so that spreads that double at
// each level cost no more than others. A fragment within itself counts as empty; validation refuses
// it.
type expander struct {
	fragments ast.FragmentDefinitionList
	cap       int // counts stop here, to prevent overflow
	known     map[string]extent
}

func (e *expander) selection(set ast.SelectionSet) extent {
	var all extent
	for _, s := range set {
		var one extent
		switch s := s.(type) {
		case *ast.Field:
			inner := e.selection(s.SelectionSet)
			one = extent{root: 1, fields: 1 + inner.fields, depth: 1 + inner.depth}
		case *ast.InlineFragment:
			one = e.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			one = e.fragment(s.Name)
		}
		all.root = min(all.root+one.root, e.cap)
		all.fields = min(all.fields+one.fields, e.cap)
		all.depth = max(all.depth, one.depth)
	}
	return all
}

func (e *expander) fragment(name string) extent {
	if size, ok := e.known[name]; ok {
		return size
	}
	def := e.fragments.ForName(name)
	if def == nil {
		return extent{}
	}
	e.known[name] = extent{} // in case the fragment contains itself
	size := e.selection(def.SelectionSet)
	e.known[name] = size
	return size
}
