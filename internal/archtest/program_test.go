package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program is the project's packages, and the functions that each function mentions. Functions behind
// the wall mention none.
type program struct {
	fset    *token.FileSet
	checked map[string]*types.Package // by path
	exports map[string]string         // files of others' compiled packages, by path
	others  types.Importer

	roots      []*types.Func // mentioned outside of functions, or called by other modules
	mentions   map[*types.Func][]*types.Func
	named      []*types.Named
	interfaces []*types.Interface // of other modules, which call the methods of our types
}

// calledByReflection are methods that only reflection calls: those of kong's commands.
var calledByReflection = []string{"Run", "Validate", "AfterApply"}

// loadProgram checks the packages' types, each after those that it imports.
func loadProgram(t *testing.T) *program {
	t.Helper()
	p := &program{fset: token.NewFileSet(), checked: map[string]*types.Package{}, exports: map[string]string{}, mentions: map[*types.Func][]*types.Func{}}
	p.others = importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(p.exports[path]) })
	list := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export", ".", "./internal/bench/...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			goPackage
			Export string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return p
		} else if err != nil {
			t.Fatal(err)
		}
		p.exports[pkg.ImportPath] = pkg.Export
		if unitOf(pkg.ImportPath) != "" {
			p.check(t, pkg.goPackage)
		} else if other, err := p.others.Import(pkg.ImportPath); err == nil {
			p.interfaces = append(p.interfaces, interfacesOf(other)...)
		}
	}
}

func interfacesOf(pkg *types.Package) (list []*types.Interface) {
	for _, name := range pkg.Scope().Names() {
		if i, ok := pkg.Scope().Lookup(name).Type().Underlying().(*types.Interface); ok && i.NumMethods() > 0 {
			list = append(list, i)
		}
	}
	return list
}

// Import implements types.Importer.
func (p *program) Import(path string) (*types.Package, error) {
	if pkg := p.checked[path]; pkg != nil {
		return pkg, nil
	}
	return p.others.Import(path)
}

func (p *program) check(t *testing.T, pkg goPackage) {
	t.Helper()
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(p.fset, filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	checked, err := (&types.Config{Importer: p}).Check(pkg.ImportPath, p.fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	p.checked[pkg.ImportPath] = checked
	if unitOf(pkg.ImportPath) == wall {
		return
	}
	for _, file := range files {
		p.note(file, info, ast.IsGenerated(file) || slices.Contains(helpers, unitOf(pkg.ImportPath)))
	}
	for _, name := range checked.Scope().Names() {
		if n, ok := checked.Scope().Lookup(name).Type().(*types.Named); ok {
			p.named = append(p.named, n)
		}
	}
}

// note records the functions that a file mentions. If whole, as for a generated file, all functions of
// the file count as used.
func (p *program) note(file *ast.File, info *types.Info, whole bool) {
	for _, declaration := range file.Decls {
		mentioned := mentionedIn(declaration, info)
		f, _ := declaration.(*ast.FuncDecl)
		if f == nil || whole {
			p.roots = append(p.roots, mentioned...)
			continue
		}
		function := info.Defs[f.Name].(*types.Func)
		p.mentions[function] = mentioned
		if f.Recv == nil && f.Name.Name == "main" || f.Recv != nil && slices.Contains(calledByReflection, f.Name.Name) {
			p.roots = append(p.roots, function)
		}
	}
}

func mentionedIn(declaration ast.Decl, info *types.Info) (list []*types.Func) {
	ast.Inspect(declaration, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f, ok := info.Uses[id].(*types.Func); ok {
				list = append(list, f.Origin())
			}
		}
		return true
	})
	return list
}

// unused returns the functions that nothing reaches, with their positions. The excused ones count as
// reached.
func (p *program) unused(excused []string) map[string]string {
	for f := range p.mentions {
		if slices.Contains(excused, f.FullName()) {
			p.roots = append(p.roots, f)
		}
	}
	list, reached := map[string]string{}, p.reach()
	for f := range p.mentions {
		if !reached[f] {
			list[f.FullName()] = p.fset.Position(f.Pos()).String()
		}
	}
	return list
}

func (p *program) reach() map[*types.Func]bool {
	queue := slices.Clone(p.roots)
	for _, n := range p.named {
		for _, i := range p.interfaces {
			for m := range i.Methods() {
				queue = append(queue, methodFor(n, i, m.Name())...)
			}
		}
	}
	reached := map[*types.Func]bool{}
	for len(queue) > 0 {
		f := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if reached[f] {
			continue
		}
		reached[f] = true
		queue = append(queue, p.mentions[f]...)
		if recv := f.Signature().Recv(); recv != nil {
			if i, ok := recv.Type().Underlying().(*types.Interface); ok {
				for _, n := range p.named {
					queue = append(queue, methodFor(n, i, f.Name())...)
				}
			}
		}
	}
	return reached
}

// methodFor returns the method that a type has for one of an interface.
func methodFor(n *types.Named, i *types.Interface, name string) []*types.Func {
	if !types.Implements(n, i) && !types.Implements(types.NewPointer(n), i) {
		return nil
	}
	object, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, n.Obj().Pkg(), name)
	if f, ok := object.(*types.Func); ok {
		return []*types.Func{f.Origin()}
	}
	return nil
}
