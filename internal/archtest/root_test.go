package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// atRoot lists everything at the root of the repository.
var atRoot = []string{
	".ci", ".editorconfig", ".gitattributes", ".gitignore", ".golangci.yml",
	"ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
	"deploy", "docs", "go.mod", "go.sum", "internal", "main.go", "scripts", "streamtest", "test", "tools", "web",
}

// symlink is the mode that git gives a symbolic link.
const symlink = "120000"

func TestNothingStrayIsCommitted(t *testing.T) {
	list := exec.Command("git", "ls-files", "--stage")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Skipf("this is not a checkout of git: %v", err) // as in an unpacked archive
	}
	for line := range strings.Lines(string(out)) {
		attributes, path, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(attributes, symlink) {
			t.Errorf("%s is a symbolic link", path)
		}
		if top, _, _ := strings.Cut(path, "/"); !slices.Contains(atRoot, top) {
			t.Errorf("%s lies at the root, where only %q are known: move it, or add it in this file", path, atRoot)
		}
	}
}
