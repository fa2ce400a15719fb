package job

import (
	"context"
	"fmt"

	"github.com/google/uuid" // version 7: ids in the order of time; as in internal/ledger

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// Jobs implements chat.Provider.
func (r *Runner) Jobs(ctx context.Context, q chat.JobQuery) (chat.Page[chat.Job], error) {
	list, err := jobstore.List(ctx, r.o.Store, q)
	return page(list, q.Limit, q.After != ""), err
}

// Job implements chat.Provider.
func (r *Runner) Job(ctx context.Context, id string) (chat.Job, error) {
	j, found, err := jobstore.Get(ctx, r.o.Store, id)
	if err == nil && !found {
		err = noJob()
	}
	return j, err
}

func noJob() error { return chat.Missing("id", "There is no such job, or no longer.") }

// JobRows implements chat.Provider.
func (r *Runner) JobRows(ctx context.Context, q chat.RowQuery) (chat.Page[chat.JobRow], error) {
	list, err := jobstore.Rows(ctx, r.o.Store, q)
	return page(list, q.Limit, q.After != 0), err
}

// page returns a page of rows, of which one more than limit was read.
func page[T any](rows []T, limit int, fromSomewhere bool) chat.Page[T] {
	return chat.Page[T]{Items: rows[:min(len(rows), limit)], HasNext: len(rows) > limit, HasPrevious: fromSomewhere}
}

// SubscribeJobs implements chat.Provider.
func (r *Runner) SubscribeJobs(ctx context.Context, after *int64) (chat.Feed, error) {
	return r.hub.Open(ctx, chat.CID{}, feed.Log{
		End: func(ctx context.Context) (sqlstore.LogEnd, error) { return jobstore.End(ctx, r.o.Store) },
		Read: func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error) {
			return jobstore.Events(ctx, r.o.Store, part)
		},
	}, after)
}

// StartJob implements chat.Provider.
func (r *Runner) StartJob(ctx context.Context, req chat.StartJob) (chat.Job, error) {
	digest := req.Planned
	if digest != "" {
		digest = req.Digest()
	}
	id, err := r.o.Change(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		targets := req.Targets
		switch {
		case req.Planned != digest:
			return "", conflict("digest", "This isn't what was planned, or the set of targets has changed since. Plan again.")
		case req.Planned != "" && len(targets) == 0:
			return "", chat.Invalid("plan", "Nothing matches the plan.")
		}
		var stops []chat.Job
		if req.Announcement != "" {
			var err error
			if targets, stops, err = reached(tx, req); err != nil {
				return "", err
			}
		}
		if err := checkRoom(tx, chat.JobDraft, chat.JobRunning, stops...); err != nil {
			return "", err
		}
		for _, j := range stops {
			if err := r.put(tx, j, chat.JobStopped); err != nil {
				return "", err
			}
		}
		if req.Name == EditAnnouncement {
			before, err := jobstore.FindAnnouncement(tx, req.Announcement)
			if err != nil {
				return "", err
			}
			req.Input.Before = before.Body
			if err := jobstore.SetBody(tx, req.Announcement, req.Input.Body, r.o.Clock()); err != nil {
				return "", err
			}
		}
		return r.start(tx, req, targets)
	})
	if err != nil {
		return chat.Job{}, err
	}
	return r.Job(ctx, id)
}

// start adds a running job and returns its id. [checkRoom] comes before it.
func (r *Runner) start(tx *sqlstore.Tx, req chat.StartJob, targets []string) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making a job's id: %w", err)
	}
	j := chat.Job{ID: id.String(), Operation: req.Name, State: chat.JobDraft, By: req.Operation.By, Change: tx.Recording(),
		Announcement: req.Announcement, CreatedAt: r.o.Clock()}
	if j.Announcement == "" || req.Name == undoJob {
		tx.Note(chat.ChangeTarget{Kind: chat.JobTarget, Item: j.ID})
	}
	if err := jobstore.Insert(tx, j, req.Input); err != nil {
		return "", err
	}
	return j.ID, r.run(tx, j, targets)
}

// UndoJob starts a job that undoes the change of another job. It returns false if the change wasn't
// made by a job, or if the operation is itself part of a job.
func (r *Runner) UndoJob(ctx context.Context, req chat.Undo) (bool, error) {
	undoes := req.Operation.Undoes
	if req.Operation.Task != nil {
		return false, nil
	}
	j, found, err := jobstore.ByChange(ctx, r.o.Store, undoes)
	if err != nil || !found || !chat.HasInverse(j.Operation) {
		return false, err
	}
	if j.Operation == "deleteChannels" && r.o.Provider.Info().BinKept == 0 {
		req.Operation.Refused = chat.NoBin()
	}
	input, err := jobstore.Input(ctx, r.o.Store, j.ID)
	if err != nil {
		return false, err
	}
	_, err = r.o.Change(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		c, found, err := tx.ChangeToUndo(undoes)
		if err != nil {
			return "", err
		}
		if j, _, err = jobstore.Find(tx, j.ID); err != nil {
			return "", err
		}
		if !found {
			return "", chat.Missing("change", "There is no such change, or no longer.")
		}
		if refused := req.Check(c); refused != nil {
			return "", refused
		}
		if j.EndedAt.IsZero() {
			return "", conflict("change", "The job %s, which makes this change, is %s. Stop it first, or wait until it is done.", j.ID, j.State)
		}
		doubt, err := jobstore.InDoubt(tx, j.ID)
		if err != nil {
			return "", err
		}
		if doubt {
			return "", conflict("change", "It isn't known yet whether a last target of the job %s was changed. Try again in a minute.", j.ID)
		}
		if j.Announcement != "" {
			if _, err := others(tx, j.Announcement, undoJob); err != nil {
				return "", err
			}
		}
		targets, err := jobstore.TargetsOf(tx, c)
		if err != nil {
			return "", err
		}
		if len(req.CIDs) > 0 {
			targets = only(targets, req.CIDs)
		}
		if len(targets) == 0 || len(targets) < len(req.CIDs) {
			return "", conflict("change", "What this change was about is as it was before, or what was kept of it was erased.")
		}
		if c.Operation == "deleteChannels" && !req.Rename {
			taken, err := jobstore.TakenCIDs(tx, targets)
			if err != nil {
				return "", err
			}
			if len(taken) > 0 {
				return "", chat.CIDsTaken(taken)
			}
		}
		if err := checkRoom(tx, chat.JobDraft, chat.JobRunning); err != nil {
			return "", err
		}
		if j.Operation == EditAnnouncement {
			if err := jobstore.PutBodyBack(tx, j.Announcement, input.Body, input.Before, r.o.Clock()); err != nil {
				return "", err
			}
		}
		return r.start(tx, chat.StartJob{Operation: req.Operation, Name: undoJob, Announcement: j.Announcement, Input: chat.JobInput{Undoes: undoes, Rename: req.Rename}}, targets)
	})
	return true, err
}

