package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"backchannel/internal/load"
	"backchannel/internal/pgtest"
)

// The files of deploy/ run as they are, except for the addresses.
var placeholders = regexp.MustCompile(`node[12]:8080|listen 80;`)

// freePort is an address of this machine without a listener.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// fleet are two nodes on one database behind a proxy.
type fleet struct {
	*server // of the proxy
	nodes   [2]*server
	addr    [2]string
	data    string
	url     string // of the database
	public  string
}

func (f *fleet) startNode(i int) {
	f.t.Helper()
	f.nodes[i] = startProgram(f.t, program(f.t, nil, "serve", "--addr", f.addr[i], "--data", filepath.Join(f.data, fmt.Sprint(i)),
		"--media", filepath.Join(f.data, "media"), "--database-url", f.url, "--jwt-secret", secret, "--log-format", "json",
		"--public-url", f.public, "--trusted-proxies", "127.0.0.1"))
}

// restart stops a node as an operator does, waits until it has ended, and starts it
// again.
func (f *fleet) restart(i int) {
	f.t.Helper()
	if err := f.nodes[i].cmd.Process.Signal(syscall.SIGTERM); err != nil {
		f.t.Fatal(err)
	}
	f.nodes[i].reader.Wait()
	if err := f.nodes[i].cmd.Wait(); err != nil {
		f.t.Errorf("node %d ended with %v: %s", i, err, f.nodes[i].log)
	}
	f.startNode(i)
}

// newFleet starts two nodes and the proxy of a file in deploy/.
func newFleet(t *testing.T, proxy string) *fleet {
	t.Helper()
	if _, err := exec.LookPath(proxy); err != nil {
		t.Skipf("%s is missing: run scripts/install.sh proxies", proxy)
	}
	at := freePort(t)
	f := &fleet{data: t.TempDir(), url: pgtest.Open(t), public: "http://" + at, addr: [2]string{freePort(t), freePort(t)}}
	f.server = &server{t: t, url: f.public, token: token(t, "clerk", "BO")}
	for i := range f.nodes {
		f.startNode(i)
	}
	startProxy(t, proxy, at, f.addr)
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if resp, err := http.Get(f.public + "/readyz"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return f
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("%s doesn't answer", proxy)
		}
	}
}

func startProxy(t *testing.T, proxy, at string, nodes [2]string) {
	t.Helper()
	dir, file := t.TempDir(), map[string]string{"nginx": "nginx.conf", "caddy": "Caddyfile"}[proxy]
	text, err := os.ReadFile("../../deploy/" + file)
	if err != nil {
		t.Fatal(err)
	}
	block := placeholders.ReplaceAllStringFunc(string(text), func(s string) string {
		return map[string]string{"node1:8080": nodes[0], "node2:8080": nodes[1], "listen 80;": "listen " + at + ";"}[s]
	})
	var cmd *exec.Cmd
	switch proxy {
	case "nginx":
		block = "worker_processes 1; daemon off; pid nginx.pid; error_log stderr;\nevents { worker_connections 4096; }\nhttp {\naccess_log off;\n" +
			"client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n" + block + "}\n"
		cmd = exec.CommandContext(t.Context(), "nginx", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, file))
	default:
		block = "{\n\tadmin off\n\tauto_https off\n}\n" + block
		cmd = exec.CommandContext(t.Context(), "caddy", "run", "--adapter", "caddyfile", "--config", filepath.Join(dir, file))
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(block), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "SITE=http://" + at}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said %.3000s", proxy, said.String())
		}
	})
}

// Everything that an app and the console need passes each proxy: queries, WebSockets, event
// streams, uploads.
func TestProxies(t *testing.T) {
	for _, proxy := range []string{"nginx", "caddy"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, proxy)
			session, err := load.Open(t.Context(), load.Options{URL: f.public + "/graphql", Token: f.token, Writers: 2, Subscribers: 10, Rate: 20, Size: 100})
			if err != nil {
				t.Fatal(err)
			}
			seen, err := session.Run(t.Context(), time.Second)
			if err != nil || seen.Missed+seen.Repeated+seen.Closed != 0 || seen.Deliveries < 10 {
				t.Errorf("over WebSockets: %+v, %v", seen, err)
			}
			if err := session.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
			f.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
			reader := f.read(t)
			f.say(t, "m1")
			reader.await(t, "m1")
			status, _, file := f.upload("me.png", picture(400), map[string]string{"Origin": f.public})
			address, _ := file["url"].(string)
			path, ours := strings.CutPrefix(address, f.public)
			if status, text := f.get(path); !ours || status != http.StatusOK || !strings.Contains(text, "\x89PNG") {
				t.Errorf("an uploaded picture at %s is %d", address, status)
			}
			if status != http.StatusCreated {
				t.Errorf("an upload is %d %v", status, file)
			}
		})
	}
}

