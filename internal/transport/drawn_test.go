package transport_test

import (
	"encoding/json"
	"time"

	"pgregory.net/rapid"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// drawn draws data.
type drawn struct {
	*rapid.T
	whole bool // no date is missing
}

func (d drawn) text() string {
	if rapid.IntRange(0, 3).Draw(d.T, "bytes") == 0 {
		return string(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(d.T, "text"))
	}
	return rapid.StringN(0, 12, -1).Draw(d.T, "text")
}

func (d drawn) maybeTime() time.Time {
	if rapid.Bool().Draw(d.T, "no time") {
		return time.Time{}
	}
	return time.UnixMicro(rapid.Int64Range(1, 1<<52).Draw(d.T, "time"))
}

func (d drawn) time() time.Time {
	at := d.maybeTime()
	if at.IsZero() && d.whole {
		return time.UnixMicro(1).UTC()
	}
	return at
}

func (d drawn) number() int64 { return rapid.Int64().Draw(d.T, "number") }

func (d drawn) cid() chat.CID { return chat.CID{Type: chat.ChannelType(d.text()), ID: d.text()} }

func (d drawn) channel() chat.Channel {
	return chat.Channel{CID: d.cid(), Name: d.text(), Avatar: d.text(), Frozen: rapid.Bool().Draw(d.T, "frozen"),
		MessageCount: d.number(), MemberCount: d.number(), Seq: d.number(), CreatedBy: d.text(),
		CreatedAt: d.time(), UpdatedAt: d.time(), LastMessageAt: d.maybeTime()}
}

func (d drawn) user() chat.User {
	return chat.User{ID: d.text(), Name: d.text(), Role: chat.Role(d.text()), CreatedAt: d.time(), UpdatedAt: d.time(),
		Ban: d.restriction(), Mute: d.restriction()}
}

func (d drawn) restriction() *chat.Restriction {
	if rapid.Bool().Draw(d.T, "no restriction") {
		return nil
	}
	return &chat.Restriction{Until: d.maybeTime(), By: d.text(), Reason: d.text(), CreatedAt: d.maybeTime()}
}

func (d drawn) channelRestriction() chat.ChannelRestriction {
	return chat.ChannelRestriction{User: d.user(), Restriction: chat.Restriction{
		Kind: chat.RestrictionKind(d.text()), Until: d.maybeTime(), By: d.text(), Reason: d.text(), CreatedAt: d.maybeTime()}}
}

func (d drawn) member() chat.Member {
	return chat.Member{User: d.user(), AddedAt: d.time(), ReadSeq: d.number()}
}

func (d drawn) attachment() chat.Attachment {
	return chat.Attachment{
		Type: chat.FileKind(d.text()), Title: d.text(), TitleLink: d.text(), AssetURL: d.text(), ImageURL: d.text(),
		ThumbURL: d.text(), Width: int(d.number()), Height: int(d.number()),
	}
}

func (d drawn) message() chat.Message {
	return chat.Message{ID: d.text(), CID: d.cid(), Seq: d.number(), Sender: d.user(), Text: d.text(),
		Attachments: listOf(d, func(d drawn) json.RawMessage { return d.attachment().Raw() }), Mentions: listOf(d, drawn.user),
		Reactions: rapid.MapOfN(rapid.StringN(0, 5, -1), rapid.Custom(func(t *rapid.T) chat.ReactionGroup { return chat.ReactionGroup{Count: rapid.Int64().Draw(t, "count")} }), 0, 3).Draw(d.T, "reactions"),
		CreatedAt: d.time(), EditedAt: d.maybeTime(), PinnedAt: d.maybeTime(), DeletedAt: d.maybeTime()}
}

func (d drawn) change() chat.Change {
	return chat.Change{ID: d.text(), Seq: d.number(), Operation: d.text(), By: d.text(), At: d.time(), Outcome: chat.ChangeDone,
		Source:      chat.Source{Via: chat.ByCommand, Reason: d.text(), RequestID: d.text(), Address: d.text()},
		TargetCount: d.number(), Targets: listOf(d, drawn.changeTarget), Undoes: d.text(), UndoneBy: d.text(), CanUndo: rapid.Bool().Draw(d.T, "can undo")}
}

func (d drawn) binned() chat.BinnedChannel {
	return chat.BinnedChannel{No: d.number(), CID: d.cid(), Name: d.text(), Avatar: d.text(), MessageCount: d.number(), MemberCount: d.number(),
		DeletedBy: d.text(), DeletedAt: d.time(), Change: d.text(), ErasedAt: d.time()}
}

func (d drawn) job() chat.Job {
	j := chat.Job{ID: d.text(), Operation: d.text(), State: chat.JobState(d.text()), By: chat.Actor{ID: d.text()}, Change: d.text(), Announcement: d.text(),
		Total: d.number(), Done: d.number(), Failed: d.number(), CreatedAt: d.time(), BegunAt: d.maybeTime(), EndedAt: d.maybeTime(), Seq: d.number()}
	if rapid.Bool().Draw(d.T, "scheduled") {
		j.Schedule = chat.Schedule{Local: "2026-12-01T08:00", Zone: "Europe/Berlin"}
	}
	return j
}

func (d drawn) jobRow() chat.JobRow {
	return chat.JobRow{No: d.number(), Target: d.text(), State: chat.RowState(d.text()), Failed: d.failure()}
}

func (d drawn) failure() *chat.Error {
	if rapid.Bool().Draw(d.T, "no failure") {
		return nil
	}
	return &chat.Error{Code: chat.Code(d.text()), Message: d.text()}
}

func (d drawn) announcement() desk.Announcement {
	a := desk.Announcement{Mentioned: listOf(d, drawn.user), Announcement: chat.Announcement{ID: d.text(), By: d.text(), Job: d.job(), CreatedAt: d.time(), UpdatedAt: d.time(),
		Body:     chat.MessageBody{Sender: chat.Actor{ID: d.text()}, Text: d.text(), Attachments: d.message().Attachments},
		Audience: chat.ChannelSelection{CIDs: listOf(d, drawn.cid), Type: chat.ChannelType(d.text()), Search: d.text(), InactiveSince: d.maybeTime(), All: rapid.Bool().Draw(d.T, "all")}}}
	if rapid.Bool().Draw(d.T, "edited") {
		j := d.job()
		a.Edit = &j
	}
	a.RecallUndoneBy = d.text()
	return a
}

func (d drawn) plan() desk.AnnouncementPlan {
	return desk.AnnouncementPlan{Channels: d.number(), Members: d.number(), Preview: d.message(), Refusals: desk.Refusals{Count: d.number(),
		Listed: listOf(d, func(d drawn) desk.Refusal { return desk.Refusal{Target: d.text(), Why: d.failure()} })}}
}

func (d drawn) bulk() desk.Plan {
	return desk.Plan{Digest: d.text(), Targets: d.number(), Members: d.number(), Messages: d.number(), Refusals: d.plan().Refusals,
		Sample:  listOf(d, func(d drawn) desk.PlanTarget { return desk.PlanTarget{Target: d.text(), Name: d.text()} }),
		CanUndo: rapid.Bool().Draw(d.T, "can undo"), UndoableUntil: d.maybeTime()}
}

func (d drawn) webhook() chat.Webhook {
	return chat.Webhook{ID: d.text(), URL: d.text(), Description: d.text(), Events: listOf(d, func(d drawn) chat.EventType { return chat.EventType(d.text()) }),
		Enabled: rapid.Bool().Draw(d.T, "enabled"), CreatedAt: d.time(), UpdatedAt: d.time(), Retrying: d.number(), Dead: d.number(), DeliveredAt: d.maybeTime()}
}

func (d drawn) delivery() chat.Delivery {
	return chat.Delivery{Log: d.number(), Seq: d.number(), Type: chat.EventType(d.text()), CID: d.cid(), State: chat.DeliveryState(d.text()),
		Attempts: d.number(), Status: rapid.Int64Range(0, 599).Draw(d.T, "status"), Error: d.text(), FirstAt: d.time(), LastAt: d.time(), NextAt: d.maybeTime()}
}

func (d drawn) changeTarget() chat.ChangeTarget {
	return chat.ChangeTarget{Kind: chat.UserTarget, CID: d.cid(), UserID: d.text(), Item: d.text(), Before: d.text(), After: d.text()}
}

func listOf[T any](d drawn, item func(drawn) T) []T {
	var list []T
	for range rapid.IntRange(0, 3).Draw(d.T, "items") {
		list = append(list, item(d))
	}
	return list
}
