package engine_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
)

// orderly is an engine whose jobs run only when a test has them run.
type orderly struct {
	*testing.T
	*engine.Engine
	where  sqlstore.Options
	closed func()
}

// restart opens another engine on the database.
func (o *orderly) restart(idle bool) {
	o.Helper()
	o.closed()
	store, err := sqlstore.Open(context.WithoutCancel(o.Context()), o.where)
	if err != nil {
		o.Fatal(err)
	}
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Idle: idle})
	o.Engine, o.closed = e, sync.OnceFunc(func() { e.Close(); _ = store.Close() })
	o.Cleanup(o.closed)
}

// ends lets jobs run until these have ended, and returns the first one.
func (o *orderly) ends(id string, others ...string) chat.Job {
	o.Helper()
	o.restart(false)
	j := ended(o.T, o.Engine, id)
	for _, other := range others {
		ended(o.T, o.Engine, other)
	}
	o.restart(true)
	return j
}

func (o *orderly) begin(name, announcement, text string) (chat.Job, error) {
	return o.StartJob(o.Context(), chat.StartJob{Operation: bo(name), Name: name, Announcement: announcement, Input: chat.JobInput{Body: chat.MessageBody{Text: text}}})
}

func (o *orderly) move(id string, m chat.JobMove) error {
	_, err := o.MoveJob(o.Context(), chat.MoveJob{Operation: bo(string(m)), ID: id, Move: m})
	return err
}

func (o *orderly) undo(change string) error {
	op := bo("undo")
	op.Undoes = change
	return o.Undo(o.Context(), chat.Undo{Operation: op})
}

func (o *orderly) lastJob() string {
	o.Helper()
	jobs, err := o.Jobs(o.Context(), chat.JobQuery{Limit: 1})
	o.ok(err)
	return jobs.Items[0].ID
}

func (o *orderly) ok(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *orderly) conflicts(what string, err error) {
	o.Helper()
	if chat.CodeOf(err) != chat.Conflict {
		o.Errorf("%s: %v, want a conflict", what, err)
	}
}

// Of the jobs about one announcement one at a time is under way, so that an earlier one never
// undoes what a later one has done. A recall stops the others.
func TestJobsOfAnAnnouncementInOrder(t *testing.T) {
	t.Parallel()
	o := newOrderly(t)
	cids := withChannels(t, o.Engine, 3)
	id := announce(t, o.Engine, chat.ChannelSelection{CIDs: append(slices.Clone(cids), gone)})
	o.ok(o.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id}))
	_, err := o.begin(job.EditAnnouncement, id, "closed today")
	o.conflicts("an edit of what is being sent", err)
	if j := o.ends(id); j.State != chat.JobFailures {
		t.Fatalf("sent: %+v", j)
	}

	edit, err := o.begin(job.EditAnnouncement, id, "closed today")
	o.ok(err)
	o.ok(o.move(edit.ID, chat.PauseJob))
	_, err = o.begin(job.EditAnnouncement, id, "closed for good")
	o.conflicts("an edit while another is paused", err)
	o.conflicts("a retry of the send while an edit is paused", o.move(id, chat.RetryJob))
	recall, err := o.begin(job.RecallAnnouncement, id, "")
	o.ok(err)
	if j, err := o.Job(t.Context(), edit.ID); err != nil || j.State != chat.JobStopped || j.EndedAt.IsZero() {
		t.Errorf("the recalled edit: %+v, %v", j, err)
	}
	_, err = o.begin(job.EditAnnouncement, id, "closed today")
	o.conflicts("an edit while it is recalled", err)
	_, err = o.begin(job.RecallAnnouncement, id, "")
	o.conflicts("a recall while it is recalled", err)
	if j := o.ends(recall.ID); j.State != chat.JobDone || j.Done != 3 {
		t.Fatalf("recalled: %+v", j)
	}

	o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: gone, Name: "Back"}))
	o.conflicts("a retry of the send after a recall", o.move(id, chat.RetryJob))
	o.ok(o.undo(recall.Change))
	_, err = o.begin(job.EditAnnouncement, id, "closed today")
	o.conflicts("an edit while the recall is undone", err)
	o.ends(o.lastJob())
	o.ok(o.move(id, chat.RetryJob))
	if j := o.ends(id); j.State != chat.JobDone {
		t.Fatalf("sent in the end: %+v", j)
	}
	// The edit that the recall stopped is what the announcement says.
	if got := shown(t, o.Engine, []chat.CID{gone}, "closed today"); !slices.Equal(got, []int{1}) {
		t.Errorf("the channel that was gone has it %v times", got)
	}

	// What failed isn't tried again once a later job, or an undo, has changed the same.
	o.ok(o.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: bo("deleteMessage"), CID: gone, ID: job.MessageID(id, gone)}))
	edit, err = o.begin(job.EditAnnouncement, id, "closed at noon")
	o.ok(err)
	if j := o.ends(edit.ID); j.State != chat.JobFailures || j.Failed != 1 {
		t.Fatalf("edited: %+v", j)
	}
	later, err := o.begin(job.EditAnnouncement, id, "closed at one")
	o.ok(err)
	o.ends(later.ID)
	o.conflicts("a retry of an edit after another", o.move(edit.ID, chat.RetryJob))
	o.ok(o.undo(later.Change))
	o.ends(o.lastJob())
	o.conflicts("a retry of an edit that was undone", o.move(later.ID, chat.RetryJob))
	if got := shown(t, o.Engine, cids, "closed at noon"); !slices.Equal(got, each(3, 1)) {
		t.Errorf("the channels have it %v times", got)
	}
}
