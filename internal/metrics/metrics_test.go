package metrics

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Every figure is on the dashboard and in the document, also those that show nothing
// until something happens.
func TestFiguresAreShownAndDescribed(t *testing.T) {
	t.Parallel()
	dashboard, err := os.ReadFile("../../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	figures := make(chan *prometheus.Desc, 1000)
	New("1").registry.Describe(figures)
	close(figures)
	name := regexp.MustCompile(`fqName: "(` + prefix + `\w+)"`)
	there := 0
	for figure := range figures {
		found := name.FindStringSubmatch(figure.String())
		if found == nil {
			continue // Go's own
		}
		there++
		if !strings.Contains(string(document), "`"+found[1]) {
			t.Errorf("docs/operations.md doesn't have %s", found[1])
		}
		if !strings.Contains(string(dashboard), found[1]) && found[1] != prefix+"build_info" {
			t.Errorf("the dashboard doesn't show %s", found[1])
		}
	}
	if there < 20 {
		t.Errorf("%d figures", there)
	}
}
