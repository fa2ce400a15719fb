package stream_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/stream"
)

// Sending that had begun may not have sent. Recalling finds nothing there then, which is no failure,
// unless the channel is gone, too.
func TestRecallingWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	far := there{h, t}
	gone := chat.CID{Type: chat.Team, ID: "gone"}
	far.put(news, "News")
	far.put(gone, "Gone")
	id, err := h.PutAnnouncement(h.ctx(), chat.PutAnnouncement{Operation: by(clerk), Body: chat.MessageBody{Text: "closed", Sender: clerk},
		Audience: chat.ChannelSelection{CIDs: []chat.CID{news, gone}}})
	far.ok(err)
	h.net.breakNext(1_000, http.MethodPost, "/message", fails)
	far.ok(h.SendAnnouncement(h.ctx(), chat.SendAnnouncement{Operation: by(clerk), ID: id}))
	begun := func() error {
		page, err := h.JobRows(h.ctx(), chat.RowQuery{Job: id, State: chat.RowBegun, Limit: 10})
		if err == nil && len(page.Items) < 2 {
			err = &chat.Error{Code: chat.Unavailable, Message: "Not yet."}
		}
		return err
	}
	far.ok(h.eventually(begun))
	far.ok(h.far.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{gone}}))
	op := by(clerk)
	op.Name = job.RecallAnnouncement
	recall, err := h.StartJob(h.ctx(), chat.StartJob{Operation: op, Name: op.Name, Announcement: id})
	far.ok(err)
	for recall.EndedAt.IsZero() {
		time.Sleep(20 * time.Millisecond)
		recall, err = h.Job(h.ctx(), recall.ID)
		far.ok(err)
	}
	if recall.Done != 1 || recall.Failed != 1 {
		t.Errorf("%d rows done and %d failed; one is right, of the channel that is there", recall.Done, recall.Failed)
	}
}

// A job is stopped after a server was killed during rows: undo restores what those rows changed at
// Stream, and a row that changed nothing there is none of the change's targets.
func TestStoppedRowsAreUndone(t *testing.T) {
	t.Parallel()
	h := office(t)
	far := there{h, t}
	far.put(chat.CID{Type: chat.Livestream, ID: "spare"}, "Spare")
	before := h.snapshot()
	jobs := []struct {
		method, path, name, target string
		in                         chat.JobInput
		effect                     bool
	}{
		{http.MethodPatch, "/livestream/news", "freezeChannel", news.String(), chat.JobInput{Frozen: true}, true},
		{http.MethodPost, "/livestream/news", "removeMembers", news.String(), chat.JobInput{Users: []string{"anna"}}, true},
		{http.MethodPatch, "/users", "setRoles", "bob", chat.JobInput{Role: chat.RoleModerator}, true},
		{http.MethodPatch, "/livestream/spare", "freezeChannel", "livestream:spare", chat.JobInput{Frozen: true}, false},
	}
	var asked sync.WaitGroup
	started := make([]chat.Job, len(jobs))
	for i, row := range jobs {
		asked.Add(1)
		var once sync.Once
		h.net.breakNext(1_000, row.method, row.path, func(n *network, w http.ResponseWriter, r *http.Request) {
			once.Do(func() {
				if row.effect {
					n.effect(r)
				}
				asked.Done()
			})
			fails(n, w, r)
		})
		var err error
		started[i], err = h.StartJob(h.ctx(), chat.StartJob{Operation: recordedAs(row.name), Name: row.name, Input: row.in, Targets: []string{row.target}})
		far.ok(err)
	}
	asked.Wait()
	h.o.Idle = true
	h.startAsAfterAKill()
	undo := func(j chat.Job) error {
		op := recordedAs("undo")
		op.Undoes = j.Change
		return h.Undo(h.ctx(), chat.Undo{Operation: op})
	}
	for _, j := range started {
		_, err := h.MoveJob(h.ctx(), chat.MoveJob{Operation: recordedAs("stopJob"), ID: j.ID, Move: chat.StopJob})
		far.ok(err)
	}
	last := len(jobs) - 1
	if err := undo(started[last]); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("a call may be under way, and undo says %v", err)
	}
	far.ok(h.LookUpLater(h.ctx()))
	for i, j := range started {
		c, err := h.Change(h.ctx(), j.Change)
		far.ok(err)
		now, err := h.Job(h.ctx(), j.ID)
		far.ok(err)
		if c.CanUndo != jobs[i].effect || now.Done != map[bool]int64{true: 1}[jobs[i].effect] {
			t.Errorf("%s: canUndo is %t, and %d rows are done", jobs[i].name, c.CanUndo, now.Done)
		}
	}
	if err := undo(started[last]); err == nil {
		t.Error("what changed nothing was undone")
	}
	h.Close()
	h.o.Idle = false
	h.start()
	for _, j := range started[:last] {
		h.undoJob(j)
	}
	if diff := cmp.Diff(before, h.snapshot()); diff != "" {
		t.Errorf("after undo (-before +after):\n%s", diff)
	}
}
