package graph

import (
	"strconv"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
	"backchannel/internal/graph/scalar"
)

// roots are the fields of Query that are written in one go. A field of an object
// below that isn't named there only makes what asks for it slower.
var roots = map[string]root{
	"allChannels": rootList(listedChannelObject),
	"channel":     rootOf(channelObject),
	"channels":    rootOf(connectionObject("Channel", channelObject)),
	"myChannels":  rootOf(connectionObject("Channel", channelObject)),
	"messages":    rootOf(connectionObject("Message", messageObject)),
	"chatUsers":   rootOf(connectionObject("ChatUser", userObject)),
	"members":     rootOf(connectionObject("Member", memberObject)),

	"lastMessages": rootList(messageObject),
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
	"attachments":    innerList(func(m *chat.Message) []chat.Attachment { return m.Attachments }, attachmentObject),
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

var pageInfoObject = &object[model.PageInfo]{"PageInfo", map[string]field[model.PageInfo]{
	"hasNextPage":     boolean(func(p *model.PageInfo) bool { return p.HasNextPage }),
	"hasPreviousPage": boolean(func(p *model.PageInfo) bool { return p.HasPreviousPage }),
	"startCursor":     nullableText((*model.PageInfo).StartCursor),
	"endCursor":       nullableText((*model.PageInfo).EndCursor),
}}

// connectionObject is a page of objects. The name is theirs.
func connectionObject[T model.Item](name string, node *object[T]) *object[model.Connection[T]] {
	edge := &object[model.Edge[T]]{name + "Edge", map[string]field[model.Edge[T]]{
		"cursor": text((*model.Edge[T]).Cursor),
		"node":   inner(func(e *model.Edge[T]) *T { return e.Node }, node),
	}}
	return &object[model.Connection[T]]{name + "Connection", map[string]field[model.Connection[T]]{
		"edges":    innerList((*model.Connection[T]).Edges, edge),
		"nodes":    innerList((*model.Connection[T]).Nodes, node),
		"pageInfo": inner((*model.Connection[T]).PageInfo, pageInfoObject),
	}}
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
