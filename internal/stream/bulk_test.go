package stream_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
)

// recordedAs is an operation of the back office that leaves a record.
func recordedAs(name string) chat.Operation {
	return chat.Operation{By: clerk, Name: name, Source: chat.Source{Via: chat.ByGraphQL}}
}

// over waits until a job has ended.
func (h *hosted) over(id string) chat.Job {
	h.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if j, err := h.Job(h.ctx(), id); err == nil && !j.EndedAt.IsZero() {
			return j
		}
	}
	h.Fatalf("the job %s isn't over; the log:\n%s", id, h.log)
	return chat.Job{}
}

// Bulk operations on hosted Stream do all their targets with one change, which a job undoes.
func TestBulkOperations(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	cids := h.fill(3, "Room")
	if _, err := h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "ann", Name: "Ann"}, {ID: "ben", Name: "Ben"}}}); err != nil {
		t.Fatal(err)
	}
	targets := make([]string, len(cids))
	for i, cid := range cids {
		targets[i] = cid.String()
		if err := h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: cid, Add: []string{"ann"}}); err != nil {
			t.Fatal(err)
		}
	}
	channels := func(is func(chat.Channel) bool) func() int {
		return func() int {
			found, err := h.Existing(h.ctx(), cids)
			if err != nil {
				t.Fatal(err)
			}
			return len(slices.DeleteFunc(found, func(c chat.Channel) bool { return !is(c) }))
		}
	}
	frozen := channels(func(c chat.Channel) bool { return c.Frozen })
	withMember := channels(func(c chat.Channel) bool { return c.MemberCount > 0 })
	users := []string{"ann", "ben"}
	having := func(is func(chat.User) bool) func() int {
		return func() int {
			page, err := h.Users(h.ctx(), chat.UserQuery{Limit: 9, IDs: users})
			if err != nil {
				t.Fatal(err)
			}
			return len(slices.DeleteFunc(page.Items, func(u chat.User) bool { return !is(u) }))
		}
	}
	banned := having(func(u chat.User) bool { return u.Ban != nil })
	moderators := having(func(u chat.User) bool { return u.Role == chat.RoleModerator })
	apply := func(name string, in chat.JobInput, targets []string) chat.Job {
		j, err := h.StartJob(h.ctx(), chat.StartJob{Operation: recordedAs(name), Name: name, Input: in, Targets: targets})
		if err != nil {
			t.Fatal(err)
		}
		return h.over(j.ID)
	}
	// Each begins with what the one before left.
	for _, row := range []struct {
		name    string
		in      chat.JobInput
		targets []string
		count   func() int
		after   int
		undo    bool
	}{
		{"freezeChannel", chat.JobInput{Frozen: true}, targets, frozen, 3, false},
		{"freezeChannel", chat.JobInput{}, targets, frozen, 0, true},
		{"removeMembers", chat.JobInput{Users: []string{"ann"}}, targets, withMember, 0, true},
		{"setRoles", chat.JobInput{Role: chat.RoleModerator}, users, moderators, 2, true},
		{"banUser", chat.JobInput{Reason: "loud"}, users, banned, 2, false},
		{"unbanUser", chat.JobInput{}, users, banned, 0, true},
	} {
		before := row.count()
		j := apply(row.name, row.in, row.targets)
		if j.State != chat.JobDone || j.Done != int64(len(row.targets)) || row.count() != row.after || before == row.after {
			t.Errorf("%s: %+v; %d, before %d", row.name, j, row.count(), before)
		}
		if !row.undo {
			continue
		}
		if u := h.undoJob(j); u.State != chat.JobDone || row.count() != before {
			t.Errorf("%s undone: %+v; %d, want %d", row.name, u, row.count(), before)
		}
	}
}

