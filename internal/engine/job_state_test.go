package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

var gone = chat.CID{Type: chat.Livestream, ID: "gone"}

func newOrderly(t *testing.T) *orderly {
	o := &orderly{T: t, where: inFolder(t), closed: func() {}}
	o.restart(true)
	return o
}

func (o *orderly) send(id string, s chat.Schedule) error {
	return o.SendAnnouncement(o.Context(), chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id, Schedule: s})
}

// sent makes an announcement whose job is running.
func (o *orderly) sent(cids ...chat.CID) string {
	o.Helper()
	id := announce(o.T, o.Engine, chat.ChannelSelection{CIDs: cids})
	o.ok(o.send(id, chat.Schedule{}))
	return id
}

// freeze starts a job that freezes channels.
func (o *orderly) freeze(cids ...chat.CID) (chat.Job, error) {
	return o.StartJob(o.Context(), chat.StartJob{Operation: bo("freezeChannel"), Name: "freezeChannel", Input: chat.JobInput{Frozen: true}, Targets: texts(cids)})
}

func (o *orderly) state(id string, want chat.JobState) chat.Job {
	o.Helper()
	j, err := o.Job(o.Context(), id)
	if o.ok(err); j.State != want {
		o.Errorf("the job %s is %s, want %s", j.Operation, j.State, want)
	}
	return j
}

// Whatever would make one more job scheduled or running than the runner looks at is refused, and
// works once another has ended.
func TestOpenJobsAreLimited(t *testing.T) {
	t.Parallel()
	o := newOrderly(t)
	cids := withChannels(t, o.Engine, 3)
	later := chat.Schedule{Local: "2099-01-01T08:00", Zone: "Europe/Berlin"}
	draft := func() string { return announce(t, o.Engine, chat.ChannelSelection{CIDs: cids[:1]}) }
	scheduled := func() string {
		id := draft()
		o.ok(o.send(id, later))
		return id
	}
	stoppedEarly := func() string {
		id := scheduled()
		o.ok(o.move(id, chat.StopJob))
		return id
	}
	missed := func() string {
		id := scheduled()
		o.ok(o.Store.Write(t.Context(), func(tx *sqlstore.Tx) error {
			j, _, err := jobstore.Find(tx, id)
			if err == nil {
				j.State = chat.JobMissed
				_, err = jobstore.Put(tx, j)
			}
			return err
		}))
		return id
	}
	failed, edited, recalled := o.sent(cids[0], gone), o.sent(cids[0]), o.sent(cids[0])
	frozen, err := o.freeze(cids[1])
	o.ok(err)
	o.ends(failed, edited, recalled, frozen.ID)
	paused, stopped := o.sent(cids[0]), o.sent(cids[0])
	o.ok(o.move(paused, chat.PauseJob))
	o.ok(o.move(stopped, chat.StopJob))
	stays := o.sent(cids[0])
	o.ok(o.move(stays, chat.PauseJob))
	open := scheduled()
	sends := func(id string, s chat.Schedule) func() error { return func() error { return o.send(id, s) } }
	rows := []struct {
		says string
		do   func() error
	}{
		{"sending a draft", sends(draft(), chat.Schedule{})},
		{"scheduling a draft", sends(draft(), later)},
		{"sending what was missed", sends(missed(), chat.Schedule{})},
		{"scheduling what was missed", sends(missed(), later)},
		{"sending what was stopped before it began", sends(stoppedEarly(), chat.Schedule{})},
		{"resuming", func() error { return o.move(paused, chat.ResumeJob) }},
		{"retrying what failed", func() error { return o.move(failed, chat.RetryJob) }},
		{"going on with what was stopped", func() error { return o.move(stopped, chat.RetryJob) }},
		{"an edit", func() error { _, err := o.begin(job.EditAnnouncement, edited, "closed today"); return err }},
		{"a recall", func() error { _, err := o.begin(job.RecallAnnouncement, recalled, ""); return err }},
		{"a bulk operation", func() error { _, err := o.freeze(cids[2]); return err }},
		{"an undo", func() error { return o.undo(frozen.Change) }},
	}
	fillers := make([]string, chat.MaxOpenJobs-1)
	o.ok(o.Store.Write(t.Context(), func(tx *sqlstore.Tx) error {
		for i := range fillers {
			fillers[i] = fmt.Sprintf("filler-%d", i)
			if err := jobstore.Insert(tx, chat.Job{ID: fillers[i], Operation: job.SendAnnouncement, State: chat.JobScheduled}, chat.JobInput{}); err != nil {
				return err
			}
		}
		return nil
	}))
	for i, row := range rows {
		o.conflicts(row.says+" at the limit", row.do())
		o.ok(o.move(fillers[i], chat.StopJob))
		if err := row.do(); err != nil {
			t.Errorf("%s below the limit: %v", row.says, err)
		}
	}
	keyed := bo(job.RecallAnnouncement)
	keyed.Key, keyed.Digest = "once", "recall"
	_, err = o.StartJob(t.Context(), chat.StartJob{Operation: keyed, Name: job.RecallAnnouncement, Announcement: stays})
	o.conflicts("a recall at the limit", err)
	o.state(stays, chat.JobPaused)                                                      // what is refused has changed nothing
	o.ok(o.send(open, chat.Schedule{Local: "2099-01-02T08:00", Zone: "Europe/Berlin"})) // it is open already
	o.ok(o.send(open, chat.Schedule{}))
}

