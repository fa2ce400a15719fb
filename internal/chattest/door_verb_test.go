package chattest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// act is something that a user does, as each door does it; nil for a door that can't.
type act struct {
	graph, stream func(w *world) (object, error)
	later         time.Duration // that the clock goes on, in place of an act
}

// only leaves one door to an act.
func viaGraphQL(a act) act { return act{graph: a.graph} }
func viaStream(a act) act  { return act{stream: a.stream} }

// message is what a user sends.
type message struct {
	text     string
	picture  string // its URL
	mentions []string
	stream   object // what only Stream's API can say
}

func (m message) graph(w *world) object {
	input := object{"text": m.text}
	if m.picture != "" {
		input["attachments"] = []object{{"title": "Picture", "assetUrl": m.picture}}
	}
	if m.mentions != nil {
		input["mentionedUsersIds"] = w.ids(m.mentions)
	}
	return input
}

func (m message) rest(w *world, who string) object {
	body := object{"text": m.text, "user_id": w.id(who)}
	if m.picture != "" {
		body["attachments"] = []object{{"type": "image", "title": "Picture", "asset_url": m.picture, "image_url": m.picture}}
	}
	if m.mentions != nil {
		body["mentioned_users"] = w.ids(m.mentions)
	}
	for name, value := range m.stream {
		body[name] = value
	}
	return body
}

// send posts a message, which the row calls by the label from then on.
func send(who, channel, label, text string) act {
	return sendMessage(who, channel, label, message{text: text})
}

func sendMessage(who, channel, label string, m message) act {
	return act{
		graph: func(w *world) (object, error) {
			input := m.graph(w)
			input["cid"] = w.cid(channel)
			data, err := w.ask(who, `mutation($in:SendMessageInput!){sendMessage(input:$in){message{id}}}`, object{"in": input})
			if err == nil {
				w.labels[label] = at(w, data, "sendMessage", "message", "id").(string)
			}
			return data, err
		},
		stream: func(w *world) (object, error) {
			data, err := w.rest("POST", "/chat/channels/"+path(w.cid(channel))+"/message", object{"message": m.rest(w, who)})
			if err == nil {
				w.labels[label] = at(w, data, "message", "id").(string)
			}
			return data, err
		},
	}
}

func path(cid string) string { return strings.Replace(cid, ":", "/", 1) }

// edit changes what a message of the room says.
func edit(who, label string, m message) act {
	return act{
		graph: func(w *world) (object, error) {
			input := m.graph(w)
			input["cid"], input["messageId"] = w.cid("room"), w.message(label)
			return w.ask(who, `mutation($in:EditMessageInput!){editMessage(input:$in){message{id}}}`, object{"in": input})
		},
		stream: func(w *world) (object, error) {
			return w.rest("POST", "/chat/messages/"+w.message(label), object{"message": m.rest(w, who)})
		},
	}
}

func remove(who, label string) act {
	return act{
		graph: func(w *world) (object, error) {
			return w.ask(who, `mutation($cid:String!,$id:String!){deleteMessage(input:{cid:$cid,messageId:$id}){messageId}}`,
				object{"cid": w.cid("room"), "id": w.message(label)})
		},
		stream: func(w *world) (object, error) {
			return w.rest("DELETE", "/chat/messages/"+w.message(label)+"?deleted_by="+w.id(who), nil)
		},
	}
}

func pin(who, label string) act   { return pinned(who, label, true) }
func unpin(who, label string) act { return pinned(who, label, false) }

func pinned(who, label string, is bool) act {
	return act{
		graph: func(w *world) (object, error) {
			return w.ask(who, `mutation($in:PinMessageInput!){pinMessage(input:$in){message{id}}}`,
				object{"in": object{"cid": w.cid("room"), "messageId": w.message(label), "pinned": is}})
		},
		stream: func(w *world) (object, error) {
			return w.rest("PUT", "/chat/messages/"+w.message(label), object{"set": object{"pinned": is}, "user_id": w.id(who)})
		},
	}
}

func react(who, label, word string) act {
	return act{
		graph: reaction("addReaction", who, label, word),
		stream: func(w *world) (object, error) {
			return w.rest("POST", "/chat/messages/"+w.message(label)+"/reaction", object{"reaction": object{"type": word, "user_id": w.id(who)}})
		},
	}
}

func unreact(who, label, word string) act {
	return act{
		graph: reaction("removeReaction", who, label, word),
		stream: func(w *world) (object, error) {
			return w.rest("DELETE", "/chat/messages/"+w.message(label)+"/reaction/"+word+"?user_id="+w.id(who), nil)
		},
	}
}

