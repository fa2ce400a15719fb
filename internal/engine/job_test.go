package engine_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/job"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// bo is an operation of the back office that leaves a record.
func bo(name string) chat.Operation {
	return chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}, Name: name, Source: chat.Source{Via: chat.ByGraphQL}}
}

// withChannels makes so many channels, each with anna as its member.
func withChannels(t *testing.T, e *engine.Engine, n int) (cids []chat.CID) {
	t.Helper()
	ctx := t.Context()
	if _, err := e.UpsertUsers(ctx, chat.UpsertUsers{Operation: clerk, Users: []chat.UserChange{{ID: "anna", Name: "Anna"}}}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		cid := chat.CID{Type: chat.Livestream, ID: fmt.Sprintf("c%d", i)}
		if err := e.PutChannel(ctx, chat.PutChannel{Operation: clerk, CID: cid, Name: fmt.Sprintf("Channel %d", i)}); err != nil {
			t.Fatal(err)
		}
		if err := e.ChangeMembers(ctx, chat.ChangeMembers{Operation: clerk, CID: cid, Add: []string{"anna"}}); err != nil {
			t.Fatal(err)
		}
		cids = append(cids, cid)
	}
	return cids
}

// announce drafts an announcement.
func announce(t *testing.T, e *engine.Engine, audience chat.ChannelSelection) string {
	t.Helper()
	id, err := e.PutAnnouncement(t.Context(), chat.PutAnnouncement{Operation: bo("createAnnouncement"), Audience: audience,
		Body: chat.MessageBody{Sender: chat.Actor{ID: "clerk"}, Text: "closed tomorrow"}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// ended waits until a job is over, and returns it.
func ended(t *testing.T, e *engine.Engine, id string) chat.Job {
	t.Helper()
	return until(t, e, id, func(j chat.Job) bool { return !j.EndedAt.IsZero() })
}

func until(t *testing.T, e *engine.Engine, id string, is func(chat.Job) bool) chat.Job {
	t.Helper()
	feed, err := e.SubscribeJobs(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	for {
		j, err := e.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if is(j) {
			return j
		}
		if _, err := feed.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// shown counts the messages of a text in each channel that aren't deleted.
func shown(t *testing.T, e *engine.Engine, cids []chat.CID, text string) (counts []int) {
	t.Helper()
	for _, cid := range cids {
		page, err := e.Messages(t.Context(), chat.MessageQuery{CID: cid, By: clerk.By, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, m := range page.Items {
			if m.Text == text && m.DeletedAt.IsZero() {
				n++
			}
		}
		counts = append(counts, n)
	}
	return counts
}

func each(n, count int) []int { return slices.Repeat([]int{count}, n) }

// From draft to recall and back, with two servers that both run jobs.
func TestAnnouncement(t *testing.T) {
	for _, two := range twoServers[:3] {
		t.Run(two.how, func(t *testing.T) {
			t.Parallel()
			here, there := two.open(t)
			ctx := t.Context()
			cids := withChannels(t, here, 40)
			id := announce(t, here, chat.ChannelSelection{All: true})
			if _, err := here.StartJob(ctx, chat.StartJob{Operation: bo("recallAnnouncement"), Name: job.RecallAnnouncement, Announcement: id}); chat.CodeOf(err) != chat.Conflict {
				t.Errorf("a draft was recalled: %v", err)
			}
			if err := there.SendAnnouncement(ctx, chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id}); err != nil {
				t.Fatal(err)
			}
			if j := ended(t, here, id); j.State != chat.JobDone || j.Done != 40 || j.Total != 40 {
				t.Fatalf("sent: %+v", j)
			}
			if got := shown(t, here, cids, "closed tomorrow"); !slices.Equal(got, each(40, 1)) {
				t.Fatalf("messages: %v", got)
			}
			if err := here.MarkRead(ctx, chat.MarkRead{Operation: anna, CID: cids[3]}); err != nil {
				t.Fatal(err)
			}
			if r, err := there.Readers(ctx, id); err != nil || *r != (chat.Readers{Read: 1, Members: 40}) {
				t.Errorf("readers: %+v, %v", r, err)
			}

			if err := here.EditMessage(ctx, chat.EditMessage{Operation: clerk, CID: cids[7], ID: job.MessageID(id, cids[7]), Text: "not here"}); err != nil {
				t.Fatal(err)
			}
			edit, err := there.StartJob(ctx, chat.StartJob{Operation: bo("editAnnouncement"), Name: job.EditAnnouncement, Announcement: id,
				Input: chat.JobInput{Body: chat.MessageBody{Text: "closed today"}}})
			if err != nil {
				t.Fatal(err)
			}
			ended(t, here, edit.ID)
			if got := shown(t, here, cids, "closed today"); !slices.Equal(got, each(40, 1)) {
				t.Fatalf("edited: %v", got)
			}
			undoes := func(change string) chat.Undo {
				undo := bo("undo")
				undo.Undoes = change
				return chat.Undo{Operation: undo}
			}
			last := func() chat.Job {
				jobs, err := here.Jobs(ctx, chat.JobQuery{Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				return ended(t, here, jobs.Items[0].ID)
			}
			// Each channel gets its own text back, and so does the announcement.
			if err := there.Undo(ctx, undoes(edit.Change)); err != nil {
				t.Fatal(err)
			}
			if j := last(); j.Done != 40 {
				t.Fatalf("the edit undone: %+v", j)
			}
			own := slices.Concat(each(7, 1), []int{0}, each(32, 1))
			if got := shown(t, here, cids, "closed tomorrow"); !slices.Equal(got, own) || !slices.Equal(shown(t, here, cids[7:8], "not here"), []int{1}) {
				t.Fatalf("after the undo of the edit: %v", got)
			}
			if a, err := there.Announcement(ctx, id); err != nil || a.Body.Text != "closed tomorrow" {
				t.Errorf("the announcement says %q, %v", a.Body.Text, err)
			}
			edit, err = there.StartJob(ctx, chat.StartJob{Operation: bo("editAnnouncement"), Name: job.EditAnnouncement, Announcement: id,
				Input: chat.JobInput{Body: chat.MessageBody{Text: "closed today"}}})
			if err != nil {
				t.Fatal(err)
			}
			ended(t, here, edit.ID)

			recall, err := here.StartJob(ctx, chat.StartJob{Operation: bo("recallAnnouncement"), Name: job.RecallAnnouncement, Announcement: id})
			if err != nil {
				t.Fatal(err)
			}
			if recall = ended(t, there, recall.ID); recall.Done != 40 {
				t.Fatalf("recalled: %+v", recall)
			}
			if got := shown(t, here, cids, "closed today"); !slices.Equal(got, each(40, 0)) {
				t.Fatalf("after the recall: %v", got)
			}
			c, err := here.Change(ctx, recall.Change)
			if err != nil || c.Operation != "recallAnnouncement" || c.TargetCount != 41 || !c.CanUndo {
				t.Errorf("the recall's record: %+v, %v", c, err)
			}

			// Who comes later hasn't read it.
			if err := here.MarkRead(ctx, chat.MarkRead{Operation: anna, CID: cids[4]}); err != nil {
				t.Fatal(err)
			}
			if r, err := there.Readers(ctx, id); err != nil || *r != (chat.Readers{Read: 1, Members: 40}) {
				t.Errorf("readers by the recall: %+v, %v", r, err)
			}
			if err := here.Undo(ctx, undoes(recall.Change)); err != nil {
				t.Fatal(err)
			}
			if err := here.Undo(ctx, undoes(recall.Change)); chat.CodeOf(err) != chat.Conflict {
				t.Errorf("undone twice: %v", err)
			}
			jobs, err := here.Jobs(ctx, chat.JobQuery{Limit: 9})
			if err != nil || len(jobs.Items) != 6 || jobs.Items[0].Operation != "undo" {
				t.Fatalf("jobs: %+v, %v", jobs, err)
			}
			if j := ended(t, here, jobs.Items[0].ID); j.Done != 40 {
				t.Fatalf("undone: %+v", j)
			}
			if got := shown(t, here, cids, "closed today"); !slices.Equal(got, each(40, 1)) {
				t.Fatalf("after the undo: %v", got)
			}
		})
	}
}

// One target that refuses stops no other, says why, and can be tried again.
func TestFailedRowsAreTriedAgain(t *testing.T) {
	e := open(t, inFolder(t))
	ctx := t.Context()
	cids := withChannels(t, e, 3)
	id := announce(t, e, chat.ChannelSelection{CIDs: []chat.CID{cids[0], gone, cids[1], cids[0]}})
	send := chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id}
	send.Operation.Key = "once"
	for range 2 {
		if err := e.SendAnnouncement(ctx, send); err != nil {
			t.Fatal(err)
		}
	}
	if j := ended(t, e, id); j.State != chat.JobFailures || j.Done != 2 || j.Failed != 1 || j.Total != 3 {
		t.Fatalf("sent: %+v", j)
	}
	rows, err := e.JobRows(ctx, chat.RowQuery{Job: id, Limit: 9, State: chat.RowFailed})
	if err != nil || len(rows.Items) != 1 || rows.Items[0].Target != gone.String() || rows.Items[0].Failed.Code != chat.NotFound {
		t.Fatalf("failed rows: %+v, %v", rows, err)
	}
	if err := e.PutChannel(ctx, chat.PutChannel{Operation: clerk, CID: gone, Name: "Back"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.MoveJob(ctx, chat.MoveJob{Operation: bo("retryJob"), ID: id, Move: chat.RetryJob}); err != nil {
		t.Fatal(err)
	}
	if j := ended(t, e, id); j.State != chat.JobDone || j.Done != 3 || j.Failed != 0 {
		t.Fatalf("tried again: %+v", j)
	}
	if got := shown(t, e, append(cids, gone), "closed tomorrow"); !slices.Equal(got, []int{1, 1, 0, 1}) {
		t.Errorf("messages: %v", got)
	}
}

// Whoever follows jobs misses nothing if a job changes while its events are read.
func TestJobEventsOfAPartThatIsOver(t *testing.T) {
	e := open(t, inFolder(t))
	withChannels(t, e, 1)
	id := announce(t, e, chat.ChannelSelection{All: true})
	if err := e.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id}); err != nil {
		t.Fatal(err)
	}
	last := ended(t, e, id).Seq
	events, err := jobstore.Events(t.Context(), e.Store, sqlstore.Span{UpTo: last - 1, Limit: 500})
	if err != nil || int64(len(events)) != last-1 {
		t.Fatalf("%d events up to %d, %v", len(events), last-1, err)
	}
	for i, event := range events {
		if event.Seq != int64(i)+1 || event.Job.State != chat.JobDone {
			t.Errorf("event %d: %d, %s", i, event.Seq, event.Job.State)
		}
	}
}

// A job that deletes channels is one change, which a job undoes.
func TestBulkDeletion(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) sqlstore.Options{
		"SQLite":     func(t *testing.T) sqlstore.Options { return inFolder(t) },
		"PostgreSQL": func(t *testing.T) sqlstore.Options { return sqlstore.Options{URL: pgtest.Open(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t, where(t))
			ctx := t.Context()
			cids := withChannels(t, e, 20)
			j, err := e.StartJob(ctx, chat.StartJob{Operation: bo("deleteChannels"), Name: "deleteChannels", Targets: texts(cids[:15])})
			if err != nil {
				t.Fatal(err)
			}
			if j = ended(t, e, j.ID); j.State != chat.JobDone || j.Done != 15 {
				t.Fatalf("deleted: %+v", j)
			}
			if all, err := e.AllChannels(ctx); err != nil || len(all) != 5 {
				t.Fatalf("left: %d, %v", len(all), err)
			}
			undo := bo("undo")
			undo.Undoes = j.Change
			if err := e.PutChannel(ctx, chat.PutChannel{Operation: clerk, CID: cids[7], Name: "Another"}); err != nil {
				t.Fatal(err)
			}
			undone := func(req chat.Undo, done int64) {
				t.Helper()
				req.Operation = undo
				if err := e.Undo(ctx, req); err != nil {
					t.Fatal(err)
				}
				jobs, err := e.Jobs(ctx, chat.JobQuery{Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				if j := ended(t, e, jobs.Items[0].ID); j.State != chat.JobDone || j.Done != done {
					t.Fatalf("undone: %+v", j)
				}
			}
			undone(chat.Undo{CIDs: cids[:3]}, 3)
			taken, ok := errors.AsType[*chat.Error](e.Undo(ctx, chat.Undo{Operation: undo}))
			if !ok || taken.Code != chat.Conflict || taken.Field != "onConflict" || !strings.Contains(taken.Message, cids[7].String()) {
				t.Fatalf("what is taken: %v", taken)
			}
			if all, err := e.AllChannels(ctx); err != nil || len(all) != 9 {
				t.Errorf("refused, it brought back %d, %v", len(all), err)
			}
			undone(chat.Undo{Rename: true}, 12)
			all, err := e.AllChannels(ctx)
			if err != nil || len(all) != 21 || !slices.ContainsFunc(all, func(c chat.Channel) bool { return c.CID.ID == cids[7].ID+"-2" }) {
				t.Errorf("back: %d, %v", len(all), err)
			}
		})
	}
}

func texts(cids []chat.CID) (list []string) {
	for _, cid := range cids {
		list = append(list, cid.String())
	}
	return list
}

// What a server does that stood still, and whose lease another has, changes nothing; nor does
// what belongs to a job that was paused.
func TestRowsAreFenced(t *testing.T) {
	e := open(t, inFolder(t))
	ctx := t.Context()
	cids := withChannels(t, e, 1)
	id := announce(t, e, chat.ChannelSelection{All: true})
	if err := e.SendAnnouncement(ctx, chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id}); err != nil {
		t.Fatal(err)
	}
	ended(t, e, id)
	for name, task := range map[string]chat.Task{
		"another lease": {Job: id, Row: 1, Owner: "somebody", Lease: 99},
		"another job":   {Job: "none", Row: 1},
	} {
		op := bo("sendAnnouncement")
		op.Task = &task
		_, err := e.SendMessage(ctx, chat.SendMessage{Operation: op, Message: chat.Message{ID: name, CID: cids[0], Sender: chat.User{ID: "clerk"}, Text: "closed tomorrow"}})
		if err == nil {
			t.Errorf("%s: done", name)
		}
	}
	if got := shown(t, e, cids, "closed tomorrow"); !slices.Equal(got, []int{1}) {
		t.Errorf("messages: %v", got)
	}
	if _, err := e.MoveJob(ctx, chat.MoveJob{Operation: bo("pauseJob"), ID: id, Move: chat.PauseJob}); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("a job that is done was paused: %v", err)
	}
}

// What was being sent when a backup was made isn't sent after its restore, until somebody says so.
func TestJobsAfterARestore(t *testing.T) {
	t.Parallel()
	o := inFolder(t)
	idle := func(is bool) (*engine.Engine, func()) {
		store, err := sqlstore.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Idle: is})
		closed := sync.OnceFunc(func() { e.Close(); _ = store.Close() })
		t.Cleanup(closed)
		return e, closed
	}
	e, closed := idle(true)
	cids := withChannels(t, e, 3)
	var ids []string
	for range 2 {
		id := announce(t, e, chat.ChannelSelection{All: true})
		if err := e.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if _, err := e.MoveJob(t.Context(), chat.MoveJob{Operation: bo("pauseJob"), ID: ids[1], Move: chat.PauseJob}); err != nil {
		t.Fatal(err)
	}
	due, later := time.Now().Add(-20*time.Minute).UTC(), time.Now().Add(20*time.Minute).UTC()
	scheduled := map[chat.JobState]string{}
	for state, at := range map[chat.JobState]time.Time{chat.JobMissed: due, chat.JobScheduled: later} {
		id := announce(t, e, chat.ChannelSelection{All: true})
		s := chat.Schedule{Local: at.Format(chat.LocalTime), Zone: "UTC"}
		if err := e.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id, Schedule: s}); err != nil {
			t.Fatal(err)
		}
		scheduled[state] = id
	}
	backup := inFolder(t)
	if err := sqlstore.Backup(t.Context(), o.Path, backup.Path); err != nil {
		t.Fatal(err)
	}
	closed()
	o = backup
	e, closed = idle(true)
	if err := e.Store.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.BeginLogs(time.Now()) }); err != nil {
		t.Fatal(err)
	}
	closed()
	e, _ = idle(false)
	for _, id := range ids {
		if j, err := e.Job(t.Context(), id); err != nil || j.State != chat.JobPaused {
			t.Fatalf("restored: %+v, %v", j, err)
		}
	}
	for state, id := range scheduled {
		if j, err := e.Job(t.Context(), id); err != nil || j.State != state {
			t.Errorf("restored: %+v, %v, want %s", j, err, state)
		}
	}
	for n, id := range ids {
		if got := shown(t, e, cids, "closed tomorrow"); !slices.Equal(got, each(3, n)) {
			t.Errorf("messages after %d decisions: %v", n, got)
		}
		if _, err := e.MoveJob(t.Context(), chat.MoveJob{Operation: bo("resumeJob"), ID: id, Move: chat.ResumeJob}); err != nil {
			t.Fatal(err)
		}
		if j := ended(t, e, id); j.State != chat.JobDone || j.Done != 3 {
			t.Errorf("resumed: %+v", j)
		}
	}
	if got := shown(t, e, cids, "closed tomorrow"); !slices.Equal(got, each(3, 2)) {
		t.Errorf("messages: %v", got)
	}
}
