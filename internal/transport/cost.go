package transport

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/transport/plan"
)

// cost is an upper bound of an operation's cost, computed from the maximum sizes of its lists.
type cost struct {
	values int // fields in the answer, counted for each item of a list
	bytes  int // of the answer, if all texts have their maximum length
	extra  int // additional bytes needed to write the answer
}

// mostCounted is where counting stops, to prevent overflow.
const mostCounted = 1 << 40

func (c *cost) add(n int, of cost) {
	c.values = min(c.values+n*of.values, mostCounted)
	c.bytes = min(c.bytes+n*of.bytes, mostCounted)
	c.extra = min(c.extra+n*of.extra, mostCounted)
}

const (
	textSize  = 2_100
	otherSize = 40 // numbers, times, enum values
)

// costKey is the key of an operation's cost.
const costKey = "cost"

// begin returns how many bytes to reserve before the operation runs. For a mutation it is the whole
// answer.
func (c cost) begin(oc *graphql.OperationContext) int {
	if oc.Operation.Operation == ast.Mutation {
		return c.bytes
	}
	return min(c.bytes, plan.ChunkSize) + c.extra
}

func costOf(oc *graphql.OperationContext) cost {
	c, _ := oc.Stats.GetExtension(costKey).(cost)
	return c
}

// pricer computes the cost of operations.
type pricer struct {
	*Sizes
	oc *graphql.OperationContext
}

// operation returns the cost of the operation. Its fields are merged as gqlgen merges them.
func (p pricer) operation() cost {
	name := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}[p.oc.Operation.Operation]
	return p.selection(name, p.oc.Operation.SelectionSet, 1)
}

// selection returns the cost of an object. Its lists have page items, unless they have sizes of
// their own.
func (p pricer) selection(of string, set ast.SelectionSet, page int) (all cost) {
	for _, f := range graphql.CollectFields(p.oc, set, []string{of}) {
		all.add(1, fieldCost(of, f))
		if f.Definition == nil {
			continue // validation refuses the field
		}
		n := 1
		if f.Definition.Type.Elem != nil {
			n = p.size(of, f, page)
		}
		all.add(n, p.value(of, f))
	}
	return all
}

// gqlgen writes the answers to introspection, which needs more memory.
const (
	introspectionValue = 10
	introspectionExtra = 400
)

func fieldCost(of string, f graphql.CollectedField) cost {
	c := cost{values: 1, bytes: len(f.Alias) + len(`"":,`)}
	if strings.HasPrefix(of, "__") {
		c.values, c.extra = introspectionValue, introspectionExtra
	}
	return c
}

func (p pricer) value(of string, f graphql.CollectedField) cost {
	if len(f.Selections) > 0 {
		inner := p.selection(f.Definition.Type.Name(), f.Selections, p.page(f))
		inner.bytes += len("{},")
		return inner
	}
	size, known := p.Texts[of+"."+f.Name]
	switch {
	case known:
	case f.Definition.Type.Name() == "String" && f.Name != "__typename":
		size = textSize
	default:
		size = otherSize
	}
	return cost{bytes: size}
}

func (p pricer) size(of string, f graphql.CollectedField, page int) int {
	if strings.HasPrefix(of, "__") {
		return max(1, p.Introspection[f.Name])
	}
	if n, known := p.Lists[of+"."+f.Name]; known {
		return n
	}
	if of == "Query" {
		return p.page(f)
	}
	return page
}

// page returns the number of items in the lists directly below a field: the number that its
// arguments ask for, or the number of items that an argument lists.
func (p pricer) page(f graphql.CollectedField) int {
	args := f.ArgumentMap(p.oc.Variables)
	most := cmp.Or(p.Pages[f.Name], p.MaxPage)
	for _, name := range []string{"last", "first"} {
		if n, err := graphql.UnmarshalInt(args[name]); err == nil && args[name] != nil {
			return max(1, min(n, most))
		}
	}
	if input, ok := args["input"].(map[string]any); ok {
		args = input
	}
	for _, name := range p.Listed {
		if list, ok := args[name].([]any); ok && len(list) > 0 {
			return len(list)
		}
	}
	return p.DefaultPage
}

// price refuses an operation that costs too much before it runs. A mutation has its effect before
// its answer, so its answer must always fit, as must the events of a subscription.
func (l limits) price(oc *graphql.OperationContext, sizes *Sizes, backOffice bool) *gqlerror.Error {
	c := pricer{sizes, oc}.operation()
	oc.Stats.SetExtension(costKey, c)
	answer := l.answer(backOffice)
	var message string
	switch {
	case c.values > l.values:
		message = fmt.Sprintf("The document asks for up to %d values, which is more than %d. "+
			"Ask for fewer at once, with first or last, or for fewer fields.", c.values, l.values)
	case oc.Operation.Operation == ast.Mutation && c.bytes > answer:
		message = fmt.Sprintf("The answer could be up to %d bytes long, which is more than %d. "+
			"Ask for fewer mutations in one request, or for fewer fields.", c.bytes, answer)
	case oc.Operation.Operation == ast.Subscription && c.bytes > plan.MaxEvent:
		message = fmt.Sprintf("An event could be up to %d bytes long, which is more than %d. Ask for fewer fields.", c.bytes, plan.MaxEvent)
	default:
		return nil
	}
	return requestError(codeValidationFailed, message, "", oc.Operation.Position)
}
