package graph

import (
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
	"backchannel/internal/graph/scalar"
	"backchannel/internal/transport/plan"
)

// roots are the fields of Query and Mutation that package plan writes: all that contain lists, since
// gqlgen would not bound their answers. A test finds missing fields.
var roots = plan.Roots{
	"Query.allChannels": plan.RootList(listedChannelObject).Instead("Ask for channels(first: 1000) page by page, or for fewer fields."),
	"Query.channel":     plan.RootOf(channelObject),
	"Query.channels":    plan.RootOf(connectionObject("Channel", channelObject, nil)),
	"Query.myChannels":  plan.RootOf(connectionObject("Channel", channelObject, nil)),
	"Query.messages":    plan.RootOf(connectionObject("Message", messageObject, forget)),
	"Query.chatUsers":   plan.RootOf(connectionObject("ChatUser", userObject, nil)),
	"Query.members":     plan.RootOf(connectionObject("Member", memberObject, nil)),

	"Query.changes": plan.RootOf(connectionObject("Change", changeObject, nil)),
	"Query.change":  plan.RootOf(changeObject),
	"Query.bin":     plan.RootOf(connectionObject("Bin", binnedChannelObject, nil)),

	"Query.jobs":    plan.RootOf(connectionObject("Job", jobObject, nil)),
	"Query.jobRows": plan.RootOf(connectionObject("JobRow", jobRowObject, nil)),

	"Query.announcements":           plan.RootOf(connectionObject("Announcement", announcementObject, nil)),
	"Query.announcement":            plan.RootOf(announcementObject),
	"Query.plan":                    plan.RootOf(planObject),
	"Query.announcementPlan":        plan.RootOf(announcementPlanObject),
	"Mutation.createAnnouncement":   plan.RootOf(announcementPayloadObject),
	"Mutation.updateAnnouncement":   plan.RootOf(announcementPayloadObject),
	"Mutation.sendAnnouncement":     plan.RootOf(announcementPayloadObject),
	"Mutation.cancelAnnouncement":   plan.RootOf(announcementPayloadObject),
	"Query.webhooks":                plan.RootList(webhookObject),
	"Query.webhookDeliveries":       plan.RootOf(connectionObject("WebhookDelivery", deliveryObject, nil)),
	"Mutation.createWebhook":        plan.RootOf(createWebhookObject),
	"Mutation.updateWebhook":        plan.RootOf(webhookPayloadObject),
	"Mutation.replayWebhook":        plan.RootOf(webhookPayloadObject),
	"Mutation.rotateWebhookSecret":  plan.RootOf(webhookSecretsObject),
	"Mutation.revealWebhookSecrets": plan.RootOf(webhookSecretsObject),

	"Query.lastMessages": plan.RootList(messageObject),
	"Query.restrictions": plan.RootList(channelRestrictionObject),

	"Mutation.undo":            plan.RootOf(undoObject),
	"Mutation.freezeChannel":   plan.RootOf(freezeObject),
	"Mutation.sendMessage":     plan.RootOf(messagePayloadObject),
	"Mutation.editMessage":     plan.RootOf(messagePayloadObject),
	"Mutation.pinMessage":      plan.RootOf(messagePayloadObject),
	"Mutation.addReaction":     plan.RootOf(messagePayloadObject),
	"Mutation.removeReaction":  plan.RootOf(messagePayloadObject),
	"Mutation.setRoles":        plan.RootOf(setRolesObject),
	"Mutation.upsertChatUsers": plan.RootOf(upsertedObject),
}

var listedChannelObject = &plan.Object[chat.Channel]{Name: "ChatStreamChannelsBoResponse", Fields: plan.Fields[chat.Channel]{
	"id":     channelObject.Fields["id"],
	"cid":    channelObject.Fields["cid"],
	"type":   channelObject.Fields["type"],
	"name":   channelObject.Fields["name"],
	"avatar": channelObject.Fields["avatar"],
}}

var channelObject = &plan.Object[chat.Channel]{Name: "Channel", Fields: plan.Fields[chat.Channel]{
	"id":            plan.Text(func(c *chat.Channel) string { return c.CID.ID }),
	"cid":           cidText(func(c *chat.Channel) chat.CID { return c.CID }),
	"type":          plan.Text(func(c *chat.Channel) string { return string(c.CID.Type) }),
	"name":          plan.Text(func(c *chat.Channel) string { return c.Name }),
	"avatar":        plan.OptionalText(func(c *chat.Channel) string { return webAddress(c.Avatar) }),
	"frozen":        plan.Boolean(func(c *chat.Channel) bool { return c.Frozen }),
	"messageCount":  plan.Number(func(c *chat.Channel) int64 { return c.MessageCount }),
	"memberCount":   plan.Number(func(c *chat.Channel) int64 { return c.MemberCount }),
	"seq":           plan.Number(func(c *chat.Channel) int64 { return c.Seq }),
	"createdBy":     plan.Text(func(c *chat.Channel) string { return c.CreatedBy }),
	"createdAt":     plan.Moment(func(c *chat.Channel) time.Time { return c.CreatedAt }),
	"updatedAt":     plan.Moment(func(c *chat.Channel) time.Time { return c.UpdatedAt }),
	"lastMessageAt": plan.OptionalMoment(func(c *chat.Channel) time.Time { return c.LastMessageAt }),
	"version":       plan.Text(func(c *chat.Channel) string { return c.Version() }),
}}

