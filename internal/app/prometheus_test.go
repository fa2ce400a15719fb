package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/logtest"
	"backchannel/internal/pgtest"
)

// dashboardExpressions are the queries of deploy/grafana-dashboard.json, as Prometheus
// takes them.
func dashboardExpressions(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			list = append(list, strings.ReplaceAll(target.Expr, "$__rate_interval", "1m"))
		}
	}
	return list
}

var (
	ourMetric = regexp.MustCompile(`backchannel_[a-z0-9_]+`)
	suffix    = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// The dashboard and the alerts ask for figures that there are, and the dashboard shows
// all of them.
func TestDashboardAndAlertsKnowTheMetrics(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--ops-addr", "127.0.0.1:0", "--user-message-rate", "0.001", "--user-message-burst", "2")
	happen(t, s)
	hosted := httptest.NewServer(http.NotFoundHandler())
	defer hosted.Close()
	stream := start(t, t.TempDir(), "--provider", "stream", "--stream-api-key", "key", "--stream-api-secret", secret,
		"--stream-base-url", hosted.URL, "--ops-addr", "127.0.0.1:0")
	for range 6 {
		_, _ = stream.ask(`{ channel(cid: "messaging:x") { name } }`, nil)
	}
	node := start(t, t.TempDir(), "--database-url", pgtest.Open(t), "--nats", "nats://127.0.0.1:1", "--ops-addr", "127.0.0.1:0")
	there := map[string]bool{}
	for _, text := range []string{s.metricsOf("backchannel_job_rows_total"), stream.metrics(), node.metrics()} {
		checkFigures(t, text)
		for _, name := range ourMetric.FindAllString(text, -1) {
			there[suffix.ReplaceAllString(name, "")] = true
		}
	}
	alerts, err := os.ReadFile("../../deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range ourMetric.FindAllString(strings.Join(dashboardExpressions(t), "\n"), -1) {
		shown[suffix.ReplaceAllString(name, "")] = true
	}
	for _, name := range ourMetric.FindAllString(string(alerts), -1) {
		if !there[suffix.ReplaceAllString(name, "")] {
			t.Errorf("an alert asks for %s, which there isn't", name)
		}
	}
	for name := range shown {
		if !there[name] {
			t.Errorf("the dashboard asks for %s, which there isn't", name)
		}
	}
	for name := range there {
		if !shown[name] && name != "backchannel_build_info" {
			t.Errorf("the dashboard doesn't show %s", name)
		}
	}
}

// checkFigures checks served metrics with promtool. It does nothing if promtool isn't installed.
func checkFigures(t *testing.T, text string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		return
	}
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// Prometheus itself scrapes a running server, evaluates every rule and answers every
// query of the dashboard.
func TestPrometheus(t *testing.T) {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("left out: prometheus is not installed")
	}
	t.Parallel()
	s := start(t, t.TempDir(), "--ops-addr", "127.0.0.1:0", "--user-message-rate", "0.001", "--user-message-burst", "2")
	happen(t, s)
	rules, err := filepath.Abs("../../deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	config := filepath.Join(folder, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\n"+
		"scrape_configs:\n- job_name: backchannel\n  static_configs: [{targets: [%q]}]\n", rules, s.opsAddr())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	cmd := exec.CommandContext(t.Context(), binary, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address)
	out := &logtest.Log{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	prometheus := func(path string) string {
		resp, err := http.Get("http://" + address + path)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	asks := func(expression string) string {
		return prometheus("/api/v1/query?query=" + url.QueryEscape(expression))
	}
	for until := time.Now().Add(patience); !strings.Contains(asks(`backchannel_database_writable{job="backchannel"}`), `"1"]`) ||
		strings.Contains(prometheus("/api/v1/rules"), `"health":"unknown"`); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("Prometheus doesn't scrape: %s\n%s", prometheus("/api/v1/targets"), out)
		}
	}
	if answer := prometheus("/api/v1/rules"); !strings.Contains(answer, `"health":"ok"`) || strings.Contains(answer, `"health":"err"`) {
		t.Errorf("a rule fails: %s", answer)
	}
	if answer := asks(`ALERTS`); !strings.Contains(answer, `"result":[]`) {
		t.Errorf("an alert without a cause: %s", answer)
	}
	expressions := dashboardExpressions(t)
	if len(expressions) < 20 || !slices.ContainsFunc(expressions, func(e string) bool { return strings.Contains(e, "commit") }) {
		t.Errorf("the dashboard has %d queries", len(expressions))
	}
	for _, e := range expressions {
		if answer := asks(e); !strings.HasPrefix(answer, `{"status":"success"`) {
			t.Errorf("%s: %s", e, answer)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