// only returns the targets that are among the channels.
func only(targets []string, cids []chat.CID) (list []string) {
	wanted := make(map[string]bool, len(cids))
	for _, cid := range cids {
		wanted[cid.String()] = true
	}
	for _, t := range targets {
		if wanted[t] {
			list = append(list, t)
		}
	}
	return list
}

// MoveJob implements chat.Provider.
func (r *Runner) MoveJob(ctx context.Context, req chat.MoveJob) (chat.Job, error) {
	_, err := r.o.Change(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		j, found, err := jobstore.Find(tx, req.ID)
		if err == nil && !found {
			err = noJob()
		}
		if err != nil {
			return "", err
		}
		state, bad := req.Move.After(j.State)
		if bad != nil {
			return "", bad
		}
		if err := checkRoom(tx, j.State, state); err != nil {
			return "", err
		}
		if req.Move == chat.RetryJob {
			if err := r.retry(tx, j); err != nil {
				return "", err
			}
		}
		tx.Note(chat.ChangeTarget{Kind: chat.JobTarget, Item: j.ID})
		return "", r.put(tx, j, state)
	})
	if err != nil {
		return chat.Job{}, err
	}
	return r.Job(ctx, req.ID)
}

// retry makes the failed rows of a job wait again, as those do that weren't done. Conflict: it never
// began, its change was undone, or is outdated.
func (r *Runner) retry(tx *sqlstore.Tx, j chat.Job) error {
	if j.BegunAt.IsZero() {
		return conflict("id", "The job was stopped before it began. Use sendAnnouncement.")
	}
	c, found, err := tx.ChangeToUndo(j.Change)
	if err == nil && found && c.UndoneBy != "" {
		err = &chat.Error{Code: chat.Conflict, Field: "id", Message: "The change that this job makes was undone, by the change " + c.UndoneBy + ".", Change: c.UndoneBy}
	}
	if err == nil && j.Announcement != "" {
		err = retryAbout(tx, j)
	}
	if err != nil {
		return err
	}
	return jobstore.Retry(tx, j.ID)
}

func conflict(field, format string, args ...any) error {
	return &chat.Error{Code: chat.Conflict, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Select implements chat.Provider. It reads pages of lists, so that search and order are the same
// as there.
func (r *Runner) Select(ctx context.Context, s chat.ChannelSelection) (list []chat.Channel, err error) {
	if len(s.CIDs) > 0 {
		return r.named(ctx, s.CIDs)
	}
	const atOnce = 1_000
	q := chat.ChannelQuery{Limit: atOnce, Search: s.Search, Type: s.Type}
	for {
		page, err := r.o.Provider.Channels(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			if !s.InactiveSince.IsZero() && (c.LastMessageAt.After(s.InactiveSince) || c.LastMessageAt.IsZero() && c.CreatedAt.After(s.InactiveSince)) {
				continue
			}
			list = append(list, c)
		}
		if len(list) > chat.MaxJobTargets {
			return nil, chat.Invalid("", "These are more than %d channels. Select fewer.", chat.MaxJobTargets)
		}
		if !page.HasNext {
			return list, nil
		}
		last := page.Items[len(page.Items)-1]
		q.After, _ = chat.ParseChannelCursor(last.Cursor()) // the cursor is well-formed
	}
}

// named returns the channels with those cids. For a channel that doesn't exist it returns only the
// cid, and no creation time.
func (r *Runner) named(ctx context.Context, cids []chat.CID) ([]chat.Channel, error) {
	found, err := r.o.Provider.Existing(ctx, cids)
	if err != nil {
		return nil, err
	}
	channels := make(map[chat.CID]chat.Channel, len(found))
	for _, c := range found {
		channels[c.CID] = c
	}
	seen := make(map[chat.CID]bool, len(cids))
	list := make([]chat.Channel, 0, len(cids))
	for _, cid := range cids {
		if seen[cid] {
			continue
		}
		seen[cid] = true
		c := channels[cid]
		c.CID = cid
		list = append(list, c)
	}
	return list, nil
}

func cidsOf(list []chat.Channel) []string {
	cids := make([]string, len(list))
	for i, c := range list {
		cids[i] = c.CID.String()
	}
	return cids
}
