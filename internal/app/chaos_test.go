package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine" // checks whether a history is linearizable; MIT

	"backchannel/internal/natstest"
	"backchannel/internal/pgtest"
)

// chaosTime is how long the faults go on. `make chaos` gives it minutes.
var chaosTime = flag.Duration("chaos", 0, "how long three servers are broken in all ways; 0 has each fault once")

const (
	chaosNodes    = 3
	chaosClients  = 12
	chaosChannels = 3
	chaosUsers    = 4
	chaosViewers  = 6
)

// chaos is three servers on one PostgreSQL and one NATS, which are broken while clients
// write and read through all of them.
type chaos struct {
	t        *testing.T
	token    string
	database *pgtest.Cluster
	standby  *pgtest.Cluster
	relay    *pgtest.Relay // between the last server and PostgreSQL
	nats     *natstest.Server
	cable    *pgtest.Relay // between the last server and NATS
	nodes    []*node
	newer    string        // a program with one more migration; "" for none
	stop     chan struct{} // closed when clients are to end
	begun    time.Time

	mu    sync.Mutex
	sends []porcupine.Operation // of channels' numbers
	roles []porcupine.Operation
	texts map[string]int64 // of what was acknowledged, with channel and number
}

// node is a place at which a server runs, or another one after it.
type node struct {
	mu      sync.Mutex
	server  *server
	program string // "" for this one
	args    []string
	env     []string
}

// command is what runs the node's program.
func (n *node) command(t *testing.T) *exec.Cmd {
	cmd := program(t, n.env, n.args...)
	if n.program != "" {
		cmd.Path = n.program
	}
	return cmd
}

func (n *node) url() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.server.url
}

func (n *node) restart(t *testing.T, kill bool) {
	n.mu.Lock()
	old := n.server
	n.mu.Unlock()
	if kill {
		old.kill()
	} else {
		_ = old.cmd.Process.Signal(syscall.SIGTERM)
		old.reader.Wait()
		_ = old.cmd.Wait()
	}
	fresh := startProgram(t, n.command(t))
	n.mu.Lock()
	defer n.mu.Unlock()
	n.server = fresh
}

// TestServersUnderFaults breaks three servers, their database and their bus in many ways.
// What was acknowledged is there once, channels have no gap, the histories of channels and
// roles are linearizable, and each viewer sees each event once and in order.
func TestServersUnderFaults(t *testing.T) {
	c := openChaos(t)
	var working, viewing sync.WaitGroup
	for i := range chaosClients {
		working.Go(func() { c.work(i) })
	}
	viewers := make([]*follower, chaosViewers)
	ends := make(chan struct{})
	for i := range viewers {
		viewers[i] = &follower{chaos: c, channel: i % chaosChannels, at: i % chaosNodes}
		viewing.Go(func() { viewers[i].follow(ends) })
	}
	c.breakAll()
	close(c.stop)
	c.say("clients end")
	working.Wait()
	c.say("viewers end")
	var last [chaosChannels]int64
	for i := range last {
		last[i] = c.end(i)
	}
	for _, v := range viewers {
		v.goal.Store(last[v.channel])
	}
	timer := time.AfterFunc(patience, func() { close(ends) })
	viewing.Wait()
	timer.Stop()
	c.say("what is stored is compared")
	for i, v := range viewers {
		if v.fault != nil || v.seen != last[v.channel] {
			t.Errorf("viewer %d has seen %d of %d events: %v", i, v.seen, last[v.channel], v.fault)
		}
	}
	c.check(last)
}

func openChaos(t *testing.T) *chaos {
	c := &chaos{t: t, token: token(t, "clerk", "BO"), database: pgtest.OpenCluster(t), nats: natstest.Open(t, ""),
		stop: make(chan struct{}), texts: map[string]int64{}, begun: time.Now()}
	if *chaosTime > 0 {
		c.newer = buildNewer(t)
	}
	c.standby = c.database.OpenStandby(t)
	c.relay, c.cable = pgtest.OpenRelay(t, c.database.URL, 0), pgtest.OpenTCPRelay(t, c.nats.Addr)
	for i := range chaosNodes {
		url, nats := c.database.URLOfEither(c.standby, nil), c.nats.URL()
		if i == chaosNodes-1 {
			url, nats = c.database.URLOfEither(c.standby, c.relay), "nats://"+c.cable.Addr
		}
		n := &node{args: serveArgs(filepath.Join(t.TempDir(), fmt.Sprint(i)), "--media", "off", "--nats", nats), env: []string{"BACKCHANNEL_DATABASE_URL=" + url}}
		n.server = startProgram(t, n.command(t))
		c.nodes = append(c.nodes, n)
	}
	for i := range chaosChannels {
		c.nodes[0].server.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": room(i), "name": room(i)})
	}
	for i := range chaosUsers {
		c.nodes[0].server.must("upsertChatUsers", new(any), upsertDocument, map[string]any{"id": fmt.Sprint("u", i)})
	}
	return c
}

