package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// contractSum pins testdata/contract.graphqls: the documented API is not ours to
// change.
const contractSum = "5da535de69d733db483960cff563733aa6408c2f6f4f006e49918f64582aea48"

// TestContract compares the served schema with the documented one: everything in that is
// there, unchanged, and nothing new is required of a documented call.
func TestContract(t *testing.T) {
	text, err := os.ReadFile("testdata/contract.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != contractSum {
		t.Fatalf("the contract has changed: its SHA-256 is %x", sum)
	}
	documented, err := gqlparser.LoadSchema(&ast.Source{Name: "contract.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	for _, breach := range breaches(documented, servedSchema()) {
		t.Error(breach)
	}
}

// breaches lists how a schema breaks another.
func breaches(documented, served *ast.Schema) []string {
	var c comparison
	for name, want := range documented.Types {
		got := served.Types[name]
		switch {
		case want.BuiltIn:
		case got == nil:
			c.add(name, "is missing")
		case got.Kind != want.Kind:
			c.add(name, "is of another kind")
		default:
			c.fields(want, got)
			c.enum(want, got)
		}
	}
	return c.found
}

type comparison struct{ found []string }

func (c *comparison) add(where, what string) { c.found = append(c.found, where+" "+what) }

func (c *comparison) fields(want, got *ast.Definition) {
	for _, f := range want.Fields {
		where := want.Name + "." + f.Name
		now := got.Fields.ForName(f.Name)
		switch {
		case strings.HasPrefix(f.Name, "__"):
		case now == nil:
			c.add(where, "is missing")
		case now.Type.String() != f.Type.String():
			c.add(where, "is now "+now.Type.String())
		case now.DefaultValue.String() != f.DefaultValue.String():
			c.add(where, "has another default: "+now.DefaultValue.String())
		default:
			c.arguments(where, f.Arguments, now.Arguments)
		}
	}
	for _, now := range got.Fields {
		if want.Kind == ast.InputObject && want.Fields.ForName(now.Name) == nil && required(now.Type, now.DefaultValue) {
			c.add(want.Name+"."+now.Name, "is new and required")
		}
	}
}

func (c *comparison) arguments(where string, want, got ast.ArgumentDefinitionList) {
	for _, a := range want {
		now := got.ForName(a.Name)
		switch {
		case now == nil:
			c.add(where+"("+a.Name+")", "is missing")
		case now.Type.String() != a.Type.String():
			c.add(where+"("+a.Name+")", "is now "+now.Type.String())
		case now.DefaultValue.String() != a.DefaultValue.String():
			c.add(where+"("+a.Name+")", "has another default: "+now.DefaultValue.String())
		}
	}
	for _, now := range got {
		if want.ForName(now.Name) == nil && required(now.Type, now.DefaultValue) {
			c.add(where+"("+now.Name+")", "is new and required")
		}
	}
}

func (c *comparison) enum(want, got *ast.Definition) {
	for _, v := range want.EnumValues {
		if got.EnumValues.ForName(v.Name) == nil {
			c.add(want.Name+"."+v.Name, "is missing")
		}
	}
}

func required(t *ast.Type, fallback *ast.Value) bool { return t.NonNull && fallback == nil }

// TestBreachesAreFound shows that the comparison finds breaches.
func TestBreachesAreFound(t *testing.T) {
	const contract = `
		type Query { f(a: Int = 1, b: In!): Out! }
		type Out { x: String! }
		input In { y: E = A  z: Int }
		enum E { A B }`
	documented := gqlparser.MustLoadSchema(&ast.Source{Input: contract})
	for _, row := range []struct{ change, to, breach string }{
		{`z: Int`, `z: Int n: Int  m: Int! = 1`, ""},
		{`b: In!`, `b: In! c: Int d: Int! = 2`, ""},
		{`A B`, `A B C`, ""},
		{`f(a`, `g: Int f(a`, ""},
		{`Out!`, `Out`, "Query.f is now Out"},
		{`b: In!`, `b: In`, "Query.f(b) is now In"},
		{`a: Int = 1`, `a: Int`, "Query.f(a) has another default: <nil>"},
		{`a: Int = 1`, `a: Int = 2`, "Query.f(a) has another default: 2"},
		{`a: Int = 1, `, ``, "Query.f(a) is missing"},
		{`b: In!`, `b: In! c: Int!`, "Query.f(c) is new and required"},
		{`x: String!`, `x: String`, "Out.x is now String"},
		{`x: String!`, `w: String!`, "Out.x is missing"},
		{`y: E = A`, `y: E`, "In.y has another default: <nil>"},
		{`z: Int`, `z: Int n: Int!`, "In.n is new and required"},
		{`A B`, `A`, "E.B is missing"},
		{`enum E { A B }`, `scalar E`, "E is of another kind"},
	} {
		changed := strings.Replace(contract, row.change, row.to, 1)
		served := gqlparser.MustLoadSchema(&ast.Source{Input: changed})
		if got := strings.Join(breaches(documented, served), "; "); got != row.breach {
			t.Errorf("%s to %s: %q, want %q", row.change, row.to, got, row.breach)
		}
	}
}

func TestDeferIsNotServed(t *testing.T) {
	if servedSchema().Directives["defer"] != nil {
		t.Error("@defer is in the schema")
	}
}
