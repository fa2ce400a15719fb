package archtest

import (
	"go/ast"
	"go/parser"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// In ARCHITECTURE.md a token in backticks and without spaces names
//
//   - a file or folder, when it contains a slash or ends in .go: from the
//     root or from internal/, wildcards allowed. An import path that the
//     project uses will do too, and a path that begins with a slash is a URL's.
//   - a declaration, as `chat.Provider` or `engine.Engine.Send`, when it begins
//     with the name of a folder below internal/.
//
// Both must exist. Blocks fenced with ``` are pictures and are not read.
const architecture = root + "/ARCHITECTURE.md"

var (
	fenced = regexp.MustCompile("(?ms)^```.*?\n```")
	quoted = regexp.MustCompile("`([^`\\s]+)`")
)

func TestArchitectureNamesWhatExists(t *testing.T) {
	for _, token := range architectureTokens(t) {
		switch {
		case strings.HasPrefix(token, "/"):
		case strings.Contains(token, "/") || strings.HasSuffix(token, ".go"):
			if !pathExists(token) && !imported(t, token) {
				t.Errorf("ARCHITECTURE.md names the file `%s`, which does not exist", token)
			}
		default:
			unit, name, dotted := strings.Cut(token, ".")
			if dotted && ast.IsExported(name) && pathExists("internal/"+unit) && !declares(t, unit, name) {
				t.Errorf("ARCHITECTURE.md names `%s`, which internal/%s does not declare", token, unit)
			}
		}
	}
}

func TestArchitectureNamesEachPackage(t *testing.T) {
	tokens := architectureTokens(t)
	for _, pkg := range listPackages(t) {
		inside, internal := strings.CutPrefix(pkg.ImportPath, module+"/internal/")
		if internal && !slices.Contains(tokens, "internal/"+inside) && !slices.Contains(tokens, inside) {
			t.Errorf("ARCHITECTURE.md does not name `internal/%s`", inside)
		}
	}
}

// architectureTokens returns the tokens in backticks, without the slash that
// may end a folder and the () that may end a function.
func architectureTokens(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for _, match := range quoted.FindAllSubmatch(fenced.ReplaceAll(text, nil), -1) {
		token := strings.TrimSuffix(string(match[1]), "()")
		if trimmed := strings.TrimRight(token, "/"); trimmed != "" {
			token = trimmed
		}
		tokens = append(tokens, token)
	}
	return tokens
}

// pathExists reports whether a file or folder has this path, from the root or
// from internal/.
func pathExists(pattern string) bool {
	for _, base := range []string{root, root + "/internal"} {
		if found, err := filepath.Glob(filepath.Join(base, pattern)); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

// imported reports whether a package of the project imports this path or one
// below it.
func imported(t *testing.T, path string) bool {
	t.Helper()
	for _, pkg := range listPackages(t) {
		if slices.ContainsFunc(pkg.Imports, func(used string) bool {
			return used == path || strings.HasPrefix(used, path+"/")
		}) {
			return true
		}
	}
	return false
}

// declares reports whether the package in internal/unit declares the dotted
// name: something at the top, or a method or field of a type.
func declares(t *testing.T, unit, dotted string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "internal", unit, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		for _, declaration := range parse(t, path, parser.SkipObjectResolution).Decls {
			if slices.Contains(namesOf(declaration), dotted) {
				return true
			}
		}
	}
	return false
}

// namesOf lists the names that a declaration declares: "Name", and "Type.Member" for the
// methods and fields of a type.
func namesOf(declaration ast.Decl) []string {
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		if declaration.Recv == nil {
			return []string{declaration.Name.Name}
		}
		return []string{receiver(declaration.Recv.List[0].Type) + "." + declaration.Name.Name}
	case *ast.GenDecl:
		var names []string
		for _, spec := range declaration.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
				for _, member := range members(spec.Type) {
					names = append(names, spec.Name.Name+"."+member)
				}
			}
		}
		return names
	}
	return nil
}

// receiver returns the name of a receiver's type without star and parameters.
func receiver(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.StarExpr:
		return receiver(expression.X)
	case *ast.IndexExpr:
		return receiver(expression.X)
	case *ast.Ident:
		return expression.Name
	}
	return ""
}

// members lists the fields of a struct or the methods of an interface.
func members(expression ast.Expr) []string {
	var list *ast.FieldList
	switch expression := expression.(type) {
	case *ast.StructType:
		list = expression.Fields
	case *ast.InterfaceType:
		list = expression.Methods
	default:
		return nil
	}
	var names []string
	for _, field := range list.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}