// faults are what breaks, each for a moment.
var faults = []struct {
	what string
	do   func(c *chaos, pause time.Duration)
}{
	{"a server is killed", func(c *chaos, _ time.Duration) { c.any().restart(c.t, true) }},
	{"a server is restarted", func(c *chaos, _ time.Duration) { c.any().restart(c.t, false) }},
	{"a server stands still", func(c *chaos, pause time.Duration) {
		n := c.any()
		_ = n.server.cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(pause)
		_ = n.server.cmd.Process.Signal(syscall.SIGCONT)
	}},
	{"PostgreSQL crashes", func(c *chaos, _ time.Duration) { c.database.Restart(c.t, true) }},
	{"PostgreSQL is restarted", func(c *chaos, _ time.Duration) { c.database.Restart(c.t, false) }},
	{"PostgreSQL stands still", func(c *chaos, pause time.Duration) {
		c.database.Freeze(c.t)
		time.Sleep(min(pause, 5*time.Second))
		c.database.Thaw(c.t)
	}},
	{"a server's connections to PostgreSQL are cut", func(c *chaos, pause time.Duration) {
		for range 5 {
			c.relay.Cut()
			time.Sleep(pause / 5)
		}
	}},
	{"NATS is restarted", func(c *chaos, pause time.Duration) {
		c.nats.Kill()
		time.Sleep(pause)
		c.nats.Start()
	}},
	{"a server is cut off from NATS", func(c *chaos, pause time.Duration) {
		mend := c.cable.Sever()
		time.Sleep(pause)
		mend()
	}},
	{"the packets of NATS are lost", func(c *chaos, pause time.Duration) {
		release := c.cable.Hold()
		time.Sleep(pause)
		release()
	}},
	{"the tables are extended", func(c *chaos, _ time.Duration) { c.extend() }},
}

func (c *chaos) any() *node { return c.nodes[rand.IntN(len(c.nodes))] }

// breakAll has each fault once, and then, if there is time, any of them. In the end the
// database's machine is lost, and the standby takes over.
func (c *chaos) breakAll() {
	pause, between := time.Second, 200*time.Millisecond
	if *chaosTime > 0 {
		pause, between = 30*time.Second, 2*time.Second
	}
	for i := 0; i < len(faults) || time.Since(c.begun) < *chaosTime; i++ {
		if i == len(faults)-1 && c.newer != "" {
			c.upgrade(pause)
		}
		f := faults[i%len(faults)]
		if i >= len(faults) {
			f = faults[rand.IntN(len(faults))]
		}
		c.say(f.what)
		f.do(c, pause)
		time.Sleep(between)
	}
	c.say("the standby takes over")
	c.database.Lose(c.t)
	c.standby.Promote(c.t)
	time.Sleep(2 * time.Second)
}

func (c *chaos) say(what string) {
	c.t.Logf("%v: %s", time.Since(c.begun).Round(time.Millisecond), what)
}

// extend does to the tables what a newer program does when it starts beside older ones: it
// adds to them.
func (c *chaos) extend() {
	name := fmt.Sprint("chaos_", time.Now().UnixNano())
	for _, text := range []string{
		`ALTER TABLE channels ADD COLUMN ` + name + ` BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE messages ADD COLUMN ` + name + ` TEXT NOT NULL DEFAULT ''`,
		`CREATE INDEX ` + name + ` ON messages (` + name + `)`,
	} {
		c.database.Execute(c.t, text)
	}
}

// upgrade puts the newer program in the place of each server, one after the other. Old and new
// ones serve side by side meanwhile.
func (c *chaos) upgrade(pause time.Duration) {
	for _, n := range c.nodes {
		c.say("a server is upgraded")
		n.program = c.newer
		n.restart(c.t, false)
		time.Sleep(pause)
	}
	c.database.Execute(c.t, `SELECT upgraded FROM channels`) // fails without the migration
}

