package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
)

func channelConnection(p chat.Page[chat.Channel]) *model.ChannelConnection {
	c := &model.ChannelConnection{Nodes: some(p.Items), PageInfo: pageInfo(p)}
	for i := range p.Items {
		c.Edges = append(c.Edges, model.ChannelEdge{Cursor: p.Items[i].Cursor(), Node: &p.Items[i]})
	}
	c.Edges = some(c.Edges)
	return c
}

func messageConnection(p chat.Page[chat.Message]) *model.MessageConnection {
	c := &model.MessageConnection{Nodes: some(p.Items), PageInfo: pageInfo(p)}
	for i := range p.Items {
		c.Edges = append(c.Edges, model.MessageEdge{Cursor: p.Items[i].Cursor(), Node: &p.Items[i]})
	}
	c.Edges = some(c.Edges)
	return c
}

func userConnection(p chat.Page[chat.User]) *model.ChatUserConnection {
	c := &model.ChatUserConnection{Nodes: some(p.Items), PageInfo: pageInfo(p)}
	for i := range p.Items {
		c.Edges = append(c.Edges, model.ChatUserEdge{Cursor: p.Items[i].Cursor(), Node: &p.Items[i]})
	}
	c.Edges = some(c.Edges)
	return c
}

func pageInfo[T interface{ Cursor() string }](p chat.Page[T]) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: p.HasNext, HasPreviousPage: p.HasPrevious}
	if n := len(p.Items); n > 0 {
		info.StartCursor, info.EndCursor = new(p.Items[0].Cursor()), new(p.Items[n-1].Cursor())
	}
	return info
}

// some makes an empty list of none, which the schema's lists may not be.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
