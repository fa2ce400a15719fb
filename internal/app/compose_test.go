package app_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml" // reads the compose file; MIT

	"backchannel/internal/natstest"
)

// composeVariable says that this process has a network of its own, in which the services'
// names lead to addresses. scripts/deploytest.sh makes one.
const composeVariable = "BACKCHANNEL_TEST_COMPOSE"

// service is one of the compose file.
type service struct {
	Image       string
	Environment map[string]string
	Command     []string
	Volumes     []string
	Ports       []string
	HealthCheck struct{ Test []string }
	ReadOnly    bool   `yaml:"read_only"`
	Grace       string `yaml:"stop_grace_period"`
}

// composed is the compose file, run on one machine: each service is a process under the
// service's name, with the file's variables, command, volumes and ports.
type composed struct {
	*fleet
	services map[string]service
	folder   string // of volumes
}

// compose reads the file, with the variables as .env would give them.
func compose(t *testing.T, env map[string]string) *composed {
	t.Helper()
	text, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	filled := regexp.MustCompile(`\$\{(\w+)(:\?)?\}`).ReplaceAllStringFunc(string(text), func(s string) string {
		name := strings.Trim(s, "${:?}")
		if env[name] == "" {
			t.Errorf("the file asks for %s, which its first lines don't name", name)
		}
		return env[name]
	})
	for name := range env {
		if !strings.Contains(string(text), "${"+name) {
			t.Errorf("the file doesn't use %s", name)
		}
	}
	var file struct{ Services map[string]service }
	if err := yaml.Unmarshal([]byte(filled), &file); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for dir := folder; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o711); err != nil { // other users' files are within
			t.Fatal(err)
		}
	}
	return &composed{services: file.Services, folder: folder, fleet: &fleet{public: env["PUBLIC_URL"]}}
}

// volume is where a service sees something of this machine: a folder of the test for a
// volume, the file itself for a file of deploy/.
func (c *composed) volume(t *testing.T, name, inside string) string {
	t.Helper()
	for _, v := range c.services[name].Volumes {
		from, to, _ := strings.Cut(v, ":")
		if to, _, _ = strings.Cut(to, ":"); to != inside {
			continue
		}
		if file, ok := strings.CutPrefix(from, "./"); ok {
			path, err := filepath.Abs("../../deploy/" + file)
			if err != nil {
				t.Fatal(err)
			}
			return path
		}
		folder := filepath.Join(c.folder, from)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	t.Fatalf("%s has nothing at %s", name, inside)
	return ""
}

// address is where the service's name leads.
func address(t *testing.T, name string) string {
	t.Helper()
	found, err := net.LookupHost(name)
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

// background runs a process until the test ends.
func background(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, 5*time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said %.3000s", cmd.Path, said.String())
		}
	})
}