// buildNewer builds the program with one more migration, which adds to the tables.
func buildNewer(t *testing.T) string {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	known, err := filepath.Glob(filepath.Join(root, "internal", "sqlstore", "migrations", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(filepath.Base(known[len(known)-1]), "_")
	last, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, overlay, binary := filepath.Join(dir, "more.sql"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "newer")
	added := filepath.Join(filepath.Dir(known[0]), fmt.Sprintf("%04d_upgraded.sql", last+1))
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{added: file}})
	if err = errors.Join(err, os.WriteFile(overlay, text, 0o600),
		os.WriteFile(file, []byte("ALTER TABLE channels ADD COLUMN upgraded BIGINT NOT NULL DEFAULT 0;\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, ".")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return binary
}

// call runs a document at any server until one answers. Repeats have the same key, so that
// it happens once.
func (c *chaos) call(key, document string, variables map[string]any) (a answer, err error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return a, err
	}
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if a, err = c.try(c.any().url(), key, body); err == nil {
			return a, nil
		}
		if key == "" {
			return a, err
		}
	}
	return a, fmt.Errorf("no server answers: %w", err)
}

func (c *chaos) try(url, key string, body []byte) (a answer, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return a, err
	}
	if len(a.Errors) > 0 {
		return a, errors.New(a.Errors[0].Message)
	}
	return a, nil
}

// work is one client: it sends, sets roles and reads both, one after the other.
func (c *chaos) work(number int) {
	for i := 0; ; i++ {
		select {
		case <-c.stop:
			return
		default:
		}
		channel, user := rand.IntN(chaosChannels), rand.IntN(chaosUsers)
		name := fmt.Sprintf("%d-%d", number, i)
		switch rand.IntN(6) {
		case 0:
			role := []string{"USER", "ADMIN", "MODERATOR"}[rand.IntN(3)]
			c.note(&c.roles, number, roleInput{user, role}, func() (any, error) {
				_, err := c.call(name, roleDocument, map[string]any{"id": fmt.Sprint("u", user), "role": role})
				return "", err
			})
		case 1:
			c.note(&c.roles, number, roleInput{user: user}, func() (any, error) { return c.role(user) })
		case 2:
			c.note(&c.sends, number, sendInput{channel: channel, reads: true}, func() (any, error) { return c.seq(channel) })
		default:
			c.note(&c.sends, number, sendInput{channel: channel}, func() (any, error) {
				a, err := c.call(name, `mutation($c: String!, $t: String!) { sendMessage(input: {cid: $c, text: $t}) { message { seq } } }`,
					map[string]any{"c": "livestream:" + room(channel), "t": name})
				var sent struct{ Message struct{ Seq int64 } }
				if err == nil {
					err = json.Unmarshal(a.Data["sendMessage"], &sent)
				}
				if err == nil {
					c.mu.Lock()
					c.texts[name] = sent.Message.Seq*chaosChannels + int64(channel)
					c.mu.Unlock()
				}
				return sent.Message.Seq, err
			})
		}
	}
}

func (c *chaos) role(user int) (string, error) {
	a, err := c.call("", `query($ids: [String!]) { chatUsers(ids: $ids) { nodes { role } } }`, map[string]any{"ids": []string{fmt.Sprint("u", user)}})
	var page struct{ Nodes []struct{ Role string } }
	if err == nil {
		err = json.Unmarshal(a.Data["chatUsers"], &page)
	}
	if err != nil || len(page.Nodes) != 1 {
		return "", errors.Join(err, fmt.Errorf("%d users", len(page.Nodes)))
	}
	return page.Nodes[0].Role, nil
}

func (c *chaos) seq(channel int) (int64, error) {
	a, err := c.call("", `query($c: String!) { channel(cid: $c) { seq } }`, map[string]any{"c": "livestream:" + room(channel)})
	var found struct{ Seq int64 }
	if err == nil {
		err = json.Unmarshal(a.Data["channel"], &found)
	}
	return found.Seq, err
}

// end is the last number of a channel, from whichever server answers.
func (c *chaos) end(channel int) (seq int64) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		seq, err := c.seq(channel)
		if err == nil {
			return seq
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("no server answers in the end: %v", err)
		}
	}
}
