package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1" // what a collector is sent
	"google.golang.org/protobuf/proto"

	"backchannel/internal/pgtest"
)

// opsAddr is where a server's operators are served.
func (s *server) opsAddr() string {
	s.t.Helper()
	for line := range strings.Lines(s.log.String()) {
		var entry struct {
			Addr string `json:"ops_addr"`
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Addr != "" {
			return entry.Addr
		}
	}
	s.t.Fatalf("no operators are served: %s", s.log)
	return ""
}

func (s *server) metrics() string {
	s.t.Helper()
	resp, err := http.Get("http://" + s.opsAddr() + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("/metrics: %d %v", resp.StatusCode, err)
	}
	return string(text)
}

// happen makes something happen that must be in the metrics and in the access log.
func happen(t *testing.T, s *server) {
	t.Helper()
	furnish(t, s)
	anna := server{t: t, url: s.url, token: token(t, "anna")}
	for document, code := range map[string]string{
		`query SecretName { a: allChannels { id } b: messages(cid: "livestream:nowhere") { nodes { id } } }`: "NOT_FOUND",
		`mutation { sendMessage(input: {cid: "livestream:news", text: "one too many"}) { message { id } } }`: "",
		`{ nonsense }`: "GRAPHQL_VALIDATION_FAILED",
	} {
		if a, err := s.ask(document, nil); err != nil || code != "" && (len(a.Errors) == 0 || a.Errors[0].Extensions["code"] != code) {
			t.Errorf("%s: %v %v, want %q", document, err, a.Errors, code)
		}
	}
	for range 3 { // two at once are allowed
		_, _ = anna.ask(`mutation { sendMessage(input: {cid: "livestream:news", text: "from anna"}) { message { id } } }`, nil)
	}
	if a, err := anna.ask(`{ allChannels { id } }`, nil); err != nil || len(a.Errors) != 1 {
		t.Errorf("a stranger's list: %v %v", err, a.Errors)
	}
	if got := s.resume("livestream:news", 1); !strings.Contains(got, "seq") {
		t.Errorf("resumed: %s", got)
	}
	s.get("/media/nothing.png")
	if status, _, _ := anna.upload("me.png", picture(10), nil); status != http.StatusUnauthorized {
		t.Errorf("a stranger's upload: %d", status)
	}
	s.get("/api/v2/chat/channels/livestream/news?api_key=wrong")
	var made struct{ Announcement struct{ ID string } }
	s.must("createAnnouncement", &made, `mutation { createAnnouncement(input: {text: "to all", channels: {cids: ["livestream:news"]}}) { announcement { id } } }`, nil)
	s.must("sendAnnouncement", new(any), `mutation($id: String!) { sendAnnouncement(input: {id: $id}) { announcement { id } } }`,
		map[string]any{"id": made.Announcement.ID})
}

// metricsOf waits for figures that follow what happened a moment later, and returns all.
func (s *server) metricsOf(figures ...string) (text string) {
	s.t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		text = s.metrics()
		missing := slices.DeleteFunc(slices.Clone(figures), func(f string) bool { return strings.Contains(text, f) })
		if len(missing) == 0 {
			return text
		}
		if time.Now().After(until) {
			s.t.Errorf("no %v", missing)
			return text
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"SQLite": nil, "PostgreSQL": {"--database-url", ""}} {
		t.Run(name, func(t *testing.T) {
			if args != nil {
				args[1] = pgtest.Open(t)
			}
			s := start(t, t.TempDir(), append(args, "--ops-addr", "127.0.0.1:0", "--api-key", "key", "--api-secret", secret, "--user-message-rate", "0.001", "--user-message-burst", "2")...)
			happen(t, s)
			text := s.metricsOf(`field="channelEvents"`, "backchannel_job_rows_total")
			for _, want := range []string{
				`backchannel_requests_total\{code="OK",field="sendMessageToChannel"\} 5`,
				`backchannel_requests_total\{code="OK",field="allChannels"\} 1`,
				`backchannel_requests_total\{code="UNAUTHORIZED",field="allChannels"\} 1`,
				`backchannel_requests_total\{code="NOT_FOUND",field="messages"\} 1`,
				`backchannel_requests_total\{code="GRAPHQL_VALIDATION_FAILED",field="none"\} 1`,
				`backchannel_requests_total\{code="OK",field="channelEvents"\} 1`,
				`backchannel_request_duration_seconds_count\{field="sendMessageToChannel"\} 5`,
				`backchannel_http_requests_total\{route="/media",status="201"\} 1`,
				`backchannel_http_requests_total\{route="/media/\{name\}",status="404"\} 1`,
				`backchannel_http_requests_total\{route="/api/v2/chat/channels/\{type\}/\{id\}",status="401"\} 1`,
				`backchannel_job_rows_total\{operation="sendAnnouncement",outcome="done"\} 1`,
				`backchannel_delivery_lag_seconds_count [1-9]`, `backchannel_webhook_waiting 0`,
				`backchannel_commit_writes_count [1-9]`, `backchannel_commit_duration_seconds_count [1-9]`, `backchannel_commit_failures_total 0`,
				`backchannel_write_queue [0-9]`, `backchannel_database_writable 1`, `backchannel_database_bytes [1-9]`,
				`backchannel_deliveries_total [1-9]`, `backchannel_live_connections [01]`, `backchannel_slow_subscribers_total 0`,
				`backchannel_rate_limited_total\{what="messages"\} [1-9]`,
				`backchannel_uploads_total\{outcome="OK"\} 1`, `backchannel_uploaded_bytes_total [1-9]`,
				`backchannel_build_info\{version=".+"\} 1`, `go_goroutines [1-9]`, `process_open_fds [1-9]`,
			} {
				if !regexp.MustCompile(`(?m)^` + want).MatchString(text) {
					t.Errorf("%s is missing", want)
				}
			}
			if t.Failed() {
				t.Log(regexp.MustCompile(`(?m)^(go|process|#).*\n`).ReplaceAllString(text, ""))
			}
			for _, never := range []string{"SecretName", "livestream:", "anna", "clerk"} {
				if strings.Contains(text, never) {
					t.Errorf("a label has %q, which a caller chose", never)
				}
			}
			checkBuckets(t, text)
		})
	}
}

// checkBuckets counts the buckets of each histogram; each is a series.
func checkBuckets(t *testing.T, text string) {
	t.Helper()
	buckets := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(backchannel_\w+)_bucket\{(.*?),?le="([^"]*)"\}`).FindAllStringSubmatch(text, -1) {
		if m[3] != "+Inf" {
			buckets[m[1]+m[2]]++
		}
	}
	if len(buckets) < 4 {
		t.Errorf("%d histograms", len(buckets))
	}
	for name, n := range buckets {
		if n > 12 {
			t.Errorf("%s has %d buckets, want at most 12", name, n)
		}
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--trusted-proxies", "127.0.0.1", "--user-message-rate", "0.001", "--user-message-burst", "2")
	happen(t, s)
	for range 200 { // the log's other lines are sampled; these are not
		s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": "news", "text": "a text nobody may log"})
	}
	req, err := http.NewRequest(http.MethodPost, s.url+"/graphql", strings.NewReader("{"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	req.Header.Set("X-Request-Id", "broken-body")
	if resp, err := client.Do(req); err != nil {
		t.Fatal(err)
	} else {
		_ = resp.Body.Close()
	}
	time.Sleep(time.Second) // lines are written a moment late
	text := s.log.String()
	for _, want := range []string{
		`"msg":"request","remote":"127.0.0.1","caller":"clerk","operation":"sendMessageToChannel","code":"OK","duration_us":\d+,"request_id":"\w+"`,
		`"caller":"anna","operation":"allChannels","code":"UNAUTHORIZED"`,
		`"operation":"allChannels messages","code":"NOT_FOUND"`,
		`"remote":"203.0.113.9","caller":"","operation":"none","code":"[A-Z_]+","duration_us":\d+,"request_id":"broken-body"`,
		`"operation":"channelEvents","code":"OK"`,
		`"caller":"clerk","operation":"POST /media","code":"201"`,
		`"caller":"anna","operation":"POST /media","code":"401"`,
		`"caller":"","operation":"GET /media/\{name\}","code":"404"`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no line is %s", want)
		}
	}
	if n := strings.Count(text, `"operation":"sendMessageToChannel"`); n != 205 {
		t.Errorf("%d of 205 messages have a line", n)
	}
	if strings.Contains(text, "nobody may log") || strings.Contains(text, s.token) {
		t.Error("a text or a token is logged")
	}
	if t.Failed() {
		t.Logf("%.6000s", text)
	}
	quiet := start(t, t.TempDir(), "--no-access-log")
	quiet.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
	quiet.kill()
	if strings.Contains(quiet.log.String(), `"msg":"request"`) {
		t.Errorf("lines in spite of --no-access-log: %s", quiet.log)
	}
}

// collector is an OpenTelemetry collector.
type collector struct {
	mu    sync.Mutex
	spans []string // name and attributes of each
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var sent tracepb.ExportTraceServiceRequest
	if proto.Unmarshal(body, &sent) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range sent.ResourceSpans {
		for _, scope := range from.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans = append(c.spans, fmt.Sprintf("%s|%x|%v|%v", span.Name, span.TraceId, span.Attributes, from.Resource.Attributes))
			}
		}
	}
}

