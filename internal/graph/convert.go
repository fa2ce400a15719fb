package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/model"
)

// channelType is the default of the contract where the argument is null.
func channelType(t *chat.ChannelType) chat.ChannelType {
	if t == nil {
		return chat.Livestream
	}
	return *t
}

func attachments(given []model.AttachmentInput) []desk.Attachment {
	list := make([]desk.Attachment, len(given))
	for i, a := range given {
		list[i] = desk.Attachment{Title: a.Title, TitleLink: a.TitleLink, AssetURL: a.AssetURL}
	}
	return list
}

func userChanges(given []model.ChatUserInput) []chat.UserChange {
	list := make([]chat.UserChange, len(given))
	for i, u := range given {
		list[i] = chat.UserChange{ID: u.ID, Name: u.Name, Role: value(u.Role)}
	}
	return list
}
