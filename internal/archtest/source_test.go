package archtest

import (
	"iter"
	"os"
	"path/filepath"
	"testing"
)

// sources gives the path and text of a package's files, without tests.
func sources(t *testing.T, pkg goPackage) iter.Seq2[string, string] {
	t.Helper()
	return func(yield func(path, text string) bool) {
		for _, name := range pkg.GoFiles {
			path := filepath.Join(pkg.Dir, name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !yield(path, string(text)) {
				return
			}
		}
	}
}