var messageObject = &plan.Object[chat.Message]{Name: "Message", Fields: plan.Fields[chat.Message]{
	"id":             plan.Text(func(m *chat.Message) string { return m.ID }),
	"cid":            cidText(func(m *chat.Message) chat.CID { return m.CID }),
	"seq":            plan.Number(func(m *chat.Message) int64 { return m.Seq }),
	"sender":         plan.Inner(func(m *chat.Message) *chat.User { return &m.Sender }, userObject),
	"text":           plan.Text(func(m *chat.Message) string { return m.Text }),
	"attachments":    plan.InnerList(func(m *chat.Message) []chat.Attachment { return m.ShownAttachments() }, attachmentObject),
	"mentionedUsers": plan.InnerList(func(m *chat.Message) []chat.User { return m.Mentions }, userObject),
	"reactions":      plan.InnerList(func(m *chat.Message) []model.ReactionCount { return reactionCounts(m.Reactions) }, reactionObject),
	"createdAt":      plan.Moment(func(m *chat.Message) time.Time { return m.CreatedAt }),
	"editedAt":       plan.OptionalMoment(func(m *chat.Message) time.Time { return m.EditedAt }),
	"pinnedAt":       plan.OptionalMoment(func(m *chat.Message) time.Time { return m.PinnedAt }),
	"deletedAt":      plan.OptionalMoment(func(m *chat.Message) time.Time { return m.DeletedAt }),
	"version":        plan.Text(func(m *chat.Message) string { return m.Version() }),
}}

var attachmentObject = &plan.Object[chat.Attachment]{Name: "Attachment", Fields: plan.Fields[chat.Attachment]{
	"type":      plan.Text(func(a *chat.Attachment) string { return string(a.Type) }),
	"title":     plan.Text(func(a *chat.Attachment) string { return a.Title }),
	"titleLink": plan.OptionalText(func(a *chat.Attachment) string { return a.TitleLink }),
	"assetUrl":  plan.Text(func(a *chat.Attachment) string { return a.AssetURL }),
	"imageUrl":  plan.OptionalText(func(a *chat.Attachment) string { return a.ImageURL }),
	"thumbUrl":  plan.OptionalText(func(a *chat.Attachment) string { return a.ThumbURL }),
	"width":     optionalPixels(func(a *chat.Attachment) int { return a.Width }),
	"height":    optionalPixels(func(a *chat.Attachment) int { return a.Height }),
}}

var reactionObject = &plan.Object[model.ReactionCount]{Name: "ReactionCount", Fields: plan.Fields[model.ReactionCount]{
	"type":  plan.Text(func(r *model.ReactionCount) string { return r.Type }),
	"count": plan.Number(func(r *model.ReactionCount) int64 { return int64(r.Count) }),
}}

var userObject = &plan.Object[chat.User]{Name: "ChatUser", Fields: plan.Fields[chat.User]{
	"id":        plan.Text(func(u *chat.User) string { return u.ID }),
	"name":      plan.OptionalText(func(u *chat.User) string { return u.Name }),
	"role":      plan.Text(func(u *chat.User) string { return scalar.RoleName(u.Role) }),
	"createdAt": plan.Moment(func(u *chat.User) time.Time { return u.CreatedAt }),
	"updatedAt": plan.Moment(func(u *chat.User) time.Time { return u.UpdatedAt }),
	"ban":       plan.OptionalInner(func(u *chat.User) *chat.Restriction { return u.Ban }, restrictionObject),
	"mute":      plan.OptionalInner(func(u *chat.User) *chat.Restriction { return u.Mute }, restrictionObject),
	"version":   plan.Text(func(u *chat.User) string { return u.Version() }),
}}

var restrictionObject = &plan.Object[chat.Restriction]{Name: "Restriction", Fields: plan.Fields[chat.Restriction]{
	"until":     plan.OptionalMoment(func(r *chat.Restriction) time.Time { return r.Until }),
	"by":        plan.OptionalText(func(r *chat.Restriction) string { return r.By }),
	"reason":    plan.OptionalText(func(r *chat.Restriction) string { return r.Reason }),
	"createdAt": plan.OptionalMoment(func(r *chat.Restriction) time.Time { return r.CreatedAt }),
	"version":   plan.Text(func(r *chat.Restriction) string { return r.Version() }),
}}

var memberObject = &plan.Object[chat.Member]{Name: "Member", Fields: plan.Fields[chat.Member]{
	"user":    plan.Inner(func(m *chat.Member) *chat.User { return &m.User }, userObject),
	"addedAt": plan.Moment(func(m *chat.Member) time.Time { return m.AddedAt }),
	"readSeq": plan.Number(func(m *chat.Member) int64 { return m.ReadSeq }),
}}