// While both nodes restart, one after the other, writers go on, and repeat unanswered
// requests with the same key. Each message is stored once, and a reader that reconnects
// sees each once.
func TestRollingRestartLosesNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "nginx")
	f.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
	reader := f.read(t)
	var sent, repeated atomic.Int64
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				repeated.Add(f.say(t, fmt.Sprintf("w%d-%d", w, i)))
				sent.Add(1)
			}
		})
	}
	for i := range f.nodes {
		before := sent.Load()
		for limit := time.Now().Add(patience); sent.Load() < before+50 && time.Now().Before(limit); {
			time.Sleep(10 * time.Millisecond)
		}
		f.restart(i)
	}
	close(stop)
	writers.Wait()
	f.say(t, "the-end")
	reader.await(t, "the-end")
	if n := int64(len(reader.seen)); n != sent.Load()+1 || reader.doubled > 0 {
		t.Errorf("%d messages were sent, the reader saw %d, %d of them twice", sent.Load()+1, n, reader.doubled)
	}
	t.Logf("%d messages, of which %d requests were repeated, over %d connections of the reader", sent.Load(), repeated.Load(), reader.connections)
}

// say sends a message until it is answered, and returns how often it had to be sent again.
func (f *fleet) say(t *testing.T, text string) (again int64) {
	body, _ := json.Marshal(map[string]any{"query": sayDocument, "variables": map[string]any{"id": "news", "text": text}})
	for limit := time.Now().Add(patience); time.Now().Before(limit); again++ {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.public+"/graphql", bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return again
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+f.token)
		req.Header.Set("Idempotency-Key", text)
		if resp, err := client.Do(req); err == nil {
			var a answer
			err = json.NewDecoder(resp.Body).Decode(&a)
			_ = resp.Body.Close()
			if err == nil && len(a.Errors) == 0 && string(a.Data["sendMessageToChannel"]) == "true" {
				return again
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s could not be sent", text)
	return again
}

const sayDocument = `mutation($id: String!, $text: String!) { sendMessageToChannel(input: {channelId: $id, text: $text}) }`

// streamReader reads a channel's events as server-sent events, and reconnects after the
// last one that it saw.
type streamReader struct {
	fleet       *fleet
	texts       chan string
	connections int
	seen        map[string]bool
	doubled     int
}

func (f *fleet) read(t *testing.T) *streamReader {
	t.Helper()
	r := &streamReader{fleet: f, texts: make(chan string, 1<<16), seen: map[string]bool{}}
	ready := make(chan struct{})
	go r.run(t.Context(), ready)
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("no stream was opened")
	}
	return r
}

func (r *streamReader) run(ctx context.Context, ready chan struct{}) {
	last := "0"
	for ctx.Err() == nil {
		body, _ := json.Marshal(map[string]any{"query": `subscription($after: Seq) { channelEvents(cid: "livestream:news", after: $after) { seq message { text } } }`,
			"variables": map[string]any{"after": 0}})
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.fleet.public+"/graphql", bytes.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "text/event-stream")
		req.Header.Set("Authorization", "Bearer "+r.fleet.token)
		req.Header.Set("Last-Event-ID", last)
		resp, err := (&http.Client{}).Do(req)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if resp.StatusCode == http.StatusOK {
			if r.connections++; r.connections == 1 {
				close(ready)
			}
			last = r.follow(resp.Body, last)
		}
		_ = resp.Body.Close()
		time.Sleep(20 * time.Millisecond)
	}
}

// follow reads a stream to its end and returns the id of its last event.
func (r *streamReader) follow(body io.Reader, last string) string {
	lines := bufio.NewScanner(body)
	id := last
	for lines.Scan() {
		if after, ok := strings.CutPrefix(lines.Text(), "id:"); ok {
			id = strings.TrimSpace(after)
		}
		if after, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			var event struct {
				Data struct {
					ChannelEvents struct{ Message *struct{ Text string } }
				}
			}
			if json.Unmarshal([]byte(after), &event) == nil && event.Data.ChannelEvents.Message != nil {
				r.texts <- event.Data.ChannelEvents.Message.Text
			}
			last = id
		}
	}
	return last
}

// await reads until a text has arrived.
func (r *streamReader) await(t *testing.T, text string) {
	t.Helper()
	for {
		select {
		case got := <-r.texts:
			if r.seen[got] {
				r.doubled++
			}
			r.seen[got] = true
			if got == text {
				return
			}
		case <-time.After(patience):
			t.Fatalf("%s did not come; %d others did", text, len(r.seen))
		}
	}
}
