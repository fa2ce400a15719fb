package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/generated"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport"
	"context"
	"time"
)

func (r *jobResolver) By(ctx context.Context, obj *chat.Job) (string, error) { return obj.By.ID, nil }

func (r *jobResolver) Change(ctx context.Context, obj *chat.Job) (*string, error) {
	return optional(obj.Change), nil
}

func (r *jobResolver) Announcement(ctx context.Context, obj *chat.Job) (*string, error) {
	return optional(obj.Announcement), nil
}

func (r *jobResolver) LocalTime(ctx context.Context, obj *chat.Job) (*string, error) {
	return optional(obj.Schedule.Local), nil
}

func (r *jobResolver) Zone(ctx context.Context, obj *chat.Job) (*string, error) {
	return optional(obj.Schedule.Zone), nil
}

func (r *jobResolver) DueAt(ctx context.Context, obj *chat.Job) (*time.Time, error) {
	return optionalTime(obj.Schedule.Due()), nil
}

func (r *jobResolver) BegunAt(ctx context.Context, obj *chat.Job) (*time.Time, error) {
	return optionalTime(obj.BegunAt), nil
}

func (r *jobResolver) EndedAt(ctx context.Context, obj *chat.Job) (*time.Time, error) {
	return optionalTime(obj.EndedAt), nil
}

func (r *jobRowResolver) Code(ctx context.Context, obj *chat.JobRow) (*string, error) {
	return optional(codeOf(obj.Failed)), nil
}

func (r *jobRowResolver) Message(ctx context.Context, obj *chat.JobRow) (*string, error) {
	return optional(messageOf(obj.Failed)), nil
}

func (r *mutationResolver) PauseJob(ctx context.Context, input model.MoveJobInput) (*model.JobPayload, error) {
	return r.moveJob(ctx, chat.PauseJob, input)
}

func (r *mutationResolver) ResumeJob(ctx context.Context, input model.MoveJobInput) (*model.JobPayload, error) {
	return r.moveJob(ctx, chat.ResumeJob, input)
}

func (r *mutationResolver) StopJob(ctx context.Context, input model.MoveJobInput) (*model.JobPayload, error) {
	return r.moveJob(ctx, chat.StopJob, input)
}

func (r *mutationResolver) RetryJob(ctx context.Context, input model.MoveJobInput) (*model.JobPayload, error) {
	return r.moveJob(ctx, chat.RetryJob, input)
}

func (r *queryResolver) Jobs(ctx context.Context, state *chat.JobState, first *int, after *string) (*model.Connection[chat.Job], error) {
	return pageOf(r.Desk.ListJobs(ctx, desk.ListJobs{Request: transport.Request(ctx), State: value(state), First: first, After: after}))
}

func (r *queryResolver) Job(ctx context.Context, id string) (*chat.Job, error) {
	return r.Desk.Job(ctx, transport.Request(ctx), id)
}

func (r *queryResolver) JobRows(ctx context.Context, job string, state *chat.RowState, first *int, after *string) (*model.Connection[chat.JobRow], error) {
	return pageOf(r.Desk.ListJobRows(ctx, desk.ListJobRows{Request: transport.Request(ctx), Job: job, State: value(state), First: first, After: after}))
}

func (r *subscriptionResolver) JobEvents(ctx context.Context, after *int64) (<-chan *chat.Event, error) {
	return transport.Events(ctx)
}

func (r *Resolver) Job() generated.JobResolver { return &jobResolver{r} }

func (r *Resolver) JobRow() generated.JobRowResolver { return &jobRowResolver{r} }

type (
	jobResolver    struct{ *Resolver }
	jobRowResolver struct{ *Resolver }
)
