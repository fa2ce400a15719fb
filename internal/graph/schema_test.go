package graph

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Front ends make their types from this file.
func TestSchemaDocument(t *testing.T) {
	t.Parallel()
	const file = "../../docs/schema.graphqls"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(SDL(), string(text)); diff != "" {
		t.Errorf("docs/schema.graphqls is out of date; run go run . schema > docs/schema.graphqls:\n%s", diff)
	}
}
