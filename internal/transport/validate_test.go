package transport

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// Kinds of input that the schema doesn't use so far.
func TestInputsOfOtherKinds(t *testing.T) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: `
		type Query { f(pick: Pick, n: Float, id: ID, at: Time, deep: [[Int!]]): Int }
		input Pick @oneOf { a: Int b: Int }
		scalar Time`})
	if err != nil {
		t.Fatal(err)
	}
	in := inputs{schema: schema}
	for _, row := range []struct {
		argument, literal, variable string // the variable is "" if the two are written alike
		field                       string // "-" if it fits
	}{
		{"pick", `{a: 1}`, `{"a":1}`, "-"},
		{"pick", `{}`, ``, "pick"},
		{"pick", `{a: 1, b: 2}`, `{"a":1,"b":2}`, "pick"},
		{"pick", `{a: null}`, `{"a":null}`, "pick"},
		{"n", `1`, ``, "-"}, {"n", `1.5`, ``, "-"}, {"n", `"1"`, ``, "n"},
		{"id", `1`, ``, "-"}, {"id", `"a"`, ``, "-"}, {"id", `1.5`, ``, "id"}, {"id", `true`, ``, "id"},
		{"at", `"2026-11-23"`, ``, "-"}, {"at", `[]`, ``, "at"}, {"at", `{}`, ``, "at"},
		{"deep", `[[1], [2, 3]]`, ``, "-"}, {"deep", `1`, ``, "-"}, {"deep", `[[1, null]]`, ``, "deep[0][1]"},
		{"deep", `[null]`, ``, "-"}, {"deep", `[["a"]]`, ``, "deep[0][0]"},
	} {
		argument := schema.Query.Fields.ForName("f").Arguments.ForName(row.argument)
		doc, err := parser.ParseQuery(&ast.Source{Input: "{f(" + row.argument + ":" + row.literal + ")}"})
		if err != nil {
			t.Fatal(err)
		}
		got := "-"
		if errs := validator.ValidateWithRules(schema, doc, in.validationRules()); len(errs) > 0 {
			got, _ = errs[0].Extensions["field"].(string)
		}
		if got != row.field {
			t.Errorf("%s as %s: the error is at %q, want %q", row.literal, row.argument, got, row.field)
		}

		text := row.variable
		if text == "" {
			text = row.literal
		}
		v, err := decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got = "-"
		if _, err := in.variable(argument.Type, v); err != nil {
			got = err.in(row.argument).field
		}
		if got != row.field {
			t.Errorf("%s as a variable for %s: the error is at %q, want %q", text, row.argument, got, row.field)
		}
	}
}
