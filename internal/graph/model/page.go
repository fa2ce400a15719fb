// Package model has the types of the schema that no other package has: pages, and those that gqlgen
// generates.
package model

import (
	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// Item is an item of a page.
type Item interface{ Cursor() string }

// Connection is a page. Its parts are computed on demand.
type Connection[T Item] struct{ Page chat.Page[T] }

// Edge is an item of a page.
type Edge[T Item] struct{ Node *T }

// The pages of the schema, and their items.
type (
	// ChannelConnection is a page of channels.
	ChannelConnection = Connection[chat.Channel]
	// ChannelEdge is a channel in a page.
	ChannelEdge = Edge[chat.Channel]
	// MessageConnection is a page of messages.
	MessageConnection = Connection[chat.Message]
	// MessageEdge is a message in a page.
	MessageEdge = Edge[chat.Message]
	// MemberConnection is a page of a channel's members.
	MemberConnection = Connection[chat.Member]
	// MemberEdge is a member in a page.
	MemberEdge = Edge[chat.Member]
	// ChatUserConnection is a page of chat users.
	ChatUserConnection = Connection[chat.User]
	// ChatUserEdge is a chat user in a page.
	ChatUserEdge = Edge[chat.User]
	// BinConnection is a page of the bin.
	BinConnection = Connection[chat.BinnedChannel]
	// BinEdge is a deleted channel in a page.
	BinEdge = Edge[chat.BinnedChannel]
	// ChangeConnection is a page of changes.
	ChangeConnection = Connection[chat.Change]
	// JobConnection is a page of jobs.
	JobConnection = Connection[chat.Job]
	// JobEdge is a job in a page.
	JobEdge = Edge[chat.Job]
	// JobRowConnection is a page of a job's targets.
	JobRowConnection = Connection[chat.JobRow]
	// JobRowEdge is a target in a page.
	JobRowEdge = Edge[chat.JobRow]
	// AnnouncementConnection is a page of announcements.
	AnnouncementConnection = Connection[desk.Announcement]
	// AnnouncementEdge is an announcement in a page.
	AnnouncementEdge = Edge[desk.Announcement]
	// ChangeEdge is a change in a page.
	ChangeEdge = Edge[chat.Change]
	// WebhookDeliveryConnection is a page of a webhook's deliveries.
	WebhookDeliveryConnection = Connection[chat.Delivery]
	// WebhookDeliveryEdge is a delivery in a page.
	WebhookDeliveryEdge = Edge[chat.Delivery]
)

// Edges returns the items with their cursors.
func (c *Connection[T]) Edges() []Edge[T] {
	list := make([]Edge[T], len(c.Page.Items))
	for i := range list {
		list[i].Node = &c.Page.Items[i]
	}
	return list
}

// Nodes returns the items, never nil.
func (c *Connection[T]) Nodes() []T {
	if c.Page.Items == nil {
		return []T{}
	}
	return c.Page.Items
}

// PageInfo returns the position of the page in its list.
func (c *Connection[T]) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.Page.HasNext, HasPreviousPage: c.Page.HasPrevious}
	if n := len(c.Page.Items); n > 0 {
		info.first, info.last = &Edge[T]{&c.Page.Items[0]}, &Edge[T]{&c.Page.Items[n-1]}
	}
	return info
}

// PageInfo is the position of a page in its list.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool

	first, last Item // nil if the page is empty
}

// StartCursor returns the cursor of the first item.
func (p *PageInfo) StartCursor() *string { return cursor(p.first) }

// EndCursor returns the cursor of the last item.
func (p *PageInfo) EndCursor() *string { return cursor(p.last) }

func cursor(i Item) *string {
	if i == nil {
		return nil
	}
	return new(i.Cursor())
}

// Cursor marks the item's place in the list.
func (e *Edge[T]) Cursor() string { return (*e.Node).Cursor() }
