package fold_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"backchannel/internal/fold"
)

// The console's own fold is tested with the same file.
func alike(t *testing.T) (a struct {
	Text  map[string]string
	Order []string
}) {
	t.Helper()
	raw, err := os.ReadFile("testdata/alike.json")
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestText(t *testing.T) {
	t.Parallel()
	for s, want := range alike(t).Text {
		if got := fold.Text(s); got != want {
			t.Errorf("%q is %q (%+q), not %q", s, got, got, want)
		}
	}
}

func TestKeyOrdersNumbersByTheirValue(t *testing.T) {
	t.Parallel()
	names := alike(t).Order
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return strings.Compare(fold.Key(a), fold.Key(b)) })
	if !slices.Equal(sorted, names) {
		t.Errorf("sorted as %q", sorted)
	}
	if fold.Key("Room 007") != fold.Key("room 7") {
		t.Error("zeros before a number count")
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Zoë 10", "ß", "ΐ", "ŉ", "ᾳ", "Ⅷ", "ﷺ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip() // refused by every API
		}
		folded := fold.Text(s)
		if again := fold.Text(folded); again != folded {
			t.Errorf("%q is %q, which is %q", s, folded, again)
		}
		if upper := strings.ToUpper(s); strings.EqualFold(upper, s) && fold.Text(upper) != folded {
			t.Errorf("%q is %q, in upper case %q", s, folded, fold.Text(upper))
		}
		if !utf8.ValidString(fold.Key(s)) {
			t.Errorf("%q has the key %q", s, fold.Key(s))
		}
	})
}