// A stopped job goes on with what failed or wasn't done, and does nothing twice.
func TestStoppedJobsGoOn(t *testing.T) {
	t.Parallel()
	o := newOrderly(t)
	cids := withChannels(t, o.Engine, 3)
	atOnce, halfway, recalled := o.sent(cids...), o.sent(append(slices.Clone(cids), gone)...), o.sent(cids[0])
	o.ok(o.move(atOnce, chat.StopJob))
	frozen, err := o.freeze(cids[1], chat.CID{Type: chat.Livestream, ID: "never"})
	o.ok(err)
	o.ends(halfway, recalled, frozen.ID)
	for _, id := range []string{halfway, frozen.ID} {
		o.ok(o.move(id, chat.RetryJob))
		o.ok(o.move(id, chat.StopJob))
	}
	if j := o.state(halfway, chat.JobStopped); j.Done != 3 || j.Failed != 0 || j.EndedAt.IsZero() {
		t.Errorf("stopped: %+v", j)
	}
	o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: gone, Name: "Back"}))
	for _, id := range []string{atOnce, halfway} {
		o.ok(o.move(id, chat.RetryJob))
		if j := o.state(id, chat.JobRunning); !j.EndedAt.IsZero() {
			t.Errorf("it goes on, and ended at %s", j.EndedAt)
		}
	}
	// A recall stops what has just begun, before any channel has it.
	begun := o.sent(cids[0])
	early, err := o.begin(job.RecallAnnouncement, begun, "")
	o.ok(err)
	o.state(begun, chat.JobStopped)
	recall, err := o.begin(job.RecallAnnouncement, recalled, "")
	o.ok(err)
	o.ok(o.undo(frozen.Change))
	o.ends(atOnce, halfway, early.ID, recall.ID)
	for id, total := range map[string]int64{atOnce: 3, halfway: 4, early.ID: 0, recall.ID: 1} {
		if j := o.state(id, chat.JobDone); j.Done != total || j.Total != total {
			t.Errorf("done: %+v", j)
		}
	}
	if got := shown(t, o.Engine, append(cids, gone), "closed tomorrow"); !slices.Equal(got, []int{2, 2, 2, 1}) {
		t.Errorf("messages: %v", got)
	}
	o.conflicts("a retry of what is done", o.move(halfway, chat.RetryJob))
	o.conflicts("a retry of what was undone", o.move(frozen.ID, chat.RetryJob))
	o.conflicts("a retry of what was recalled", o.move(recalled, chat.RetryJob))
	o.conflicts("a retry of what was recalled early", o.move(begun, chat.RetryJob))
	_, err = o.begin(job.RecallAnnouncement, begun, "")
	o.conflicts("a recall of what no channel has", err)

	// What was stopped before it began is sent like what was missed.
	never := announce(t, o.Engine, chat.ChannelSelection{CIDs: cids[:1]})
	o.ok(o.send(never, chat.Schedule{Local: "2099-01-01T08:00", Zone: "Europe/Berlin"}))
	o.ok(o.move(never, chat.StopJob))
	o.conflicts("a retry of what never began", o.move(never, chat.RetryJob))
	o.ok(o.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: bo("cancelAnnouncement"), ID: never, Cancel: true}))
	if j := o.state(never, chat.JobDraft); !j.EndedAt.IsZero() {
		t.Errorf("the draft ended at %s", j.EndedAt)
	}
	o.ok(o.send(never, chat.Schedule{}))
	if o.ends(never); o.state(never, chat.JobDone).Done != 1 {
		t.Error("it wasn't sent in the end")
	}
}

// A change whose job did nothing can't be undone, and says so once the job is over.
func TestNothingToUndoOfAJobThatFailed(t *testing.T) {
	t.Parallel()
	o := &orderly{T: t, Engine: open(t, inFolder(t))}
	cids := withChannels(t, o.Engine, 2)
	lost, kept := cids[0], cids[1]
	id, other := o.sent(lost), o.sent(kept)
	ended(t, o.Engine, id)
	ended(t, o.Engine, other)
	o.ok(o.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: bo("deleteChannels"), CIDs: []chat.CID{lost}}))
	about := func(name string, failing bool) (chat.Job, error) {
		if failing {
			return o.begin(name, id, "closed today")
		}
		return o.begin(name, other, "closed today")
	}
	targets := func(name string, failing bool) (chat.Job, error) {
		target := kept
		if failing {
			target = lost
		}
		return o.StartJob(t.Context(), chat.StartJob{Operation: bo(name), Name: name, Input: chat.JobInput{Frozen: true, Users: []string{"anna"}}, Targets: texts([]chat.CID{target})})
	}
	for _, row := range []struct {
		name  string
		begin func(name string, failing bool) (chat.Job, error)
		early bool // it can be undone as soon as it begins
	}{
		{job.EditAnnouncement, about, true}, {job.RecallAnnouncement, about, true},
		{"freezeChannel", targets, false}, {"removeMembers", targets, false}, {"deleteChannels", targets, false},
	} {
		for _, failing := range []bool{true, false} {
			j, err := row.begin(row.name, failing)
			o.ok(err)
			can := func() bool {
				c, err := o.Change(t.Context(), j.Change)
				o.ok(err)
				return c.CanUndo
			}
			if row.early && !failing && !can() {
				t.Errorf("%s has begun, and can't be undone", row.name)
			}
			ended(t, o.Engine, j.ID)
			if can() == failing {
				t.Errorf("%s is over; failing: %t; canUndo is %t", row.name, failing, can())
			}
			if err := o.undo(j.Change); failing == (err == nil) {
				t.Errorf("%s; failing: %t; its undo says %v", row.name, failing, err)
			}
			if !failing {
				ended(t, o.Engine, o.lastJob())
			}
		}
	}
}
