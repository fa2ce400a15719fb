package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
)

// pageOf makes a connection of a page.
func pageOf[T model.Item](page chat.Page[T], err error) (*model.Connection[T], error) {
	if err != nil {
		return nil, err
	}
	return &model.Connection[T]{Page: page}, nil
}

// some makes an empty list of nil, since the schema's lists may not be null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