func reaction(field, who, label, word string) func(w *world) (object, error) {
	return func(w *world) (object, error) {
		return w.ask(who, `mutation($in:ReactionInput!){`+field+`(input:$in){message{id}}}`,
			object{"in": object{"cid": w.cid("room"), "messageId": w.message(label), "type": word}})
	}
}

// read marks a channel as read up to a message, or all of it if none is given.
func read(who, channel, label string) act {
	return act{
		graph: func(w *world) (object, error) {
			input := object{"cid": w.cid(channel)}
			if label != "" {
				input["seq"] = w.seq(channel, label)
			}
			return w.ask(who, `mutation($in:MarkReadInput!){markRead(input:$in){cid}}`, object{"in": input})
		},
		stream: func(w *world) (object, error) {
			body := object{"user_id": w.id(who)}
			if label != "" {
				body["message_id"] = w.message(label)
			}
			return w.rest("POST", "/chat/channels/"+path(w.cid(channel))+"/read", body)
		},
	}
}

// reactions are a user's first reactions to a message, each of another type.
func reactions(who, label string, n int) (list []act) {
	for i := range n {
		list = append(list, react(who, label, fmt.Sprintf("r%d", i)))
	}
	return list
}

// place is where a ban or mute is in force: "" for all channels.
func (w *world) place(channel string) any {
	if channel == "" {
		return nil
	}
	return w.cid(channel)
}

func ban(who, target, channel string) act { return banFor(who, target, channel, 0) }

func banFor(who, target, channel string, minutes int) act {
	return act{
		graph: restrict("banUser", who, target, channel, minutes),
		stream: func(w *world) (object, error) {
			body := object{"target_user_id": w.id(target), "banned_by_id": w.id(who)}
			if channel != "" {
				body["channel_cid"] = w.cid(channel)
			}
			if minutes > 0 {
				body["timeout"] = minutes
			}
			return w.rest("POST", "/moderation/ban", body)
		},
	}
}

func restrict(field, who, target, channel string, minutes int) func(w *world) (object, error) {
	return func(w *world) (object, error) {
		input := object{"userId": w.id(target), "cid": w.place(channel)}
		if minutes > 0 {
			input["until"] = time.Now().Add(time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339)
		}
		return w.ask(who, `mutation($in:RestrictUserInput!){`+field+`(input:$in){userId}}`, object{"in": input})
	}
}

// shadowBan is a ban that its target doesn't see; only Stream's API has it.
func shadowBan(who, target, channel string) act {
	return act{stream: func(w *world) (object, error) {
		body := object{"target_user_id": w.id(target), "banned_by_id": w.id(who), "shadow": true}
		if channel != "" {
			body["channel_cid"] = w.cid(channel)
		}
		return w.rest("POST", "/moderation/ban", body)
	}}
}

func unban(who, target, channel string) act {
	return act{
		graph: lift("unbanUser", who, target, channel),
		stream: func(w *world) (object, error) {
			where := ""
			if channel != "" {
				where = "&channel_cid=" + w.cid(channel)
			}
			return w.rest("POST", "/moderation/unban?target_user_id="+w.id(target)+where, object{"unbanned_by_id": w.id(who)})
		},
	}
}

func lift(field, who, target, channel string) func(w *world) (object, error) {
	return func(w *world) (object, error) {
		return w.ask(who, `mutation($in:UnrestrictUserInput!){`+field+`(input:$in){userId}}`,
			object{"in": object{"userId": w.id(target), "cid": w.place(channel)}})
	}
}

// mute keeps a user from writing. What Stream calls a mute is something else: a user
// silences another.
func mute(who, target, channel string) act {
	return act{graph: restrict("muteUser", who, target, channel, 0)}
}

func unmute(who, target, channel string) act {
	return act{graph: lift("unmuteUser", who, target, channel)}
}

func add(channel string, members ...string) act { return addAs(staff, channel, members...) }

func addAs(who, channel string, members ...string) act {
	return act{
		graph: membership("addMembers", who, channel, members),
		stream: func(w *world) (object, error) {
			return w.update(channel, object{"add_members": w.memberList(members), "user_id": w.id(who)})
		},
	}
}

func (w *world) memberList(names []string) (list []object) {
	for _, name := range names {
		list = append(list, object{"user_id": w.id(name)})
	}
	return list
}

func expel(who, channel string, members ...string) act {
	return act{
		graph: membership("removeMembers", who, channel, members),
		stream: func(w *world) (object, error) {
			return w.update(channel, object{"remove_members": w.ids(members), "user_id": w.id(who)})
		},
	}
}

