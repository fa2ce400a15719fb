package job

import (
	"context"
	"fmt"

	"github.com/google/uuid" // as in job.go

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// Announcements implements chat.Provider.
func (r *Runner) Announcements(ctx context.Context, q chat.JobQuery) (out chat.Page[chat.Announcement], err error) {
	q.Announcements = true
	jobs, err := r.Jobs(ctx, q)
	out.HasNext, out.HasPrevious = jobs.HasNext, jobs.HasPrevious
	for _, j := range jobs.Items {
		if err != nil {
			break
		}
		var a chat.Announcement
		if a, err = r.Announcement(ctx, j.ID); err == nil {
			out.Items = append(out.Items, a)
		}
	}
	return out, err
}

// Announcement implements chat.Provider.
func (r *Runner) Announcement(ctx context.Context, id string) (chat.Announcement, error) {
	a, found, err := jobstore.Announcement(ctx, r.o.Store, id)
	if err == nil && !found {
		err = noAnnouncement()
	}
	if err != nil {
		return a, err
	}
	if a.Job, err = r.Job(ctx, id); err != nil {
		return a, err
	}
	later, err := jobstore.LastOf(ctx, r.o.Store, id)
	for i := range later {
		switch later[i].Operation {
		case EditAnnouncement:
			a.Edit = &later[i]
		case RecallAnnouncement:
			a.Recall = &later[i]
		}
	}
	if err != nil || a.Recall == nil {
		return a, err
	}
	c, _, err := sqlstore.ChangesIn(r.o.Store).One(ctx, a.Recall.Change)
	a.RecallUndoneBy = c.UndoneBy
	return a, err
}

func noAnnouncement() error { return chat.Missing("id", "There is no such announcement.") }

// Readers implements chat.Provider.
func (r *Runner) Readers(ctx context.Context, announcement string) (*chat.Readers, error) {
	a, err := r.Announcement(ctx, announcement)
	if err != nil {
		return nil, err
	}
	var recall string
	if a.Recall != nil {
		recall = a.Recall.ID
	}
	readers, err := jobstore.Readers(ctx, r.o.Store, announcement, recall, func(cid chat.CID) string { return MessageID(announcement, cid) })
	return &readers, err
}

// PutAnnouncement implements chat.Provider.
func (r *Runner) PutAnnouncement(ctx context.Context, req chat.PutAnnouncement) (string, error) {
	return r.o.Change(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		by := req.Operation.By
		a := chat.Announcement{ID: req.ID, Body: req.Body, Audience: req.Audience, By: by.ID, CreatedAt: r.o.Clock(), UpdatedAt: r.o.Clock()}
		var err error
		if a.ID == "" {
			a.ID, err = r.draft(tx, by)
		} else {
			if _, err = unsent(tx, a.ID); err == nil {
				err = checkVersion(tx, req.Operation, a.ID)
			}
		}
		if err != nil {
			return "", err
		}
		tx.Note(chat.ChangeTarget{Kind: chat.AnnouncementTarget, Item: a.ID})
		return a.ID, jobstore.PutAnnouncement(tx, a)
	})
}

// draft adds the job of a new announcement and returns its id.
func (r *Runner) draft(tx *sqlstore.Tx, by chat.Actor) (string, error) {
	n, err := jobstore.CountAnnouncements(tx)
	if err != nil {
		return "", err
	}
	if n >= chat.MaxAnnouncements {
		return "", conflict("", "There are %d announcements, and more may not be. Remove drafts.", n)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an announcement's id: %w", err)
	}
	j := chat.Job{ID: id.String(), Operation: SendAnnouncement, State: chat.JobDraft, By: by, Announcement: id.String(), CreatedAt: r.o.Clock()}
	return j.ID, jobstore.Insert(tx, j, chat.JobInput{})
}

// unsent returns the job of an announcement that wasn't sent yet.
func unsent(tx *sqlstore.Tx, id string) (chat.Job, error) {
	j, found, err := jobstore.Find(tx, id)
	switch {
	case err != nil:
		return j, err
	case !found || j.Announcement != id:
		return j, noAnnouncement()
	case !j.BegunAt.IsZero():
		return j, conflict("id", "The announcement is %s: it was sent already. Use editAnnouncement to change it everywhere.", j.State)
	}
	return j, nil
}