var channelRestrictionObject = &plan.Object[chat.ChannelRestriction]{Name: "ChannelRestriction", Fields: plan.Fields[chat.ChannelRestriction]{
	"user":      plan.Inner(func(r *chat.ChannelRestriction) *chat.User { return &r.User }, userObject),
	"kind":      plan.Text(func(r *chat.ChannelRestriction) string { return strings.ToUpper(string(r.Kind)) }),
	"until":     plan.OptionalMoment(func(r *chat.ChannelRestriction) time.Time { return r.Until }),
	"by":        plan.OptionalText(func(r *chat.ChannelRestriction) string { return r.By }),
	"reason":    plan.OptionalText(func(r *chat.ChannelRestriction) string { return r.Reason }),
	"createdAt": plan.OptionalMoment(func(r *chat.ChannelRestriction) time.Time { return r.CreatedAt }),
	"version":   plan.Text(func(r *chat.ChannelRestriction) string { return r.Version() }),
}}

var freezeObject = &plan.Object[model.FreezeChannelPayload]{Name: "FreezeChannelPayload", Fields: plan.Fields[model.FreezeChannelPayload]{
	"channel": plan.OptionalInner(func(p *model.FreezeChannelPayload) *chat.Channel { return p.Channel }, channelObject),
}}

var messagePayloadObject = &plan.Object[model.MessagePayload]{Name: "MessagePayload", Fields: plan.Fields[model.MessagePayload]{
	"message": plan.OptionalInner(func(p *model.MessagePayload) *chat.Message { return p.Message }, messageObject),
}}

var setRolesObject = &plan.Object[model.SetRolesPayload]{Name: "SetRolesPayload", Fields: plan.Fields[model.SetRolesPayload]{
	"users": plan.InnerList(func(p *model.SetRolesPayload) []chat.RoleChange { return p.Users }, roleChangeObject),
}}

var roleChangeObject = &plan.Object[chat.RoleChange]{Name: "RoleChange", Fields: plan.Fields[chat.RoleChange]{
	"user":         plan.Inner(func(c *chat.RoleChange) *chat.User { return &c.User }, userObject),
	"previousRole": plan.Text(func(c *chat.RoleChange) string { return scalar.RoleName(c.Previous) }),
}}

var upsertedObject = &plan.Object[model.UpsertChatUsersPayload]{Name: "UpsertChatUsersPayload", Fields: plan.Fields[model.UpsertChatUsersPayload]{
	"users": plan.InnerList(func(p *model.UpsertChatUsersPayload) []chat.User { return p.Users }, userObject),
}}

var pageInfoObject = &plan.Object[model.PageInfo]{Name: "PageInfo", Fields: plan.Fields[model.PageInfo]{
	"hasNextPage":     plan.Boolean(func(p *model.PageInfo) bool { return p.HasNextPage }),
	"hasPreviousPage": plan.Boolean(func(p *model.PageInfo) bool { return p.HasPreviousPage }),
	"startCursor":     plan.NullableText((*model.PageInfo).StartCursor),
	"endCursor":       plan.NullableText((*model.PageInfo).EndCursor),
}}

// connectionObject describes a page of objects of the given name. done, which may be nil, is called when
// an object is no longer needed, and returns the number of bytes that it freed.
func connectionObject[T model.Item](name string, node *plan.Object[T], done func(*T) int) *plan.Object[model.Connection[T]] {
	edge := &plan.Object[model.Edge[T]]{Name: name + "Edge", Fields: plan.Fields[model.Edge[T]]{
		"cursor": plan.Text((*model.Edge[T]).Cursor),
		"node":   plan.Inner(func(e *model.Edge[T]) *T { return e.Node }, node),
	}}
	var doneEdge func(*model.Edge[T]) int
	if done != nil {
		doneEdge = func(e *model.Edge[T]) int { return done(e.Node) }
	}
	return &plan.Object[model.Connection[T]]{Name: name + "Connection", Fields: plan.Fields[model.Connection[T]]{
		"edges":    plan.PageList((*model.Connection[T]).Edges, edge, doneEdge),
		"nodes":    plan.PageList((*model.Connection[T]).Nodes, node, done),
		"pageInfo": plan.Inner((*model.Connection[T]).PageInfo, pageInfoObject),
	}}
}

// forget removes everything from a message except what pageInfo needs.
func forget(m *chat.Message) int {
	size := m.Size()
	*m = chat.Message{Seq: m.Seq}
	return size - m.Size()
}

func optionalPixels(get func(*chat.Attachment) int) plan.Field[chat.Attachment] {
	return plan.Leaf(func(b []byte, a *chat.Attachment) []byte {
		if n := pixels(get(a)); n != nil {
			return strconv.AppendInt(b, int64(*n), 10)
		}
		return append(b, "null"...)
	})
}

func cidText[T any](get func(*T) chat.CID) plan.Field[T] {
	return plan.Leaf(func(b []byte, v *T) []byte {
		cid := get(v)
		b = plan.AppendEscaped(append(b, '"'), string(cid.Type))
		b = plan.AppendEscaped(append(b, ':'), cid.ID)
		return append(b, '"')
	})
}