func membership(field, who, channel string, members []string) func(w *world) (object, error) {
	return func(w *world) (object, error) {
		return w.ask(who, `mutation($in:MembersInput!){`+field+`(input:$in){cid}}`,
			object{"in": object{"cid": w.cid(channel), "userIds": w.ids(members)}})
	}
}

func (w *world) update(channel string, body object) (object, error) {
	return w.rest("POST", "/chat/channels/"+path(w.cid(channel)), body)
}

// promote makes a member a moderator of its channel, demote a plain one again.
func promote(channel, member string) act {
	return act{stream: func(w *world) (object, error) {
		return w.update(channel, object{"add_moderators": w.ids([]string{member}), "user_id": w.id(staff)})
	}}
}

func demote(channel, member string) act {
	return act{stream: func(w *world) (object, error) {
		return w.update(channel, object{"demote_moderators": w.ids([]string{member}), "user_id": w.id(staff)})
	}}
}

func freeze(who, channel string) act { return frozen(who, channel, true) }
func thaw(who, channel string) act   { return frozen(who, channel, false) }

func frozen(who, channel string, is bool) act {
	return act{
		graph: func(w *world) (object, error) {
			return w.ask(who, `mutation($in:FreezeChannelInput!){freezeChannel(input:$in){channel{cid}}}`,
				object{"in": object{"cid": w.cid(channel), "frozen": is}})
		},
		stream: set(channel, object{"frozen": is}).stream,
	}
}

// set gives a channel what only Stream's API can.
func set(channel string, fields object) act {
	return act{stream: func(w *world) (object, error) {
		return w.rest("PATCH", "/chat/channels/"+path(w.cid(channel)), object{"set": fields, "user_id": w.id(staff)})
	}}
}

func create(channel, name string) act {
	return act{
		graph: put(staff, channel, name),
		stream: func(w *world) (object, error) {
			return w.rest("POST", "/chat/channels/"+path(w.cid(channel))+"/query",
				object{"data": object{"created_by_id": w.id(staff), "custom": object{"name": name}}})
		},
	}
}

func rename(who, channel, name string) act {
	return act{graph: put(who, channel, name), stream: set(channel, object{"name": name}).stream}
}

func put(who, channel, name string) func(w *world) (object, error) {
	return func(w *world) (object, error) {
		return w.ask(who, `mutation($in:CreateOrUpdateStreamChatChanelInput!){createOrUpdateChannel(input:$in)}`,
			object{"in": object{"id": w.id(channel), "name": name, "type": title(kindOf(channel))}})
	}
}

func destroy(who string, channels ...string) act {
	cids := func(w *world) (list []string) {
		for _, channel := range channels {
			list = append(list, w.cid(channel))
		}
		return list
	}
	return act{
		graph: func(w *world) (object, error) {
			return w.ask(who, `mutation($cids:[String!]!){deleteChannels(input:{cids:$cids})}`, object{"cids": cids(w)})
		},
		stream: func(w *world) (object, error) {
			return w.rest("POST", "/chat/channels/delete", object{"cids": cids(w), "hard_delete": true})
		},
	}
}

func role(who, target, role string) act {
	return act{
		graph: func(w *world) (object, error) {
			return w.ask(who, `mutation($id:String!,$role:ChatRole!){setRoleToUsersOnChat(input:{userId:$id,role:$role})}`,
				object{"id": w.id(target), "role": strings.ToUpper(role)})
		},
		stream: func(w *world) (object, error) {
			return w.rest("PATCH", "/users", object{"users": []object{{"id": w.id(target), "set": object{"role": role}}}})
		},
	}
}

// nameUser gives a user a name.
func nameUser(who, name string) act {
	return act{
		graph: func(w *world) (object, error) {
			return w.ask(staff, `mutation($u:[ChatUserInput!]!){upsertChatUsers(input:{users:$u}){users{id}}}`,
				object{"u": []object{{"id": w.id(who), "name": name}}})
		},
		stream: func(w *world) (object, error) {
			return w.rest("PATCH", "/users", object{"users": []object{{"id": w.id(who), "set": object{"name": name}}}})
		},
	}
}

// call is any request to Stream's API, in which a name in braces stands for its id.
func call(method, path string, body object) act {
	return act{stream: func(w *world) (object, error) {
		text, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		return w.rest(method, w.filled(path), json.RawMessage(w.filled(string(text))))
	}}
}

func (w *world) filled(text string) string {
	for _, name := range append([]string{staff, "room", "hall"}, people...) {
		text = strings.ReplaceAll(text, "{"+name+"}", w.id(name))
	}
	for label, id := range w.labels {
		text = strings.ReplaceAll(text, "{"+label+"}", id)
	}
	return text
}

func wait(d time.Duration) act { return act{later: d} }
