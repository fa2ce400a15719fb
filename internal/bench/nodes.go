package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backchannel/internal/chat"
	"backchannel/internal/load"
	"backchannel/internal/natstest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

const (
	nodesWriters   = 48
	nodesFew       = 20    // channels
	nodesMany      = 2_000 // channels
	nodesLeast     = 0.95  // messages/s of three nodes / one
	nodesMostP99   = 1.5   // p99 of three nodes / one
	farDelay       = 2400 * time.Microsecond
	farClients     = 64
	farLeast       = 1_500
	crossingRate   = 20 // messages/s
	crossingMost   = 2  // p99 of delivery from another node / from the same
	crossingViewer = 50
	stillMost      = 2.5 // seconds
)

// nodesSecret signs the tokens of all nodes.
const nodesSecret = "nodes of one measurement share this secret"

// The settings of a child that uses PostgreSQL, in its environment.
const (
	nodeDatabase = "BENCH_DATABASE"
	nodeNATS     = "BENCH_NATS"
)

// serveNode runs the real server on PostgreSQL.
func serveNode(ctx context.Context, dir string, _ int) (*subject, error) {
	more := []string{"--database-url", os.Getenv(nodeDatabase), "--jwt-secret", nodesSecret}
	if nats := os.Getenv(nodeNATS); nats != "" {
		more = append(more, "--nats", nats)
	}
	return serveDir(ctx, dir, more...)
}

// cluster is a number of nodes on one database.
type cluster struct {
	database string
	nodes    []*target
}

// measureNodes compares one, two and three nodes on one PostgreSQL, measures a node far from its
// database, and compares delivery on another node with delivery on the same.
func measureNodes(ctx context.Context, b *bench) (err error) {
	s := &stage{ctx: ctx, dir: b.dir}
	defer func() { err = errors.Join(err, s.end(recover())) }()
	postgres, nats := pgtest.OpenCluster(s), natstest.Open(s, "")
	var groups []*cluster
	for n := range 3 {
		groups = append(groups, s.open(b, postgres, "", nil, n+1))
	}
	if err := b.measureNodesSending(ctx, groups); err != nil {
		return err
	}
	if err := b.measureStill(ctx, groups[2]); err != nil {
		return err
	}
	if err := b.measureFar(ctx, s.open(b, postgres, "", func(u string) string { return pgtest.OpenRelay(s, u, farDelay).URL }, 1)); err != nil {
		return err
	}
	if err := b.measureCrossing(ctx, "NOTIFY", groups[1]); err != nil {
		return err
	}
	return b.measureCrossing(ctx, "NATS", s.open(b, postgres, nats.URL(), nil, 2))
}

func (b *bench) measureNodesSending(ctx context.Context, groups []*cluster) error {
	cells := map[int][]*cell{}
	for _, channels := range []int{nodesFew, nodesMany} {
		for range groups {
			cells[channels] = append(cells[channels], &cell{Clients: nodesWriters})
		}
	}
	for round := range b.Rounds + 1 {
		progress("nodes: round %d of %d", round, b.Rounds)
		for i := range groups {
			k := (i + round) % len(groups)
			for channels, list := range cells {
				list[k].Name = fmt.Sprintf("%d nodes, %d channels", k+1, channels)
				t, err := groups[k].send(ctx, nodesWriters, channels, b.Duration)
				if err != nil {
					return err
				}
				if round > 0 { // the first round warms up
					list[k].Rounds = append(list[k].Rounds, newSample(t, usage{}, usage{}))
				}
			}
		}
	}
	var deadlocks []float64
	for _, c := range groups {
		n, err := deadlocksIn(ctx, c.database)
		if err != nil {
			return err
		}
		deadlocks = append(deadlocks, n)
	}
	for _, channels := range []int{nodesFew, nodesMany} {
		one, two, three := cells[channels][0], cells[channels][1], cells[channels][2]
		what := fmt.Sprintf("%d writers to %d channels, ", nodesWriters, channels)
		p99 := func(s sample) float64 { return s.P99 }
		b.report.add(section{Title: what + "on one PostgreSQL; CPU isn't measured", Cells: cells[channels]},
			goal{What: what + "messages/s of 2 nodes / 1", Got: ratio(two, one, perSecond)},
			goal{What: what + "messages/s of 3 nodes / 1", Least: nodesLeast, Got: ratio(three, one, perSecond)},
			goal{What: what + "p99 of 3 nodes / 1", Most: nodesMostP99, Got: ratio(three, one, p99)})
	}
	b.report.add(section{}, goal{What: "deadlocks that PostgreSQL had to end meanwhile, of 1, 2 and 3 nodes", Never: true, Got: spreadOf(deadlocks)})
	return nil
}

