package graph

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport/plan"
)

var binnedChannelObject = &plan.Object[chat.BinnedChannel]{Name: "BinnedChannel", Fields: plan.Fields[chat.BinnedChannel]{
	"id":           plan.Text(func(b *chat.BinnedChannel) string { return b.ID() }),
	"cid":          cidText(func(b *chat.BinnedChannel) chat.CID { return b.CID }),
	"name":         plan.Text(func(b *chat.BinnedChannel) string { return b.Name }),
	"avatar":       plan.OptionalText(func(b *chat.BinnedChannel) string { return webAddress(b.Avatar) }),
	"messageCount": plan.Number(func(b *chat.BinnedChannel) int64 { return b.MessageCount }),
	"memberCount":  plan.Number(func(b *chat.BinnedChannel) int64 { return b.MemberCount }),
	"deletedBy":    plan.Text(func(b *chat.BinnedChannel) string { return b.DeletedBy }),
	"deletedAt":    plan.Moment(func(b *chat.BinnedChannel) time.Time { return b.DeletedAt }),
	"change":       plan.OptionalText(func(b *chat.BinnedChannel) string { return b.Change }),
	"erasedAt":     plan.Moment(func(b *chat.BinnedChannel) time.Time { return b.ErasedAt }),
}}

var undoObject = &plan.Object[model.UndoPayload]{Name: "UndoPayload", Fields: plan.Fields[model.UndoPayload]{
	"change": plan.Inner(func(p *model.UndoPayload) *chat.Change { return p.Change }, changeObject),
}}
