package graph

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/transport/plan"
)

var jobObject = &plan.Object[chat.Job]{Name: "Job", Fields: plan.Fields[chat.Job]{
	"id":           plan.Text(func(j *chat.Job) string { return j.ID }),
	"operation":    plan.Text(func(j *chat.Job) string { return j.Operation }),
	"state":        plan.Text(func(j *chat.Job) string { return string(j.State) }),
	"by":           plan.Text(func(j *chat.Job) string { return j.By.ID }),
	"change":       plan.OptionalText(func(j *chat.Job) string { return j.Change }),
	"announcement": plan.OptionalText(func(j *chat.Job) string { return j.Announcement }),
	"localTime":    plan.OptionalText(func(j *chat.Job) string { return j.Schedule.Local }),
	"zone":         plan.OptionalText(func(j *chat.Job) string { return j.Schedule.Zone }),
	"dueAt":        plan.OptionalMoment(func(j *chat.Job) time.Time { return j.Schedule.Due() }),
	"total":        plan.Number(func(j *chat.Job) int64 { return j.Total }),
	"done":         plan.Number(func(j *chat.Job) int64 { return j.Done }),
	"failed":       plan.Number(func(j *chat.Job) int64 { return j.Failed }),
	"createdAt":    plan.Moment(func(j *chat.Job) time.Time { return j.CreatedAt }),
	"begunAt":      plan.OptionalMoment(func(j *chat.Job) time.Time { return j.BegunAt }),
	"endedAt":      plan.OptionalMoment(func(j *chat.Job) time.Time { return j.EndedAt }),
	"seq":          plan.Number(func(j *chat.Job) int64 { return j.Seq }),
}}

var jobRowObject = &plan.Object[chat.JobRow]{Name: "JobRow", Fields: plan.Fields[chat.JobRow]{
	"no":      plan.Number(func(r *chat.JobRow) int64 { return r.No }),
	"target":  plan.Text(func(r *chat.JobRow) string { return r.Target }),
	"state":   plan.Text(func(r *chat.JobRow) string { return string(r.State) }),
	"code":    plan.OptionalText(func(r *chat.JobRow) string { return codeOf(r.Failed) }),
	"message": plan.OptionalText(func(r *chat.JobRow) string { return messageOf(r.Failed) }),
}}

var jobEventObject = &plan.Object[chat.Event]{Name: "JobEvent", Fields: plan.Fields[chat.Event]{
	"seq": eventSeq,
	"job": plan.Inner(func(e *chat.Event) *chat.Job { return e.Job }, jobObject),
}}

func codeOf(e *chat.Error) string {
	if e == nil {
		return ""
	}
	return string(e.Code)
}

func messageOf(e *chat.Error) string {
	if e == nil {
		return ""
	}
	return e.Message
}
