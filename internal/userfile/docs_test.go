package userfile_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/api.md lists every reason, and the console has words for what is listed.
func TestDocsListEveryReason(t *testing.T) {
	t.Parallel()
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	find := func(text, pattern string) (found []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, match[1])
		}
		slices.Sort(found)
		return found
	}
	_, table, _ := strings.Cut(read("../../docs/api.md"), "| fault |")
	table, _, _ = strings.Cut(table, "\n\n")
	_, ofChat, _ := strings.Cut(read("../chat/text.go"), "const (")
	ofChat, _, _ = strings.Cut(ofChat, "\n)")
	want := find(read("fault.go")+ofChat+`"TOO_LARGE"`, `"([A-Z][A-Z_]+)"`)
	if got := find(table, "(?m)^\\| `([A-Z_]+)`"); !slices.Equal(got, want) || len(got) < 20 {
		t.Errorf("docs/api.md has\n%q, the code\n%q", got, want)
	}
}
