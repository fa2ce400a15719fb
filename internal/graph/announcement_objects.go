package graph

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport/plan"
)

var announcementObject = &plan.Object[desk.Announcement]{Name: "Announcement", Fields: plan.Fields[desk.Announcement]{
	"id":             plan.Text(func(a *desk.Announcement) string { return a.ID }),
	"text":           plan.Text(func(a *desk.Announcement) string { return a.Body.Text }),
	"attachments":    plan.InnerList(announcedAttachments, attachmentObject),
	"mentionedUsers": plan.InnerList(func(a *desk.Announcement) []chat.User { return a.Mentioned }, userObject),
	"channels":       plan.Inner(func(a *desk.Announcement) *chat.ChannelSelection { return &a.Audience }, channelSelectionObject),
	"sender":         plan.Text(func(a *desk.Announcement) string { return a.Body.Sender.ID }),
	"createdBy":      plan.Text(func(a *desk.Announcement) string { return a.By }),
	"createdAt":      plan.Moment(func(a *desk.Announcement) time.Time { return a.CreatedAt }),
	"updatedAt":      plan.Moment(func(a *desk.Announcement) time.Time { return a.UpdatedAt }),
	"job":            plan.Inner(func(a *desk.Announcement) *chat.Job { return &a.Job }, jobObject),
	"edit":           plan.OptionalInner(func(a *desk.Announcement) *chat.Job { return a.Edit }, jobObject),
	"recall":         plan.OptionalInner(func(a *desk.Announcement) *chat.Job { return a.Recall }, jobObject),
	"recallUndoneBy": plan.OptionalText(func(a *desk.Announcement) string { return a.RecallUndoneBy }),
	"version":        plan.Text(func(a *desk.Announcement) string { return a.Version() }),
}}

func announcedAttachments(a *desk.Announcement) []chat.Attachment {
	return new(a.Body.Message(chat.CID{}, "")).ShownAttachments()
}

var channelSelectionObject = &plan.Object[chat.ChannelSelection]{Name: "ChannelSelection", Fields: plan.Fields[chat.ChannelSelection]{
	"cids":          plan.Leaf(appendCIDs),
	"typeName":      plan.OptionalText(func(s *chat.ChannelSelection) string { return string(s.Type) }),
	"search":        plan.OptionalText(func(s *chat.ChannelSelection) string { return s.Search }),
	"inactiveSince": plan.OptionalMoment(func(s *chat.ChannelSelection) time.Time { return s.InactiveSince }),
	"all":           plan.Boolean(func(s *chat.ChannelSelection) bool { return s.All }),
}}

func appendCIDs(b []byte, s *chat.ChannelSelection) []byte {
	b = append(b, '[')
	for i, cid := range s.CIDs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(plan.AppendEscaped(append(b, '"'), cid.String()), '"')
	}
	return append(b, ']')
}

var announcementPlanObject = &plan.Object[desk.AnnouncementPlan]{Name: "AnnouncementPlan", Fields: plan.Fields[desk.AnnouncementPlan]{
	"channels":     plan.Number(func(p *desk.AnnouncementPlan) int64 { return p.Channels }),
	"members":      plan.Number(func(p *desk.AnnouncementPlan) int64 { return p.Members }),
	"refusals":     plan.InnerList(func(p *desk.AnnouncementPlan) []desk.Refusal { return p.Listed }, refusalObject),
	"refusalCount": plan.Number(func(p *desk.AnnouncementPlan) int64 { return p.Count }),
	"preview":      plan.Inner(func(p *desk.AnnouncementPlan) *chat.Message { return &p.Preview }, messageObject),
}}

var refusalObject = &plan.Object[desk.Refusal]{Name: "PlanRefusal", Fields: plan.Fields[desk.Refusal]{
	"target":  plan.Text(func(r *desk.Refusal) string { return r.Target }),
	"code":    plan.Text(func(r *desk.Refusal) string { return codeOf(r.Why) }),
	"message": plan.Text(func(r *desk.Refusal) string { return messageOf(r.Why) }),
}}

var announcementPayloadObject = &plan.Object[model.AnnouncementPayload]{Name: "AnnouncementPayload", Fields: plan.Fields[model.AnnouncementPayload]{
	"announcement": plan.Inner(func(p *model.AnnouncementPayload) *desk.Announcement { return p.Announcement }, announcementObject),
}}
