package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5" // as in client.go

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const (
	deleteAtOnce = 100 // Stream's maximum in one call
	tasksAtOnce  = 3

	firstLook   = 50 * time.Millisecond // before a task is first checked
	longestLook = 2 * time.Second
	maxTask     = time.Minute
	maxTell     = 2 * time.Second
)

// DeleteChannels implements chat.Provider. Stream deletes a hundred at a time, in tasks that may
// fail or take too long: the error then names the channels that may still exist, and a retry
// finishes the work.
func (p *Provider) DeleteChannels(ctx context.Context, req chat.DeleteChannels) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		cids := uniqueCIDs(req.CIDs)
		targets := make([]chat.ChangeTarget, len(cids))
		for i, cid := range cids { // they can't be restored, and reading ten thousand would take hundreds of calls
			targets[i] = chat.ChangeTarget{Kind: chat.ChannelTarget, CID: cid, Before: state{}.encode()}
		}
		if err := p.intend(ctx, a, nil, targets); err != nil {
			return "", err
		}
		return "", p.deleteAll(ctx, req.Operation.By, req.CIDs)
	})
	return err
}

func (p *Provider) deleteAll(ctx context.Context, by chat.Actor, cids []chat.CID) error {
	var (
		g         errgroup.Group
		mu        sync.Mutex
		remaining []chat.CID
		first     error
	)
	g.SetLimit(tasksAtOnce)
	for some := range slices.Chunk(uniqueCIDs(cids), deleteAtOnce) {
		g.Go(func() error {
			left, err := p.deleteSome(ctx, by, some)
			mu.Lock()
			defer mu.Unlock()
			remaining = append(remaining, left...)
			if first == nil {
				first = err
			}
			return nil
		})
	}
	_ = g.Wait()
	if len(remaining) == 0 {
		return nil
	}
	slices.SortFunc(remaining, compareCIDs)
	code := chat.Unavailable
	if chat.CodeOf(first) == chat.RateLimited {
		code = chat.RateLimited
	}
	return &chat.Error{
		Code:      code,
		Message:   fmt.Sprintf("%d of %d channels may still be there. Try again to delete them.", len(remaining), len(cids)),
		Remaining: remaining,
		Cause:     first,
	}
}

// deleteSome deletes the channels of one call. It returns those that may still exist and the
// reason.
func (p *Provider) deleteSome(ctx context.Context, by chat.Actor, cids []chat.CID) (left []chat.CID, err error) {
	keys := make([]string, len(cids))
	for i, cid := range cids {
		keys[i] = channelSubject(cid)
	}
	defer p.begins(ctx, keys, chat.CID{})()
	err = p.deleteByTask(ctx, cids)
	if err != nil {
		left = cids
		// Stream may know only some of them, or have failed at some.
		if exist, failed := p.existing(ctx, cids); failed == nil {
			left = slices.DeleteFunc(slices.Clone(cids), func(cid chat.CID) bool { _, there := exist[cid]; return !there })
			if said(err, codeDoesNotExist) && len(left) > 0 && len(left) < len(cids) {
				return p.deleteSome(ctx, by, left)
			}
		}
	}
	for _, cid := range cids {
		if !slices.Contains(left, cid) {
			p.channels.remove(cid.String())
			p.tellDeleted(ctx, by, cid)
		}
	}
	return left, err
}

func (p *Provider) tellDeleted(ctx context.Context, by chat.Actor, cid chat.CID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxRecord)
	defer cancel()
	err := p.store.Write(ctx, func(tx *sqlstore.Tx) error { return p.endIn(tx, cid, by.User(), time.Time{}) })
	if err != nil {
		p.logger.Error("a record failed", "record", "telling who listens", "error", err)
	}
}

// outcomes are the results of a task's channels.
type outcomes map[string]struct {
	Status string `json:"status"`
}

func (o outcomes) err(cids []chat.CID) error {
	for _, cid := range cids {
		if status := o[cid.String()].Status; status != "ok" {
			return fmt.Errorf("stream's task says %q of a channel", status)
		}
	}
	return nil
}

func (p *Provider) deleteByTask(ctx context.Context, cids []chat.CID) error {
	names := make([]string, len(cids))
	for i, cid := range cids {
		names[i] = cid.String()
	}
	var answer struct {
		TaskID string   `json:"task_id"`
		Result outcomes `json:"result"`
	}
	in := Request{Body: object{"cids": names, "hard_delete": p.hardDelete}, About: func() bool { return answer.TaskID != "" || answer.Result != nil }}
	if err := p.client.Do(ctx, deleteChannels, in, &answer); err != nil {
		return err
	}
	if answer.TaskID == "" {
		return answer.Result.err(cids)
	}
	// Reserve time to check what is left and to answer the caller.
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-min(maxTell, time.Until(end)/5)))
		defer cancel()
	}
	results, err := p.await(ctx, answer.TaskID)
	if err != nil {
		return err
	}
	return results.err(cids)
}

var errUnfinished = errors.New("the task isn't finished")

// await waits for a task's end.
func (p *Provider) await(ctx context.Context, id string) (outcomes, error) {
	looks := backoff.NewExponentialBackOff()
	looks.InitialInterval, looks.MaxInterval = firstLook, longestLook
	return backoff.Retry(ctx, func() (outcomes, error) {
		var task struct {
			Status string   `json:"status"`
			Result outcomes `json:"result"`
		}
		if err := p.client.Do(ctx, getTask, Request{Path: []string{id}}, &task); err != nil {
			return nil, backoff.Permanent(err)
		}
		switch task.Status {
		case "completed":
			return task.Result, nil
		case "failed":
			return nil, backoff.Permanent(errors.New("stream's task failed"))
		}
		return nil, errUnfinished
	}, backoff.WithBackOff(looks), backoff.WithMaxElapsedTime(maxTask))
}

func uniqueCIDs(cids []chat.CID) []chat.CID {
	cids = slices.Clone(cids)
	slices.SortFunc(cids, compareCIDs)
	return slices.Compact(cids)
}
