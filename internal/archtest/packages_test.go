package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	module = "backchannel"
	root   = "../.." // of the repository, from this folder
)

// goPackage is what the tests read of a package in `go list -json`.
type goPackage struct {
	ImportPath   string
	Name         string
	Dir          string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
}

var goList = sync.OnceValues(func() ([]goPackage, error) {
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports", "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg goPackage
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, pkg)
	}
})

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	all, err := goList()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	return all
}

func TestEachPackageSaysWhatItIs(t *testing.T) {
	for _, pkg := range listPackages(t) {
		comments, handwritten := packageComments(t, pkg)
		switch {
		case !handwritten:
		case len(comments) == 0:
			t.Errorf("%s has no package comment", pkg.ImportPath)
		case len(comments) > 1:
			t.Errorf("%s has %d package comments; one place is enough", pkg.ImportPath, len(comments))
		case pkg.Name != "main" && !strings.HasPrefix(comments[0], "Package "+pkg.Name+" "):
			t.Errorf("the comment of %s does not begin with %q", pkg.ImportPath, "Package "+pkg.Name)
		}
	}
}

// packageComments returns a package's comments, and whether any of its files isn't generated.
func packageComments(t *testing.T, pkg goPackage) (comments []string, handwritten bool) {
	t.Helper()
	for _, name := range slices.Concat(pkg.GoFiles, pkg.TestGoFiles, pkg.XTestGoFiles) {
		file := parse(t, filepath.Join(pkg.Dir, name), parser.PackageClauseOnly|parser.ParseComments)
		if !ast.IsGenerated(file) {
			handwritten = true
		}
		if file.Doc != nil {
			comments = append(comments, file.Doc.Text())
		}
	}
	return comments, handwritten
}

func parse(t *testing.T, path string, mode parser.Mode) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
