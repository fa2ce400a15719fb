package graph

import (
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// Each list of the schema is a page, or is as long as its field's arguments ask for, or
// has a size of its own. If it lacks one, its costs are counted wrong.
func TestEveryListHasASize(t *testing.T) {
	byCaller := map[string]bool{"Query.lastMessages": true, "SetRolesPayload.users": true, "UpsertChatUsersPayload.users": true}
	known := 0
	for _, def := range servedSchema().Types {
		if def.Kind != ast.Object || strings.HasPrefix(def.Name, "__") || def.Name == "Subscription" {
			continue
		}
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			_, sized := sizes.Lists[name]
			switch {
			case f.Type.Elem == nil && sized:
				t.Errorf("%s is no list", name)
			case f.Type.Elem == nil || strings.HasSuffix(def.Name, "Connection") || byCaller[name]:
			case !sized:
				t.Errorf("the list %s has no size", name)
			default:
				known++
			}
		}
	}
	if known != len(sizes.Lists) {
		t.Errorf("%d of %d sizes are of lists", known, len(sizes.Lists))
	}
}

// Every list whose items have texts is written in one go, since otherwise it is not
// bounded.
func TestListsAreWrittenInOneGo(t *testing.T) {
	schema := servedSchema()
	// What chat.Highlights and the like hold is few and short.
	short := map[string]bool{"Query.overview": true, "Query.highlights": true, "Query.provider": true}
	for _, def := range []*ast.Definition{schema.Query, schema.Mutation} {
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			_, written := roots[name]
			if holdsList(schema, f.Type) && !written && !short[name] && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s has lists and is left to gqlgen", name)
			}
		}
	}
}

func holdsList(schema *ast.Schema, t *ast.Type) bool {
	if t.Elem != nil {
		return true
	}
	for _, f := range schema.Types[t.Name()].Fields {
		if !strings.HasPrefix(f.Name, "__") && holdsList(schema, f.Type) {
			return true
		}
	}
	return false
}

// Every field of the schema that gives a secret must be listed.
func TestFieldsWithSecretsAreListed(t *testing.T) {
	served := Schema(nil, &Resolver{})
	schema := served.Executable.Schema()
	secret := regexp.MustCompile(`(?i)token|secret|password|credential`)
	var holds func(def *ast.Definition, seen map[string]bool) bool
	holds = func(def *ast.Definition, seen map[string]bool) bool {
		if def == nil || seen[def.Name] || strings.HasPrefix(def.Name, "__") {
			return false
		}
		seen[def.Name] = true
		for _, f := range def.Fields {
			if secret.MatchString(f.Name) && schema.Types[f.Type.Name()].Kind == ast.Scalar || holds(schema.Types[f.Type.Name()], seen) {
				return true
			}
		}
		return false
	}
	found := 0
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, f := range root.Fields {
			gives := secret.MatchString(f.Name) && schema.Types[f.Type.Name()].Kind == ast.Scalar && f.Type.Name() != "Boolean" ||
				holds(schema.Types[f.Type.Name()], map[string]bool{})
			if gives {
				found++
			}
			if gives != (root == schema.Mutation && served.Secrets[f.Name]) {
				t.Errorf("%s.%s gives a secret: %v", root.Name, f.Name, gives)
			}
		}
	}
	if found == 0 {
		t.Error("no field gives a secret, not even createUserToken")
	}
}
