// Package model holds the types of the schema that no other package has: pages, and
// what gqlgen makes of the rest.
package model

import "backchannel/internal/chat"

// Item is what is listed a page at a time.
type Item interface{ Cursor() string }

// Connection shows a page. Its parts are made only when asked for.
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
	// ChatUserConnection is a page of chat users.
	ChatUserConnection = Connection[chat.User]
	// ChatUserEdge is a chat user in a page.
	ChatUserEdge = Edge[chat.User]
)

// Edges are the items with their cursors.
func (c *Connection[T]) Edges() []Edge[T] {
	list := make([]Edge[T], len(c.Page.Items))
	for i := range list {
		list[i].Node = &c.Page.Items[i]
	}
	return list
}

// Nodes are the items, never nil.
func (c *Connection[T]) Nodes() []T {
	if c.Page.Items == nil {
		return []T{}
	}
	return c.Page.Items
}

// PageInfo says where the page stands.
func (c *Connection[T]) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.Page.HasNext, HasPreviousPage: c.Page.HasPrevious}
	if n := len(c.Page.Items); n > 0 {
		info.StartCursor, info.EndCursor = new(c.Page.Items[0].Cursor()), new(c.Page.Items[n-1].Cursor())
	}
	return info
}

// Cursor marks the item's place in the listing.
func (e *Edge[T]) Cursor() string { return (*e.Node).Cursor() }