// deadlocksIn asks PostgreSQL how many deadlocks it has ended in a database.
func deadlocksIn(ctx context.Context, databaseURL string) (n float64, err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&n)
	return n, errors.Join(err, conn.Close(ctx))
}

// send has clients post to random channels for a while, spread over the nodes.
func (c *cluster) send(ctx context.Context, clients, channels int, d time.Duration) (tally, error) {
	body, err := json.Marshal(newSendRequest(sampleChannelID(0, 1)))
	if err != nil {
		return tally{}, err
	}
	want, err := json.Marshal(newSendAnswer())
	if err != nil {
		return tally{}, err
	}
	var operations []operation
	var opened []*connection
	defer func() {
		for _, conn := range opened {
			conn.close()
		}
	}()
	for i := range clients {
		conn, err := connect(ctx, c.nodes[i%len(c.nodes)].endpoint, body, want, d+patience)
		if err != nil {
			return tally{}, err
		}
		opened = append(opened, conn)
		at := bytes.Index(conn.request, []byte(sampleChannelID(0, 1)))
		operations = append(operations, func() error {
			copy(conn.request[at:], sampleChannelID(rand.IntN(channels), channels))
			return conn.post()
		})
	}
	return drive(operations, d)
}

// measureStill suspends one of three nodes under load, and measures the longest wait of a client of the
// others.
func (b *bench) measureStill(ctx context.Context, c *cluster) error {
	others := &cluster{nodes: c.nodes[1:]}
	var longest []float64
	for round := range min(b.Rounds, 3) {
		progress("a node that stands still: round %d", round+1)
		busy := make(chan error, 1)
		go func() {
			_, err := (&cluster{nodes: c.nodes[:1]}).send(ctx, 16, nodesFew, 5*time.Second)
			busy <- err
		}()
		time.AfterFunc(time.Second, func() { _ = c.nodes[0].cmd.Process.Signal(syscall.SIGSTOP) })
		t, err := others.sendLongest(ctx, 5*time.Second)
		_ = c.nodes[0].cmd.Process.Signal(syscall.SIGCONT)
		if err = errors.Join(err, <-busy); err != nil {
			return err
		}
		longest = append(longest, t.Seconds())
	}
	b.report.add(section{}, goal{What: "a node of 3 is stopped under load, longest wait of clients of the others, s", Most: stillMost, Got: spreadOf(longest)})
	return nil
}

func (c *cluster) sendLongest(ctx context.Context, d time.Duration) (time.Duration, error) {
	t, err := c.send(ctx, 16, nodesFew, d)
	return t.Most, err
}

// measureFar measures a node whose database is a network away.
func (b *bench) measureFar(ctx context.Context, c *cluster) error {
	far := &cell{Name: "1 node", Clients: farClients}
	for round := range b.Rounds + 1 {
		t, err := c.send(ctx, farClients, nodesMany, b.Duration)
		if err != nil {
			return err
		}
		if round > 0 {
			far.Rounds = append(far.Rounds, newSample(t, usage{}, usage{}))
		}
	}
	b.report.add(section{Title: fmt.Sprintf("answers of PostgreSQL are %s late", farDelay), Cells: []*cell{far}},
		goal{What: fmt.Sprintf("messages/s at %d clients, PostgreSQL %s away", farClients, farDelay), Least: farLeast, Got: far.spread(perSecond)})
	return nil
}

