package graph

import (
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
	"backchannel/internal/graph/scalar"
)

// roots are the fields of Query and Mutation that are written in one go: all with lists
// in them, whose answers only so are bounded. A test says what is missing.
var roots = map[string]root{
	"Query.allChannels": rootList(listedChannelObject),
	"Query.channel":     rootOf(channelObject),
	"Query.channels":    rootOf(connectionObject("Channel", channelObject, nil)),
	"Query.myChannels":  rootOf(connectionObject("Channel", channelObject, nil)),
	"Query.messages":    rootOf(connectionObject("Message", messageObject, forget)),
	"Query.chatUsers":   rootOf(connectionObject("ChatUser", userObject, nil)),
	"Query.members":     rootOf(connectionObject("Member", memberObject, nil)),

	"Query.lastMessages": rootList(messageObject),
	"Query.restrictions": rootList(channelRestrictionObject),

	"Mutation.freezeChannel":   rootOf(freezeObject),
	"Mutation.sendMessage":     rootOf(messagePayloadObject),
	"Mutation.editMessage":     rootOf(messagePayloadObject),
	"Mutation.pinMessage":      rootOf(messagePayloadObject),
	"Mutation.addReaction":     rootOf(messagePayloadObject),
	"Mutation.removeReaction":  rootOf(messagePayloadObject),
	"Mutation.setRoles":        rootOf(setRolesObject),
	"Mutation.upsertChatUsers": rootOf(upsertedObject),
}

var listedChannelObject = &object[chat.Channel]{"ChatStreamChannelsBoResponse", map[string]field[chat.Channel]{
	"id":     channelObject.fields["id"],
	"cid":    channelObject.fields["cid"],
	"type":   channelObject.fields["type"],
	"name":   channelObject.fields["name"],
	"avatar": channelObject.fields["avatar"],
}}

var channelObject = &object[chat.Channel]{"Channel", map[string]field[chat.Channel]{
	"id":            text(func(c *chat.Channel) string { return c.CID.ID }),
	"cid":           cidText(func(c *chat.Channel) chat.CID { return c.CID }),
	"type":          text(func(c *chat.Channel) string { return string(c.CID.Type) }),
	"name":          text(func(c *chat.Channel) string { return c.Name }),
	"avatar":        optionalText(func(c *chat.Channel) string { return webAddress(c.Avatar) }),
	"frozen":        boolean(func(c *chat.Channel) bool { return c.Frozen }),
	"messageCount":  number(func(c *chat.Channel) int64 { return c.MessageCount }),
	"memberCount":   number(func(c *chat.Channel) int64 { return c.MemberCount }),
	"seq":           number(func(c *chat.Channel) int64 { return c.Seq }),
	"createdBy":     text(func(c *chat.Channel) string { return c.CreatedBy }),
	"createdAt":     moment(func(c *chat.Channel) time.Time { return c.CreatedAt }),
	"updatedAt":     moment(func(c *chat.Channel) time.Time { return c.UpdatedAt }),
	"lastMessageAt": optionalMoment(func(c *chat.Channel) time.Time { return c.LastMessageAt }),
}}

var messageObject = &object[chat.Message]{"Message", map[string]field[chat.Message]{
	"id":             text(func(m *chat.Message) string { return m.ID }),
	"cid":            cidText(func(m *chat.Message) chat.CID { return m.CID }),
	"seq":            number(func(m *chat.Message) int64 { return m.Seq }),
	"sender":         inner(func(m *chat.Message) *chat.User { return &m.Sender }, userObject),
	"text":           text(func(m *chat.Message) string { return m.Text }),
	"attachments":    innerList(func(m *chat.Message) []chat.Attachment { return m.ShownAttachments() }, attachmentObject),
	"mentionedUsers": innerList(func(m *chat.Message) []chat.User { return m.Mentions }, userObject),
	"reactions":      innerList(func(m *chat.Message) []model.ReactionCount { return reactionCounts(m.Reactions) }, reactionObject),
	"createdAt":      moment(func(m *chat.Message) time.Time { return m.CreatedAt }),
	"editedAt":       optionalMoment(func(m *chat.Message) time.Time { return m.EditedAt }),
	"pinnedAt":       optionalMoment(func(m *chat.Message) time.Time { return m.PinnedAt }),
	"deletedAt":      optionalMoment(func(m *chat.Message) time.Time { return m.DeletedAt }),
}}

var attachmentObject = &object[chat.Attachment]{"Attachment", map[string]field[chat.Attachment]{
	"type":      text(func(a *chat.Attachment) string { return string(a.Type) }),
	"title":     text(func(a *chat.Attachment) string { return a.Title }),
	"titleLink": optionalText(func(a *chat.Attachment) string { return a.TitleLink }),
	"assetUrl":  text(func(a *chat.Attachment) string { return a.AssetURL }),
	"imageUrl":  optionalText(func(a *chat.Attachment) string { return a.ImageURL }),
	"thumbUrl":  optionalText(func(a *chat.Attachment) string { return a.ThumbURL }),
	"width":     optionalSide(func(a *chat.Attachment) int { return a.Width }),
	"height":    optionalSide(func(a *chat.Attachment) int { return a.Height }),
}}

var reactionObject = &object[model.ReactionCount]{"ReactionCount", map[string]field[model.ReactionCount]{
	"type":  text(func(r *model.ReactionCount) string { return r.Type }),
	"count": number(func(r *model.ReactionCount) int64 { return int64(r.Count) }),
}}

