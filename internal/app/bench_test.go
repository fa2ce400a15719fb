package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBench(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	stdout, stderr, code := run(t, nil, "bench", "--duration", "1s", "--subscribers", "20", "--rate", "50", "--json", file)
	if code != 0 || !strings.Contains(stdout, "deliveries ") {
		t.Fatalf("got %d, %s%s", code, stdout, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Sends, Deliveries, Missed, Repeated int }
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Sends < 10 || r.Deliveries != 20*r.Sends || r.Missed != 0 || r.Repeated != 0 {
		t.Errorf("the report is %s", text)
	}
}

func TestBenchOfAServerThatRuns(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	stdout, stderr, code := run(t, nil, "bench", "--url", s.url+"/graphql", "--token", s.token,
		"--duration", "200ms", "--subscribers", "60", "--rate", "0")
	if code != 0 {
		t.Fatalf("got %d, %s%s", code, stdout, stderr)
	}
	var channels []struct{ ID string }
	if s.must("allChannels", &channels, `{ allChannels { id } }`, nil); len(channels) != 0 {
		t.Errorf("it left %v", channels)
	}
}

func TestBenchRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what string
		args []string
		says string
	}{
		{"a server without a token", []string{"--url", "http://127.0.0.1:1/graphql"}, "--token"},
		{"a token without a server", []string{"--token", "x"}, "--url"},
		{"what isn't a URL", []string{"--url", "chat", "--token", "x"}, "http or https"},
		{"no writers", []string{"--writers", "0"}, "--writers"},
		{"a server that is away", []string{"--url", "http://127.0.0.1:1/graphql", "--token", "x"}, "refused"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			if _, stderr, code := run(t, nil, append([]string{"bench"}, row.args...)...); code != 1 || !strings.Contains(stderr, row.says) {
				t.Errorf("got %d, %s", code, stderr)
			}
		})
	}
}