// checkVersion returns an error if an announcement doesn't have the version that the caller wants,
// with the change that edited it everywhere if there is one.
func checkVersion(tx *sqlstore.Tx, op chat.Operation, id string) error {
	if op.IfVersion == nil {
		return nil
	}
	a, err := jobstore.FindAnnouncement(tx, id)
	if err != nil || *op.IfVersion == a.Version() {
		return err
	}
	var last chat.Change
	edit, edited, err := jobstore.LastAbout(tx, id, EditAnnouncement)
	if err == nil && edited {
		last, _, err = tx.ChangeToUndo(edit.Change)
	}
	if err != nil {
		return err
	}
	return chat.ChangedUnseen(chat.ChangeTarget{Kind: chat.AnnouncementTarget, Item: id}, op.By, last, "ifVersion")
}

// DropAnnouncement implements chat.Provider.
func (r *Runner) DropAnnouncement(ctx context.Context, op chat.Operation, id string) error {
	_, err := r.o.Change(ctx, op, func(tx *sqlstore.Tx) (string, error) {
		j, err := unsent(tx, id)
		if err == nil && j.State != chat.JobDraft {
			err = conflict("id", "The announcement is %s. Make it a draft first, with cancelAnnouncement.", j.State)
		}
		if err != nil {
			return "", err
		}
		tx.Note(chat.ChangeTarget{Kind: chat.AnnouncementTarget, Item: id})
		return "", jobstore.DropDraft(tx, id)
	})
	return err
}

// SendAnnouncement implements chat.Provider.
func (r *Runner) SendAnnouncement(ctx context.Context, req chat.SendAnnouncement) error {
	now := req.Schedule == (chat.Schedule{}) && !req.Cancel
	var targets []string
	if now {
		a, err := r.Announcement(ctx, req.ID)
		if err == nil {
			targets, err = r.targets(ctx, a)
		}
		req.Operation.Refused = err
	}
	_, err := r.o.Change(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		j, err := unsent(tx, req.ID)
		if err == nil {
			err = checkVersion(tx, req.Operation, req.ID)
		}
		if err != nil {
			return "", err
		}
		to := chat.JobScheduled
		switch {
		case req.Cancel:
			to = chat.JobDraft
		case now:
			to = chat.JobRunning
		}
		if err := checkRoom(tx, j.State, to); err != nil {
			return "", err
		}
		j.Schedule, j.By = req.Schedule, req.Operation.By
		tx.Note(chat.ChangeTarget{Kind: chat.AnnouncementTarget, Item: j.ID})
		if !req.Cancel {
			j.Change = tx.Recording()
		}
		if now {
			return "", r.run(tx, j, targets)
		}
		return "", r.put(tx, j, to)
	})
	return err
}

// targets returns the channels that an announcement's selection contains now.
func (r *Runner) targets(ctx context.Context, a chat.Announcement) ([]string, error) {
	if bad := a.CheckSend(); bad != nil {
		return nil, bad
	}
	list, err := r.Select(ctx, a.Audience)
	if err == nil && len(list) == 0 {
		err = chat.Invalid("id", "No channel matches the announcement's selection.")
	}
	return cidsOf(list), err
}

// run starts a job on the targets.
func (r *Runner) run(tx *sqlstore.Tx, j chat.Job, targets []string) error {
	if err := jobstore.AddRows(tx, j.ID, targets); err != nil {
		return err
	}
	j.Total, j.BegunAt = int64(len(targets)), r.o.Clock()
	return r.put(tx, j, chat.JobRunning)
}

