package app_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"backchannel/internal/pgtest"
)

// announcing is a chat whose servers are killed and stopped while they send announcements.
type announcing struct {
	*chaos
	db       *sql.DB
	channels []string // their ids
	ids      []string // of announcements
	calls    int
}

// goneTargets are so many channels of each announcement that don't exist.
const goneTargets = 3

// TestAnnouncementsUnderFaults kills and stops servers while they send and recall
// announcements. Each channel has each announcement once, and none that was recalled; its log
// has no gap; and each target of a job is done or failed.
func TestAnnouncementsUnderFaults(t *testing.T) {
	for name, servers := range map[string]int{"SQLite": 1, "PostgreSQL": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channels, kills := 60, 3
			if *chaosTime > 0 {
				channels, kills = 1_000-goneTargets, 20
			}
			a := openAnnouncing(t, servers, channels)
			for kills > 0 {
				kills -= a.kill(a.announce(), kills)
			}
			if servers > 1 {
				a.standStill()
			}
			for _, id := range a.ids {
				if j := a.ended(id); j.Done != channels || j.Failed != goneTargets || j.Total != channels+goneTargets {
					t.Errorf("%d were done and %d failed of %d", j.Done, j.Failed, j.Total)
				}
			}
			a.check(-1)
			last := len(a.ids) - 1
			var recall struct{ Job struct{ ID string } }
			a.ask(&recall, "recallAnnouncement", `mutation($id: String!) { recallAnnouncement(input: {id: $id}) { job { id } } }`, map[string]any{"id": a.ids[last]})
			a.kill(recall.Job.ID, 1)
			if j := a.ended(recall.Job.ID); j.Done != channels || j.Failed != 0 || j.Total != channels {
				t.Errorf("recalled: %d were done and %d failed of %d", j.Done, j.Failed, j.Total)
			}
			a.check(last)
		})
	}
}

func openAnnouncing(t *testing.T, servers, channels int) *announcing {
	a := &announcing{chaos: &chaos{t: t, token: token(t, "clerk", "BO"), begun: time.Now()}}
	data := t.TempDir()
	driver, source, env := "sqlite", "file:"+filepath.Join(data, "backchannel.db")+"?_pragma=busy_timeout(60000)", []string(nil)
	if servers > 1 {
		driver, source = "pgx", pgtest.Open(t)
		env = []string{"BACKCHANNEL_DATABASE_URL=" + source}
	}
	for i := range servers {
		if i > 0 {
			data = t.TempDir()
		}
		n := &node{args: serveArgs(data, "--media", "off"), env: env}
		n.server = startProgram(t, program(t, n.env, n.args...))
		a.nodes = append(a.nodes, n)
	}
	var err error
	if a.db, err = sql.Open(driver, source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.db.Close() })
	for i := range channels {
		id := fmt.Sprint("a", i)
		a.channels = append(a.channels, id)
		a.ask(new(bool), "createOrUpdateChannel", createDocument, map[string]any{"id": id, "name": id})
	}
	return a
}

// ask has a document answered once, by any server, and decodes one field of the answer.
func (a *announcing) ask(into any, field, document string, variables map[string]any) {
	a.t.Helper()
	a.calls++
	got, err := a.call(fmt.Sprint("call-", a.calls), document, variables)
	if err == nil {
		err = json.Unmarshal(got.Data[field], into)
	}
	if err != nil {
		a.t.Fatalf("%s: %v", field, err)
	}
}

// announce sends another announcement to all channels and some that don't exist, and returns
// its id.
func (a *announcing) announce() string {
	a.t.Helper()
	var cids []string
	for i, id := range a.channels {
		if i < goneTargets {
			cids = append(cids, fmt.Sprint("livestream:gone", i))
		}
		cids = append(cids, "livestream:"+id)
	}
	var made struct{ Announcement struct{ ID string } }
	a.ask(&made, "createAnnouncement", `mutation($i: CreateAnnouncementInput!) { createAnnouncement(input: $i) { announcement { id } } }`,
		map[string]any{"i": map[string]any{"text": fmt.Sprint("announcement ", len(a.ids)), "channels": map[string]any{"cids": cids}}})
	id := made.Announcement.ID
	a.ids = append(a.ids, id)
	a.ask(&made, "sendAnnouncement", `mutation($id: String!) { sendAnnouncement(input: {id: $id}) { announcement { id } } }`, map[string]any{"id": id})
	return id
}

type jobState struct {
	State               string
	Total, Done, Failed int
}