// A server that sends an announcement is killed while Stream has a call of it. The next server finds
// the row begun, and the channel gets the message exactly once, whether the call had an effect or
// not. A recall instead leaves no message, also if there was none.
func TestKilledBetweenCallAndRow(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		effect, recall bool
	}{{true, false}, {false, false}, {true, true}, {false, true}} {
		t.Run(fmt.Sprintf("effect %t, recall %t", row.effect, row.recall), func(t *testing.T) {
			t.Parallel()
			h := open(t, stream.Options{})
			h.put(news, "News")
			dead := folder(t)
			var once sync.Once
			h.net.breakNext(1_000, http.MethodPost, "/message", func(n *network, w http.ResponseWriter, r *http.Request) {
				once.Do(func() {
					if row.effect {
						n.effect(r)
					}
					if err := sqlstore.Backup(t.Context(), h.database("near.db"), filepath.Join(dead, "near.db")); err != nil {
						t.Error(err)
					}
				})
				fails(n, w, r)
			})
			id, err := h.PutAnnouncement(h.ctx(), chat.PutAnnouncement{Operation: recordedAs("createAnnouncement"), Audience: chat.ChannelSelection{All: true},
				Body: chat.MessageBody{Sender: clerk, Text: "closed tomorrow"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := h.SendAnnouncement(h.ctx(), chat.SendAnnouncement{Operation: recordedAs("sendAnnouncement"), ID: id}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dead, "near.db")
			store := (*sqlstore.Store)(nil)
			for end := time.Now().Add(20 * time.Second); store == nil && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
				if h.net.count(http.MethodPost, "/message") > 0 {
					h.Close()
					store = openStore(t, sqlstore.Options{Path: path})
				}
			}
			if store == nil {
				t.Fatalf("nothing was sent; the log:\n%s", h.log)
			}
			// So that the next server needn't wait until the dead one's lease is over.
			if err := store.Write(t.Context(), func(tx *sqlstore.Tx) error { _, err := tx.Change(`UPDATE leases SET until = 0`); return err }); err != nil {
				t.Fatal(err)
			}
			h.net.heal()
			h.o.Store, h.o.Idle = store, row.recall
			h.start()
			if rows, err := h.JobRows(h.ctx(), chat.RowQuery{Job: id, Limit: 9}); !row.effect && (err != nil || len(rows.Items) != 1) || err != nil {
				t.Fatalf("the rows: %+v, %v", rows, err)
			} else if row.recall && rows.Items[0].State != chat.RowBegun {
				t.Fatalf("the row is %s", rows.Items[0].State)
			}
			want := []string{"closed tomorrow"}
			if row.recall {
				recall, err := h.StartJob(h.ctx(), chat.StartJob{Operation: recordedAs("recallAnnouncement"), Name: job.RecallAnnouncement, Announcement: id})
				if err != nil {
					t.Fatal(err)
				}
				h.Close()
				h.o.Store, h.o.Idle = openStore(t, sqlstore.Options{Path: path}), false
				h.start()
				if j := h.over(recall.ID); j.State != chat.JobDone || j.Done != 1 {
					t.Errorf("the recall: %+v", j)
				}
				want = nil
			} else if j := h.over(id); j.State != chat.JobDone || j.Done != 1 {
				t.Errorf("the announcement: %+v", j)
			}
			var got []string
			for _, m := range h.farMessages(news) {
				if m.DeletedAt.IsZero() {
					got = append(got, m.Text)
					if m.ID != job.MessageID(id, news) {
						t.Errorf("the message's id is %s", m.ID)
					}
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("the channel has %q, want %q", got, want)
			}
		})
	}
}

// A server is killed while Stream has made the changes of rows, and the rows don't say so. The next
// server does them again, and knows all the same what was before: undo of the jobs restores it.
func TestKilledRowsAreUndone(t *testing.T) {
	t.Parallel()
	h := office(t)
	before := h.snapshot()
	jobs := []struct {
		method, path, name, target string
		in                         chat.JobInput
	}{
		{http.MethodPatch, "/livestream/news", "freezeChannel", news.String(), chat.JobInput{Frozen: true}},
		{http.MethodPost, "/livestream/news", "removeMembers", news.String(), chat.JobInput{Users: []string{"anna"}}},
		{http.MethodPatch, "/users", "setRoles", "bob", chat.JobInput{Role: chat.RoleModerator}},
		{http.MethodPost, "/moderation/ban", "banUser", "anna", chat.JobInput{Reason: "loud", Until: time.Now().Add(90 * time.Second)}},
	}
	var effects sync.WaitGroup
	ids := make([]string, len(jobs))
	for i, row := range jobs {
		effects.Add(1)
		var once sync.Once
		h.net.breakNext(1_000, row.method, row.path, func(n *network, w http.ResponseWriter, r *http.Request) {
			once.Do(func() {
				n.effect(r)
				effects.Done()
			})
			fails(n, w, r)
		})
		j, err := h.StartJob(h.ctx(), chat.StartJob{Operation: recordedAs(row.name), Name: row.name, Input: row.in, Targets: []string{row.target}})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = j.ID
	}
	effects.Wait()
	h.startAsAfterAKill()
	for i, id := range ids {
		j := h.over(id)
		if j.State != chat.JobDone || j.Done != 1 {
			t.Errorf("%s: %+v", jobs[i].name, j)
		}
		h.undoJob(j)
	}
	if diff := cmp.Diff(before, h.snapshot()); diff != "" {
		t.Errorf("after undo (-before +after):\n%s", diff)
	}
}

// startAsAfterAKill ends all faults and starts another provider on the database as it is now, as if the present
// one did nothing more.
func (h *hosted) startAsAfterAKill() {
	h.Helper()
	path := filepath.Join(folder(h), "near.db")
	if err := sqlstore.Backup(h.ctx(), h.database("near.db"), path); err != nil {
		h.Fatal(err)
	}
	h.Close()
	h.net.heal()
	h.o.Store = openStore(h, sqlstore.Options{Path: path})
	// So that it needn't wait until the dead one's lease is over.
	if err := h.o.Store.Write(h.ctx(), func(tx *sqlstore.Tx) error { _, err := tx.Change(`UPDATE leases SET until = 0`); return err }); err != nil {
		h.Fatal(err)
	}
	h.start()
}

// undoJob undoes what a job did, and waits for the job that does so.
func (h *hosted) undoJob(j chat.Job) chat.Job {
	h.Helper()
	op := recordedAs("undo")
	op.Undoes = j.Change
	if err := h.Undo(h.ctx(), chat.Undo{Operation: op}); err != nil {
		h.Errorf("undoing %s: %v", j.Operation, err)
		return chat.Job{}
	}
	jobs, err := h.Jobs(h.ctx(), chat.JobQuery{Limit: 1})
	if err != nil {
		h.Fatal(err)
	}
	return h.over(jobs.Items[0].ID)
}

// A job that goes on doesn't wait for the end of a pause from before.
func TestResumedJobsGoOnAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.put(news, "News")
	h.net.breakNext(1_000, http.MethodPost, "/message", limited("300"))
	id, err := h.PutAnnouncement(h.ctx(), chat.PutAnnouncement{Operation: recordedAs("createAnnouncement"), Audience: chat.ChannelSelection{All: true},
		Body: chat.MessageBody{Sender: clerk, Text: "closed tomorrow"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SendAnnouncement(h.ctx(), chat.SendAnnouncement{Operation: recordedAs("sendAnnouncement"), ID: id}); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); !contains([]byte(h.log.String()), "a job waits"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the job doesn't wait:\n%s", h.log)
		}
	}
	h.net.heal()
	if _, err := h.MoveJob(h.ctx(), chat.MoveJob{Operation: recordedAs("pauseJob"), ID: id, Move: chat.PauseJob}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the runner has looked
	if _, err := h.MoveJob(h.ctx(), chat.MoveJob{Operation: recordedAs("resumeJob"), ID: id, Move: chat.ResumeJob}); err != nil {
		t.Fatal(err)
	}
	if j := h.over(id); j.Done != 1 { // the earlier pause lasts 300 s, much longer than over waits
		t.Errorf("the resumed job: %+v", j)
	}
}