var userObject = &object[chat.User]{"ChatUser", map[string]field[chat.User]{
	"id":        text(func(u *chat.User) string { return u.ID }),
	"name":      optionalText(func(u *chat.User) string { return u.Name }),
	"role":      text(func(u *chat.User) string { return scalar.RoleName(u.Role) }),
	"createdAt": moment(func(u *chat.User) time.Time { return u.CreatedAt }),
	"updatedAt": moment(func(u *chat.User) time.Time { return u.UpdatedAt }),
	"ban":       optionalInner(func(u *chat.User) *chat.Restriction { return u.Ban }, restrictionObject),
	"mute":      optionalInner(func(u *chat.User) *chat.Restriction { return u.Mute }, restrictionObject),
}}

var restrictionObject = &object[chat.Restriction]{"Restriction", map[string]field[chat.Restriction]{
	"until":     optionalMoment(func(r *chat.Restriction) time.Time { return r.Until }),
	"by":        optionalText(func(r *chat.Restriction) string { return r.By }),
	"reason":    optionalText(func(r *chat.Restriction) string { return r.Reason }),
	"createdAt": optionalMoment(func(r *chat.Restriction) time.Time { return r.CreatedAt }),
}}

var memberObject = &object[chat.Member]{"Member", map[string]field[chat.Member]{
	"user":    inner(func(m *chat.Member) *chat.User { return &m.User }, userObject),
	"addedAt": moment(func(m *chat.Member) time.Time { return m.AddedAt }),
	"readSeq": number(func(m *chat.Member) int64 { return m.ReadSeq }),
}}

var channelRestrictionObject = &object[chat.ChannelRestriction]{"ChannelRestriction", map[string]field[chat.ChannelRestriction]{
	"user":      inner(func(r *chat.ChannelRestriction) *chat.User { return &r.User }, userObject),
	"kind":      text(func(r *chat.ChannelRestriction) string { return strings.ToUpper(string(r.Kind)) }),
	"until":     optionalMoment(func(r *chat.ChannelRestriction) time.Time { return r.Until }),
	"by":        optionalText(func(r *chat.ChannelRestriction) string { return r.By }),
	"reason":    optionalText(func(r *chat.ChannelRestriction) string { return r.Reason }),
	"createdAt": optionalMoment(func(r *chat.ChannelRestriction) time.Time { return r.CreatedAt }),
}}

var freezeObject = &object[model.FreezeChannelPayload]{"FreezeChannelPayload", map[string]field[model.FreezeChannelPayload]{
	"channel": optionalInner(func(p *model.FreezeChannelPayload) *chat.Channel { return p.Channel }, channelObject),
}}

var messagePayloadObject = &object[model.MessagePayload]{"MessagePayload", map[string]field[model.MessagePayload]{
	"message": optionalInner(func(p *model.MessagePayload) *chat.Message { return p.Message }, messageObject),
}}

var setRolesObject = &object[model.SetRolesPayload]{"SetRolesPayload", map[string]field[model.SetRolesPayload]{
	"users": innerList(func(p *model.SetRolesPayload) []chat.RoleChange { return p.Users }, roleChangeObject),
}}

var roleChangeObject = &object[chat.RoleChange]{"RoleChange", map[string]field[chat.RoleChange]{
	"user":         inner(func(c *chat.RoleChange) *chat.User { return &c.User }, userObject),
	"previousRole": text(func(c *chat.RoleChange) string { return scalar.RoleName(c.Previous) }),
}}

var upsertedObject = &object[model.UpsertChatUsersPayload]{"UpsertChatUsersPayload", map[string]field[model.UpsertChatUsersPayload]{
	"users": innerList(func(p *model.UpsertChatUsersPayload) []chat.User { return p.Users }, userObject),
}}

var pageInfoObject = &object[model.PageInfo]{"PageInfo", map[string]field[model.PageInfo]{
	"hasNextPage":     boolean(func(p *model.PageInfo) bool { return p.HasNextPage }),
	"hasPreviousPage": boolean(func(p *model.PageInfo) bool { return p.HasPreviousPage }),
	"startCursor":     nullableText((*model.PageInfo).StartCursor),
	"endCursor":       nullableText((*model.PageInfo).EndCursor),
}}

// connectionObject is a page of objects. The name is theirs. Done, which may be nil, says
// that an object is not needed any more, and returns how many bytes that frees.
func connectionObject[T model.Item](name string, node *object[T], done func(*T) int) *object[model.Connection[T]] {
	edge := &object[model.Edge[T]]{name + "Edge", map[string]field[model.Edge[T]]{
		"cursor": text((*model.Edge[T]).Cursor),
		"node":   inner(func(e *model.Edge[T]) *T { return e.Node }, node),
	}}
	var doneEdge func(*model.Edge[T]) int
	if done != nil {
		doneEdge = func(e *model.Edge[T]) int { return done(e.Node) }
	}
	return &object[model.Connection[T]]{name + "Connection", map[string]field[model.Connection[T]]{
		"edges":    pageList((*model.Connection[T]).Edges, edge, doneEdge),
		"nodes":    pageList((*model.Connection[T]).Nodes, node, done),
		"pageInfo": inner((*model.Connection[T]).PageInfo, pageInfoObject),
	}}
}

// forget leaves of a message what pageInfo shows.
func forget(m *chat.Message) int {
	size := m.Size()
	*m = chat.Message{Seq: m.Seq}
	return size - m.Size()
}

func optionalSide(get func(*chat.Attachment) int) field[chat.Attachment] {
	return leaf(func(b []byte, a *chat.Attachment) []byte {
		if n := side(get(a)); n != nil {
			return strconv.AppendInt(b, int64(*n), 10)
		}
		return append(b, "null"...)
	})
}

func cidText[T any](get func(*T) chat.CID) field[T] {
	return leaf(func(b []byte, v *T) []byte {
		cid := get(v)
		b = appendEscaped(append(b, '"'), string(cid.Type))
		b = appendEscaped(append(b, ':'), cid.ID)
		return append(b, '"')
	})
}
