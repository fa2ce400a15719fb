package desk

import (
	"context"

	"backchannel/internal/chat"
)

// ListJobs asks for a page of jobs, or of announcements.
type ListJobs struct {
	Request
	State chat.JobState // "" for all
	First *int          // nil means DefaultPage
	After *string       // cursor
}

func (d *Desk) jobQuery(ctx context.Context, in ListJobs) (q chat.JobQuery, err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return q, err
	}
	q.State = in.State
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return q, err
	}
	q.After, err = position(in.After, chat.ParseJobCursor)
	return q, err
}

// ListJobs returns a page of jobs, newest first.
func (d *Desk) ListJobs(ctx context.Context, in ListJobs) (page chat.Page[chat.Job], err error) {
	q, err := d.jobQuery(ctx, in)
	if err != nil {
		return page, err
	}
	return d.provider.Jobs(ctx, q)
}

// Job returns a job, nil if none has that id.
func (d *Desk) Job(ctx context.Context, r Request, id string) (*chat.Job, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	j, err := d.provider.Job(ctx, id)
	if chat.CodeOf(err) == chat.NotFound {
		return nil, nil
	}
	return &j, err
}

// ListJobRows asks for a page of a job's targets.
type ListJobRows struct {
	Request
	Job   string
	State chat.RowState // "" for all
	First *int          // nil means DefaultPage
	After *string       // cursor
}

// ListJobRows returns a page of a job's targets, in order.
func (d *Desk) ListJobRows(ctx context.Context, in ListJobRows) (page chat.Page[chat.JobRow], err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return page, err
	}
	q := chat.RowQuery{Job: in.Job, State: in.State}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseRowCursor); err != nil {
		return page, err
	}
	return d.provider.JobRows(ctx, q)
}

// SubscribeJobs opens a feed of the jobs whose state or progress changes.
func (d *Desk) SubscribeJobs(ctx context.Context, r Request, after *int64) (chat.Feed, error) {
	if err := d.authorise(ctx, r); err != nil {
		return chat.Feed{}, err
	}
	return d.provider.SubscribeJobs(ctx, after)
}

// MoveJob asks for a job to be paused, resumed, stopped or retried.
type MoveJob struct {
	Request `json:"-"`
	ID      string
	Move    chat.JobMove
}

// MoveJob makes the move and returns the job.
func (d *Desk) MoveJob(ctx context.Context, in MoveJob) (*chat.Job, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, string(in.Move), in)
	if err != nil {
		return nil, err
	}
	j, err := d.provider.MoveJob(ctx, chat.MoveJob{Operation: op, ID: in.ID, Move: in.Move})
	return &j, err
}
