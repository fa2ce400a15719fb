package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
)

// pageOf shows a page, unless there is none.
func pageOf[T model.Item](page chat.Page[T], err error) (*model.Connection[T], error) {
	if err != nil {
		return nil, err
	}
	return &model.Connection[T]{Page: page}, nil
}

// some makes an empty list of none, which the schema's lists may not be.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
