// Package metricstest reads in tests what internal/metrics has counted, in the way in which
// Prometheus does.
package metricstest

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"backchannel/internal/metrics"
)

// Read returns the sum of the series whose lines begin with a text, such as the figure's
// name with some of its labels: `webhook_deliveries_total{outcome="dead"`. It is an error if
// there is no such series.
func Read(t testing.TB, m *metrics.Metrics, series string) (sum float64) {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	found := false
	for line := range strings.Lines(answer.Body.String()) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "backchannel_"+series) {
			continue
		}
		value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		found, sum = true, sum+value
	}
	if !found {
		t.Errorf("no figure begins with %s", series)
	}
	return sum
}