func (a *announcing) job(id string) (j jobState) {
	a.t.Helper()
	a.ask(&j, "job", `query($id: String!) { job(id: $id) { state total done failed } }`, map[string]any{"id": id})
	return j
}

// ended waits until a job is over.
func (a *announcing) ended(id string) (j jobState) {
	a.t.Helper()
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if j = a.job(id); j.State != "RUNNING" {
			return j
		}
	}
	a.t.Fatalf("the job doesn't end: %+v", j)
	return j
}

// kill kills servers at random moments, up to so many times while a job runs, and returns
// how many times it did. Before each, the job has come further than before the last.
func (a *announcing) kill(id string, most int) (times int) {
	a.t.Helper()
	for done := -1; times < most; {
		j := a.progress(id, done)
		if j.State != "RUNNING" {
			break
		}
		done = j.Done + j.Failed
		time.Sleep(time.Duration(rand.IntN(30_000)) * time.Microsecond) // the random moment itself
		a.any().restart(a.t, true)
		times++
		a.say(fmt.Sprintf("a server was killed: %+v", a.job(id)))
		a.passTime()
	}
	return times
}

// progress waits until more targets than before are done or failed, or the job is over.
func (a *announcing) progress(id string, before int) (j jobState) {
	a.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if j = a.job(id); j.State != "RUNNING" || j.Done+j.Failed > before {
			return j
		}
	}
	a.t.Fatalf("the job stands still: %+v", j)
	return j
}

// passTime does what a quarter of a minute does to the lease of a server that was killed or
// stands still.
func (a *announcing) passTime() {
	a.t.Helper()
	if _, err := a.db.ExecContext(a.t.Context(), `UPDATE leases SET until = 0 WHERE name = 'jobs'`); err != nil {
		a.t.Fatal(err)
	}
}

// standStill stops the first server while it sends an announcement, until the other has
// taken its lease, and has both go on.
func (a *announcing) standStill() {
	a.t.Helper()
	lease := func() (number int64) {
		if err := a.db.QueryRowContext(a.t.Context(), `SELECT number FROM leases WHERE name = 'jobs'`).Scan(&number); err != nil {
			a.t.Fatal(err)
		}
		return number
	}
	both := a.nodes
	defer func() { a.nodes = both }()
	for range 50 {
		a.nodes = both[:1] // which hears of the job first, and mostly takes it
		id := a.announce()
		a.nodes = both[1:]
		stopped := both[0].server.cmd.Process
		_ = stopped.Signal(syscall.SIGSTOP)
		before := lease()
		begun := time.Now()
		running := a.job(id).State == "RUNNING"
		if running {
			if *chaosTime == 0 { // `make chaos` waits for the lease to end
				a.passTime()
			}
			a.ended(id)
			if *chaosTime > 0 {
				time.Sleep(time.Until(begun.Add(30 * time.Second))) // so long it stands still
			}
		}
		after := lease()
		_ = stopped.Signal(syscall.SIGCONT)
		a.ended(id)
		a.say(fmt.Sprintf("a server stood still; was it sending: %t; the lease was number %d, then %d", running, before, after))
		if running && after > before {
			return
		}
	}
	a.t.Error("the first server never stood still while it sent")
}

// check looks at what each channel has: each announcement once, but not the recalled one. All
// numbers of its log are there.
func (a *announcing) check(recalled int) {
	a.t.Helper()
	for _, id := range a.channels {
		var page struct{ Nodes []struct{ Text string } }
		a.ask(&page, "messages", `query($cid: String!) { messages(cid: $cid, first: 200) { nodes { text } } }`, map[string]any{"cid": "livestream:" + id})
		times := map[string]int{}
		for _, m := range page.Nodes {
			times[m.Text]++
		}
		for i := range a.ids {
			want := 1
			if i == recalled {
				want = 0
			}
			if text := fmt.Sprint("announcement ", i); times[text] != want {
				a.t.Errorf("%s has %q %d times, want %d", id, text, times[text], want)
			}
		}
	}
	var whole int
	if err := a.db.QueryRowContext(a.t.Context(), `SELECT COUNT(*) FROM channels c WHERE seq >= $1 AND seq =
		(SELECT COUNT(*) FROM messages WHERE channel = c.no) + (SELECT COUNT(*) FROM events WHERE channel = c.no)`, len(a.ids)).Scan(&whole); err != nil {
		a.t.Fatal(err)
	}
	if whole != len(a.channels) {
		a.t.Errorf("%d of %d channels have a log without gaps", whole, len(a.channels))
	}
}