// waitFor waits until something is so.
func waitFor(t *testing.T, what string, is func() error) {
	t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := is()
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// startPostgres does what the image does with its variables, and waits as the file says.
func (c *composed) startPostgres(t *testing.T) {
	t.Helper()
	s := c.services["postgres"]
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		t.Fatal("PostgreSQL is missing: run scripts/install.sh postgres")
	}
	bin, data := bins[len(bins)-1], c.volume(t, "postgres", "/var/lib/postgresql/data")
	password := filepath.Join(c.folder, "password")
	account, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	if err := os.WriteFile(password, []byte(s.Environment["POSTGRES_PASSWORD"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{password, data} {
		if err := os.Chown(path, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	as := func(program string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, program), args...)
		cmd.Dir, cmd.Env = "/", []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "PGHOST=" + data}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return cmd
	}
	if out, err := as("initdb", "--pgdata="+data, "--username="+s.Environment["POSTGRES_USER"], "--pwfile="+password,
		"--auth-host=scram-sha-256", "--auth-local=trust").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	hba, err := os.OpenFile(filepath.Join(data, "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = hba.WriteString("host all all all scram-sha-256\n")
		_ = hba.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	background(t, as("postgres", "-D", data, "-k", data, "-c", "listen_addresses="+address(t, "postgres")))
	check := s.HealthCheck.Test
	if len(check) < 2 || check[0] != "CMD" {
		t.Fatalf("postgres is checked by %q", check)
	}
	waitFor(t, "PostgreSQL", func() error { return as(check[1], check[2:]...).Run() })
	if out, err := as("createdb", "--username="+s.Environment["POSTGRES_USER"], s.Environment["POSTGRES_DB"]).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// startNATS runs the program with the file's arguments, at the service's address only.
func (c *composed) startNATS(t *testing.T) {
	t.Helper()
	path, err := natstest.Program()
	if err != nil {
		t.Fatal(err)
	}
	background(t, exec.CommandContext(t.Context(), path, append([]string{"-a", address(t, "nats")}, c.services["nats"].Command...)...))
}

// startNginx includes the file where the image's own configuration does.
func (c *composed) startNginx(t *testing.T) {
	t.Helper()
	if ports := c.services["nginx"].Ports; len(ports) != 1 || ports[0] != "80:80" {
		t.Fatalf("nginx has the ports %q", ports)
	}
	file, dir := filepath.Join(c.folder, "nginx-of-the-image.conf"), filepath.Join(c.folder, "nginx")
	main := "worker_processes 1; daemon off; pid nginx.pid; error_log stderr;\nevents { worker_connections 1024; }\nhttp {\naccess_log off;\n" +
		"client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\ninclude " +
		c.volume(t, "nginx", "/etc/nginx/conf.d/default.conf") + ";\n}\n"
	if err := errors.Join(os.WriteFile(file, []byte(main), 0o600), os.Mkdir(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	background(t, exec.CommandContext(t.Context(), "nginx", "-e", "stderr", "-p", dir, "-c", file))
}

// startComposed runs a node with the file's variables. In place of the image's own
// address it listens at the node's, since both nodes run on one machine. It also serves metrics.
func (c *composed) startComposed(t *testing.T, name string) *server {
	t.Helper()
	env := []string{"BACKCHANNEL_ADDR=" + name + ":8080", "BACKCHANNEL_DATA=" + c.volume(t, name, "/data"), "BACKCHANNEL_OPS_ADDR=" + name + ":8081"}
	for variable, value := range c.services[name].Environment {
		env = append(env, variable+"="+value)
	}
	s := startProgram(t, program(t, env, "serve"))
	s.url = "http://" + name + ":8080"
	return s
}

// The compose file as a whole: two nodes, PostgreSQL, NATS and nginx. What is sent to one
// node is heard at the other, and while one is stopped nothing is lost.
func TestComposeFile(t *testing.T) {
	if os.Getenv(composeVariable) == "" {
		t.Skip("left out: it needs a network of its own; make deploytest gives it one")
	}
	c := compose(t, map[string]string{"POSTGRES_PASSWORD": "pass-of-postgres", "NATS_PASSWORD": "pass-of-nats", "JWT_SECRET": secret, "PUBLIC_URL": "http://chat.example"})
	c.startPostgres(t)
	c.startNATS(t)
	one, two := c.startComposed(t, "node1"), c.startComposed(t, "node2")
	c.startNginx(t)
	c.server = &server{t: t, url: c.public, token: token(t, "clerk", "BO")}
	waitFor(t, "nginx", func() error {
		resp, err := http.Get(c.public + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				err = errors.New(resp.Status)
			}
		}
		return err
	})
	c.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
	for _, node := range []*server{one, two} {
		node.metricsOf("backchannel_bus_connected 1", "backchannel_bus_nodes 1")
	}
	at2 := (&fleet{server: two, public: two.url}).read(t)
	(&fleet{server: one, public: one.url}).say(t, "to-node1")
	at2.await(t, "to-node1")

	reader := c.read(t)
	ctx, stop := context.WithCancel(t.Context())
	var sent atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			c.say(t, "m"+strconv.FormatInt(sent.Add(1), 10))
		}
	}()
	enough := func() {
		before := sent.Load()
		waitFor(t, "messages", func() error {
			if sent.Load() < before+20 {
				return errors.New("too few")
			}
			return nil
		})
	}
	enough()
	if err := one.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	one.reader.Wait()
	err := one.cmd.Wait()
	if grace, badGrace := time.ParseDuration(c.services["node1"].Grace); err != nil || badGrace != nil || time.Since(began) > grace {
		t.Errorf("node1 ended after %v with %v, in %q: %s", time.Since(began), err, c.services["node1"].Grace, one.log)
	}
	enough()
	again := c.startComposed(t, "node1")
	enough()
	stop()
	<-done
	c.say(t, "the-end")
	reader.await(t, "the-end")
	if n := int64(len(reader.seen)); n != sent.Load()+2 || reader.doubled > 0 { // with the first and the last
		t.Errorf("%d messages were sent, the reader saw %d, %d of them twice", sent.Load()+2, n, reader.doubled)
	}
	if stored := c.whatIsSaid("news"); int64(len(stored)) != sent.Load()+2 {
		t.Errorf("%d messages are stored, want %d", len(stored), sent.Load()+2)
	}
	if said := two.log.String() + again.log.String(); !strings.Contains(said, `"remote":"`+address(t, "chat.example")+`"`) {
		t.Errorf("nginx isn't a trusted proxy: no request has the caller's address")
	}
	t.Logf("%d messages while a node was stopped and started again; the reader had %d connections", sent.Load()+2, reader.connections)
}