func (c *collector) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.spans, "\n")
}

func TestTraces(t *testing.T) {
	t.Parallel()
	var all collector
	receiver := httptest.NewServer(&all)
	defer receiver.Close()
	var passedOn sync.Map
	hosted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passedOn.Store(r.Header.Get("Traceparent"), true)
		http.Error(w, `{"code": 4, "message": "no"}`, http.StatusBadRequest)
	}))
	defer hosted.Close()
	env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_SERVICE_NAME=chat-of-tests", "OTEL_BSP_SCHEDULE_DELAY=100"}

	engine := startProgram(t, program(t, env, serveArgs(t.TempDir(), "--database-url", pgtest.Open(t))...))
	happen(t, engine)
	stream := startProgram(t, program(t, env, serveArgs(t.TempDir(), "--provider", "stream", "--stream-api-key", "key-of-the-app",
		"--stream-api-secret", secret, "--stream-base-url", hosted.URL)...))
	_, _ = stream.ask(`{ channel(cid: "messaging:secret-id") { name } }`, nil)

	want := []string{"POST|", "POST /graphql|", "mutation|", "query|", "chat-of-tests", "sendMessageToChannel", "POST /media|", "SELECT", "db.system"}
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if text := all.String(); !missing(text, want) && isTold(&passedOn, text) {
			break
		}
	}
	text := all.String()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("no span has %q", w)
		}
	}
	for _, never := range []string{"before 1", "from anna", "key-of-the-app", "secret-id", engine.token} {
		if strings.Contains(text, never) {
			t.Errorf("a span has %q", never)
		}
	}
	if !isTold(&passedOn, text) {
		t.Error("Stream isn't told of a trace")
	}
	if t.Failed() {
		t.Logf("%.8000s", text)
	}
	if _, stderr, code := run(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"},
		serveArgs(t.TempDir())...); code != 1 || !strings.Contains(stderr, "OTEL_EXPORTER_OTLP_PROTOCOL") {
		t.Errorf("an unknown protocol: %d %s", code, stderr)
	}
}

// isTold reports whether one of the traceparents that were passed on is of a trace.
func isTold(passedOn *sync.Map, text string) (found bool) {
	passedOn.Range(func(parent, _ any) bool {
		parts := strings.Split(fmt.Sprint(parent), "-")
		found = found || len(parts) == 4 && strings.Contains(text, "|"+parts[1]+"|")
		return true
	})
	return found
}

func missing(text string, want []string) bool {
	for _, w := range want {
		if !strings.Contains(text, w) {
			return true
		}
	}
	return false
}
