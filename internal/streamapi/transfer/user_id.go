package transfer

import (
	"bytes"
	"encoding/json"

	"backchannel/internal/stream"
)

// Hosted Stream refuses some characters in the ids of users. There such users have escaped ids
// (stream.StreamID). Only this file knows of the escapes: what is read from a server has the
// original ids, and what is written there has the escaped ones.

// userID returns the id by which the server knows a user.
func (s *Server) userID(id string) string {
	if s.ours {
		return id
	}
	return stream.StreamID(id)
}

// mapIDs converts the ids of users in an answer.
func (a *answer) mapIDs(id func(string) string) {
	for _, r := range append(a.Users, a.User) {
		mapUser(r.object, id)
	}
	for _, one := range a.Channels {
		mapIDs(one.Channel.object, id)
	}
	for _, list := range [][]raw{a.Members, a.Messages, a.Reactions, {a.Channel, a.Message, a.Reaction, a.Member}} {
		for _, r := range list {
			mapIDs(r.object, id)
		}
	}
}

// mapped returns a body with the ids of users converted.
func mapped(v any, id func(string) string) (tree any, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&tree)
	mapIDs(tree, id)
	return tree, err
}

// mapIDs converts the ids of users in a tree of Stream's objects, except in custom data and
// attachments.
func mapIDs(v any, id func(string) string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			mapIDs(one, id)
		}
	case object:
		for field, value := range v {
			switch field {
			case "custom", "attachments":
			case "user_id", "created_by_id":
				if text, ok := value.(string); ok {
					v[field] = id(text)
				}
			case "user", "created_by":
				mapUser(value, id)
			case "users", "mentioned_users":
				v[field] = mapUsers(value, id)
			default:
				mapIDs(value, id)
			}
		}
	}
}

func mapUser(v any, id func(string) string) {
	if u, ok := v.(object); ok {
		if text, ok := u["id"].(string); ok {
			u["id"] = id(text)
		}
	}
}

// mapUsers converts the ids of users in a list of users or ids, or in an object by id.
func mapUsers(v any, id func(string) string) any {
	switch v := v.(type) {
	case []any:
		for i, one := range v {
			if text, ok := one.(string); ok {
				v[i] = id(text)
			}
			mapUser(one, id)
		}
	case object:
		byID := object{}
		for key, u := range v {
			mapUser(u, id)
			byID[id(key)] = u
		}
		return byID
	}
	return v
}
