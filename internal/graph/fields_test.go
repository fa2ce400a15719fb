package graph_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

// If an argument of any operation is wrong, the error names an input that the operation
// has. The calls are made from the schema.
func TestErrorsNameFieldsThatThereAre(t *testing.T) {
	t.Parallel()
	l := apitest.Open(t, transport.Options{})
	f := fieldFuzz{TB: t, server: l, schema: graph.Schema(nil, &graph.Resolver{}).Executable.Schema(), named: map[string]bool{}}
	news, team := l.Channel("news"), l.Channel("ice")
	l.Say(news, "hello")
	f.message = first(l.MustAsk(`{messages(cid:"livestream:news"){nodes{id}}}`, nil))
	l.MustAsk(`mutation{freezeChannel(input:{cid:"livestream:ice",frozen:true}){channel{cid}}}`, nil)
	anna, ben := l.User("anna"), l.User("ben")
	l.MustAsk(`mutation{banUser(input:{userId:"ben",cid:"livestream:news"}){__typename}}`, nil)
	for who, token := range map[string]string{
		backOffice: apitest.Mint(l, auth.Grant{Subject: "clerk", Roles: []string{"BO"}}), "a user": anna, "a banned user": ben, "nobody": "",
	} {
		l.Token = token
		for i, cid := range []string{news, team, "livestream:none"} {
			if token == "" && i > 0 {
				break // all the same to nobody
			}
			f.cid, f.long = cid, 101 // a user's lists are shorter
			if who == backOffice && i == 0 {
				f.long = 10_001
			}
			for _, root := range []*ast.Definition{f.schema.Mutation, f.schema.Query} {
				for _, field := range root.Fields {
					if !strings.HasPrefix(field.Name, "__") {
						f.vary(who, root, field)
					}
				}
			}
		}
	}
	if len(f.named) < 40 {
		t.Errorf("only %d fields were named at all: %v", len(f.named), slices.Sorted(maps.Keys(f.named)))
	}
	t.Logf("%d fields were named in %d calls", len(f.named), f.calls)
}

const backOffice = "the back office"

type fieldFuzz struct {
	testing.TB
	server       *apitest.Server
	schema       *ast.Schema
	cid, message string
	long         int             // elements of a list that is too long
	named        map[string]bool // operation and field
	calls        int
}

// vary calls a field with good arguments, and then with one of them wrong, in turn.
func (f *fieldFuzz) vary(who string, root *ast.Definition, field *ast.FieldDefinition) {
	good := map[string]any{}
	for _, a := range field.Arguments {
		if v := f.good(a.Name, a.Type); v != nil {
			good[a.Name] = v
		}
	}
	f.call(who, root, field, good)
	f.each(good, func() { f.call(who, root, field, good) })
}

// each makes every leaf of a value wrong in several ways, one after the other.
func (f *fieldFuzz) each(v any, call func()) {
	replace := func(old any, set func(any)) {
		if _, isString := old.(string); isString {
			for _, bad := range []any{"", "\x00", "none", strings.Repeat("x", 6000), "team:none", "nobody"} {
				set(bad)
				call()
			}
		}
		if _, isNumber := old.(int); isNumber {
			for _, bad := range []any{-1, 0, 1 << 30} {
				set(bad)
				call()
			}
		}
		set(old)
		f.each(old, call)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			replace(v[name], func(x any) { v[name] = x })
			if list, ok := v[name].([]any); ok {
				for _, bad := range [][]any{{}, slices.Repeat(list, f.long)} {
					v[name] = bad
					call()
				}
				v[name] = list
			}
		}
	case []any:
		for i := range v {
			replace(v[i], func(x any) { v[i] = x })
		}
	}
}

// good is a value that is likely to be accepted.
func (f *fieldFuzz) good(name string, t *ast.Type) any {
	if t.Elem != nil {
		return []any{f.good(name, t.Elem)}
	}
	switch def := f.schema.Types[t.NamedType]; def.Kind {
	case ast.InputObject:
		object := map[string]any{}
		for _, field := range def.Fields {
			if v := f.good(field.Name, field.Type); v != nil && (field.Type.NonNull || !optionalTwin[field.Name]) {
				object[field.Name] = v
			}
		}
		return object
	case ast.Enum:
		return def.EnumValues[0].Name
	}
	switch {
	case name == "before" || name == "last" || name == "after":
		return nil
	case t.NamedType == "Boolean":
		return false
	case t.NamedType == "Int" || t.NamedType == "Seq":
		return 1
	case t.NamedType == "Time":
		return "2001-01-01T00:00:00Z"
	}
	if v, ok := map[string]string{
		"cid": f.cid, "cids": f.cid, "channelId": strings.TrimPrefix(f.cid, "livestream:"), "messageId": f.message,
		"userId": "anna", "userIds": "anna", "ids": "anna", "mentionedUsersIds": "anna", "id": "anna", "type": "like",
		"assetUrl": "https://e.example/a.png", "titleLink": "https://e.example",
	}[name]; ok {
		return v
	}
	return "x"
}

// optionalTwin are inputs that take the place of another, or would have all be refused.
var optionalTwin = map[string]bool{"typeName": true, "avatarFilename": true, "ifVersion": true, "ifVersions": true}

func (f *fieldFuzz) call(who string, root *ast.Definition, field *ast.FieldDefinition, args map[string]any) {
	var vars, uses []string
	for _, a := range field.Arguments {
		if _, given := args[a.Name]; given {
			vars = append(vars, fmt.Sprintf("$%s:%s", a.Name, a.Type))
			uses = append(uses, fmt.Sprintf("%s:$%s", a.Name, a.Name))
		}
	}
	document := field.Name
	if len(vars) > 0 {
		document = fmt.Sprintf("%s(%s)", field.Name, strings.Join(uses, ","))
	}
	if f.schema.Types[field.Type.Name()].IsCompositeType() {
		document += "{__typename}"
	}
	operation := strings.ToLower(root.Name)
	if len(vars) > 0 {
		operation += "(" + strings.Join(vars, ",") + ")"
	}
	f.calls++
	for _, e := range f.server.Ask(operation+"{"+document+"}", args).Errors {
		named := e.Field()
		if e.Code() == "INTERNAL" {
			f.Errorf("%s of %s with %.300v: INTERNAL", field.Name, who, args)
		}
		if named == "" {
			continue
		}
		f.named[field.Name+" "+named] = true
		if !f.has(field.Arguments, named) {
			f.Errorf("%s of %s with %.300v: the error names %s: %s", field.Name, who, args, named, e.Message)
		}
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

// has reports whether a path like input.users[2].id leads to an input.
func (f *fieldFuzz) has(args ast.ArgumentDefinitionList, path string) bool {
	parts := strings.Split(index.ReplaceAllString(path, ""), ".")
	arg := args.ForName(parts[0])
	if arg == nil {
		return false
	}
	def := f.schema.Types[arg.Type.Name()]
	for _, name := range parts[1:] {
		field := def.Fields.ForName(name)
		if def.Kind != ast.InputObject || field == nil {
			return false
		}
		def = f.schema.Types[field.Type.Name()]
	}
	return true
}

func first(data map[string]any) string {
	node := data["messages"].(map[string]any)["nodes"].([]any)[0]
	return node.(map[string]any)["id"].(string)
}