// begin starts a scheduled announcement that is due. If it is too late, the job becomes MISSED and
// waits for a decision.
func (r *Runner) begin(ctx context.Context, j chat.Job) error {
	now, err := r.o.Time(ctx)
	if err != nil {
		return err
	}
	late := now.Sub(j.Schedule.Due()) > chat.MissedAfter
	var targets []string
	if !late {
		a, err := r.Announcement(ctx, j.ID)
		if err != nil {
			return err
		}
		targets, err = r.targets(ctx, a)
		if chat.CodeOf(err) == chat.InvalidArguments {
			late = true // no channels, or too many: a person must decide
		} else if err != nil {
			return err
		}
	}
	return r.o.Store.Write(ctx, func(tx *sqlstore.Tx) error {
		found, is, err := jobstore.Find(tx, j.ID)
		if err != nil || !is || found.State != chat.JobScheduled || found.Schedule != j.Schedule {
			return err
		}
		if late {
			return r.put(tx, found, chat.JobMissed)
		}
		return r.run(tx, found, targets)
	})
}

// reached returns the channels that have an announcement's message, and the jobs about it that stop
// for a recall.
func reached(tx *sqlstore.Tx, req chat.StartJob) (targets []string, stops []chat.Job, err error) {
	j, found, err := jobstore.Find(tx, req.Announcement)
	switch {
	case err != nil:
		return nil, nil, err
	case !found || j.Announcement != j.ID:
		return nil, nil, noAnnouncement()
	case j.BegunAt.IsZero():
		return nil, nil, conflict("id", "The announcement is %s: it wasn't sent yet.", j.State)
	}
	tx.Note(chat.ChangeTarget{Kind: chat.AnnouncementTarget, Item: j.ID})
	if err := checkVersion(tx, req.Operation, j.ID); err != nil {
		return nil, nil, err
	}
	if stops, err = others(tx, j.ID, req.Name); err != nil {
		return nil, nil, err
	}
	targets, err = jobstore.Reached(tx, j.ID)
	switch {
	case err != nil:
	case len(targets) == 0 && len(stops) == 0:
		err = conflict("id", "No channel has the announcement.")
	case req.Name == EditAnnouncement:
		err = checkSend(tx, j.ID)
	}
	return targets, stops, err
}

// checkSend is [chat.Announcement.CheckSend] of an announcement.
func checkSend(tx *sqlstore.Tx, id string) error {
	a, err := jobstore.FindAnnouncement(tx, id)
	if err != nil {
		return err
	}
	if bad := a.CheckSend(); bad != nil {
		return bad
	}
	return nil
}

// others returns the jobs about an announcement that are running or paused. They stop for a recall.
// Conflict: another operation, or the same recall, must wait for one of them, so that none overwrites
// what a later one has said.
func others(tx *sqlstore.Tx, announcement, operation string) ([]chat.Job, error) {
	open, err := jobstore.OpenOf(tx, announcement)
	for _, j := range open {
		if operation != RecallAnnouncement || j.Operation == RecallAnnouncement {
			return nil, conflict("id", "The job %s (%s) of this announcement is %s. Stop it first, or wait until it is done.", j.ID, j.Operation, j.State)
		}
	}
	return open, err
}

// retryAbout checks that a job about an announcement, which has ended, may go on. Conflict: a later
// job has changed what the announcement says, or where.
func retryAbout(tx *sqlstore.Tx, j chat.Job) error {
	if _, err := others(tx, j.Announcement, string(chat.RetryJob)); err != nil {
		return err
	}
	if j.Operation != RecallAnnouncement {
		if err := checkSend(tx, j.Announcement); err != nil {
			return err
		}
	}
	if j.Operation != SendAnnouncement {
		last, _, err := jobstore.LastAbout(tx, j.Announcement, "")
		if err == nil && last.ID != j.ID {
			err = conflict("id", "The job %s (%s) has changed the announcement since. Edit or recall it anew.", last.ID, last.Operation)
		}
		return err
	}
	recall, found, err := jobstore.LastAbout(tx, j.ID, RecallAnnouncement)
	if err != nil || !found {
		return err
	}
	c, _, err := tx.ChangeToUndo(recall.Change)
	switch {
	case err != nil || c.UndoneBy != "":
	case c.CanUndo:
		err = conflict("id", "The announcement was recalled. Undo that first.")
	default:
		err = conflict("id", "The announcement was recalled. Send another one.")
	}
	return err
}