// measureCrossing compares delivery on another node with delivery on the same.
func (b *bench) measureCrossing(ctx context.Context, how string, c *cluster) error {
	same, other := &cell{Name: "same node", Clients: crossingViewer}, &cell{Name: "another, by " + how, Clients: crossingViewer}
	for round := range min(b.Rounds, 3) {
		progress("delivery across nodes by %s: round %d", how, round+1)
		for i, at := range []*cell{same, other} {
			t, err := b.cross(ctx, c.nodes[0], c.nodes[i])
			if err != nil {
				return err
			}
			at.Rounds = append(at.Rounds, newSample(t, usage{}, usage{}))
		}
	}
	p99 := func(s sample) float64 { return s.P99 }
	b.report.add(section{Title: fmt.Sprintf("delivery of %d messages/s to %d subscribers; times: answer to last subscriber; by %s", crossingRate, crossingViewer, how),
		Cells: []*cell{same, other}},
		goal{What: "p99 of delivery at another node / at the same, by " + how, Most: crossingMost, Got: ratio(other, same, p99)})
	return nil
}

func (b *bench) cross(ctx context.Context, from, to *target) (t tally, err error) {
	session, err := load.Open(ctx, load.Options{URL: from.endpoint.URL, Token: from.endpoint.Token, ListenURL: to.endpoint.URL,
		Writers: 4, Subscribers: crossingViewer, Rate: crossingRate, Size: liveSize})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, session.Close(ctx)) }()
	if _, err := session.Run(ctx, b.Duration); err != nil {
		return t, err
	}
	return runSession(ctx, session, 4*b.Duration)
}

// stage implements what test helpers need outside a test. They end the measurement where they would end
// a test.
type stage struct {
	testing.TB
	ctx  context.Context
	dir  string
	ends []func()
}

type stageEnd struct{ error }

func (s *stage) Helper()                         {}
func (s *stage) Context() context.Context        { return s.ctx }
func (s *stage) Cleanup(fn func())               { s.ends = append(s.ends, fn) }
func (s *stage) Fatal(args ...any)               { panic(stageEnd{errors.New(fmt.Sprint(args...))}) }
func (s *stage) Fatalf(text string, args ...any) { panic(stageEnd{fmt.Errorf(text, args...)}) }
func (s *stage) Skipf(text string, args ...any)  { s.Fatalf(text, args...) }
func (s *stage) Errorf(text string, args ...any) { progress(text, args...) }

func (s *stage) TempDir() string {
	dir, err := os.MkdirTemp(s.dir, "stage-")
	if err != nil {
		s.Fatal(err)
	}
	return dir
}

// end cleans up. It is given a recovered panic, if any.
func (s *stage) end(panicked any) error {
	for len(s.ends) > 0 {
		last := s.ends[len(s.ends)-1]
		s.ends = s.ends[:len(s.ends)-1]
		last()
	}
	if panicked == nil {
		return nil
	}
	if end, ours := panicked.(stageEnd); ours {
		return end.error
	}
	panic(panicked)
}

// database creates a database and returns its URL.
func (s *stage) database(postgres *pgtest.Cluster, name string) string {
	postgres.Execute(s, "CREATE DATABASE "+name)
	u, err := url.Parse(postgres.URL)
	if err != nil {
		s.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// open starts nodes on a new database, possibly behind a relay.
func (s *stage) open(b *bench, postgres *pgtest.Cluster, nats string, way func(databaseURL string) string, nodes int) *cluster {
	c := &cluster{database: s.database(postgres, fmt.Sprintf("nodes_%d", len(s.ends)))}
	if err := fillNodes(s.ctx, c.database); err != nil {
		s.Fatal(err)
	}
	if way != nil {
		c.database = way(c.database)
	}
	b.environment = []string{nodeDatabase + "=" + c.database, nodeNATS + "=" + nats}
	defer func() { b.environment = nil }()
	all, stop, err := b.launchAll(s.ctx, nodesMany, strings.Split(strings.Repeat(" node", nodes)[1:], " ")...)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(stop)
	c.nodes = all
	return c
}

// fillNodes adds the sample channels to a database.
func fillNodes(ctx context.Context, databaseURL string) error {
	store, err := sqlstore.Open(ctx, sqlstore.Options{URL: databaseURL})
	if err != nil {
		return err
	}
	list := sampleChannels(nodesMany)
	err = store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, c := range list {
			if err := tx.InsertChannel(chat.Channel{CID: c.CID, Name: c.Name, CreatedBy: c.CreatedBy, CreatedAt: c.CreatedAt}); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, store.Close())
}
