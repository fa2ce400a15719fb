package chattest_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// view is a part of the chat's state, in the words of the rows, as each door shows it; nil
// for a door that doesn't.
type view struct {
	name          string
	graph, stream func(w *world) string
}

// look is what a view must be after the act, through every door that has it.
type look struct {
	view view
	want string
}

// at walks through JSON.
func at(t testing.TB, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, ok := v.(object)
			if !ok {
				t.Fatalf("%v has no %q", v, step)
			}
			v = o[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("%v has no item %d", v, step)
			}
			v = list[step]
		}
	}
	return v
}

// each is a list in JSON, which may be missing.
func each(t testing.TB, v any, path ...any) (list []object) {
	t.Helper()
	items, _ := at(t, v, path...).([]any)
	for _, item := range items {
		list = append(list, item.(object))
	}
	return list
}

// show asks through GraphQL as the back office.
func (w *world) show(query string, variables object) object {
	w.Helper()
	data, err := w.ask(staff, query, variables)
	if err != nil {
		w.Fatal(err)
	}
	return data
}

// find asks Stream's API for something, nil if there is none.
func (w *world) find(method, path string, body any) object {
	w.Helper()
	data, err := w.rest(method, path, body)
	if refused, is := errors.AsType[*refusal](err); is && refused.code == "16" {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return data
}

const none = "none"

func (w *world) history(channel string) []object {
	w.Helper()
	data, err := w.ask(staff, `query($cid:String!){messages(cid:$cid,first:200){nodes{id seq text sender{id} attachments{assetUrl}
		mentionedUsers{id} reactions{type count} editedAt pinnedAt deletedAt}}}`, object{"cid": w.cid(channel)})
	if err != nil {
		return nil
	}
	return each(w, data, "messages", "nodes")
}

func (w *world) seq(channel, label string) any {
	for _, m := range w.history(channel) {
		if m["id"] == w.message(label) {
			return m["seq"]
		}
	}
	return 1
}

// said is a message: its sender, its content and its state.
func said(label string) view { return saidIn("room", label) }

func saidIn(channel, label string) view {
	return view{
		name: label,
		graph: func(w *world) string {
			for _, m := range w.history(channel) {
				if m["id"] == w.message(label) {
					return w.sentence(m, "sender", "assetUrl", "mentionedUsers", reactionCounts(w, m), m["editedAt"] != nil, m["pinnedAt"] != nil, m["deletedAt"] != nil)
				}
			}
			return none
		},
		stream: func(w *world) string {
			data := w.find("GET", "/chat/messages/"+w.message(label), nil)
			if data == nil {
				return none
			}
			m := data["message"].(object)
			counts, _ := m["reaction_counts"].(object)
			return w.sentence(m, "user", "asset_url", "mentioned_users", counts, m["message_text_updated_at"] != nil, m["pinned"] == true, m["deleted_at"] != nil)
		},
	}
}

func reactionCounts(w *world, m object) object {
	counts := object{}
	for _, r := range each(w, m, "reactions") {
		counts[r["type"].(string)] = r["count"]
	}
	return counts
}

func (w *world) sentence(m object, sender, address, mentions string, reactions object, edited, pinned, deleted bool) string {
	parts := []string{w.name(at(w, m, sender, "id").(string)) + ":"}
	if deleted {
		parts = append(parts, "deleted")
	}
	if m["text"] != "" {
		parts = append(parts, fmt.Sprintf("%q", m["text"]))
	}
	for _, a := range each(w, m, "attachments") {
		parts = append(parts, "with", fmt.Sprint(a[address]))
	}
	for _, u := range each(w, m, mentions) {
		parts = append(parts, "@"+w.name(u["id"].(string)))
	}
	for _, word := range slices.Sorted(maps.Keys(reactions)) {
		parts = append(parts, fmt.Sprintf("%s×%v", word, reactions[word]))
	}
	if edited {
		parts = append(parts, "edited")
	}
	if pinned {
		parts = append(parts, "pinned")
	}
	return strings.Join(parts, " ")
}

// counted is the number of types of reactions to a message.
func counted(label string) view {
	return view{
		name: "reactions to " + label,
		graph: func(w *world) string {
			for _, m := range w.history("room") {
				if m["id"] == w.message(label) {
					return fmt.Sprint(len(each(w, m, "reactions")))
				}
			}
			return none
		},
		stream: func(w *world) string {
			data := w.find("GET", "/chat/messages/"+w.message(label), nil)
			return fmt.Sprint(len(at(w, data, "message", "reaction_counts").(object)))
		},
	}
}

// field is one field of a message as Stream's API shows it.
func field(label, name string) view {
	return view{name: name + " of " + label, stream: func(w *world) string {
		data := w.find("GET", "/chat/messages/"+w.message(label), nil)
		if data == nil {
			return none
		}
		return fmt.Sprint(data["message"].(object)[name])
	}}
}

// before is what a message said before it was changed or deleted.
func before(label string) view {
	return view{name: "before " + label, stream: func(w *world) string {
		data := w.find("POST", "/chat/messages/history", object{"filter": object{"message_id": w.message(label)}, "sort": []object{}})
		var texts []string
		for _, v := range each(w, data, "message_history") {
			texts = append(texts, fmt.Sprintf("%q", v["text"]))
		}
		return strings.Join(texts, " ")
	}}
}

// listed are the texts of a channel's messages that aren't deleted.
func listed(channel string) view {
	return view{
		name: "messages of " + channel,
		graph: func(w *world) string {
			var texts []string
			for _, m := range w.history(channel) {
				if m["deletedAt"] == nil {
					texts = append(texts, fmt.Sprintf("%q", m["text"]))
				}
			}
			return strings.Join(texts, " ")
		},
		stream: func(w *world) string {
			data := w.find("GET", "/chat/channels/"+path(w.cid(channel)), nil)
			var texts []string
			for _, m := range each(w, data, "messages") {
				if m["deleted_at"] == nil {
					texts = append(texts, fmt.Sprintf("%q", m["text"]))
				}
			}
			return strings.Join(texts, " ")
		},
	}
}

// channel is a channel: its name, who made it, how much is in it.
func channel(channel string) view {
	return view{
		name: channel,
		graph: func(w *world) string {
			c, _ := w.show(`query($cid:String!){channel(cid:$cid){cid name frozen messageCount memberCount createdBy lastMessageAt}}`,
				object{"cid": w.cid(channel)})["channel"].(object)
			if listed := w.inAll(channel); c == nil || listed != c["name"] {
				return fmt.Sprint(listed) // what only the list knows shows as a difference
			}
			return w.summary(c["name"], c["createdBy"], c["memberCount"], c["messageCount"], c["frozen"] == true, c["lastMessageAt"] != nil)
		},
		stream: func(w *world) string {
			data := w.find("GET", "/chat/channels/"+path(w.cid(channel)), nil)
			if data == nil {
				return none
			}
			c := data["channel"].(object)
			name := at(w, c, "custom", "name")
			if found := w.find("POST", "/chat/channels", object{"filter_conditions": object{"cid": w.cid(channel)}}); len(each(w, found, "channels")) != 1 ||
				at(w, found, "channels", 0, "channel", "custom", "name") != name {
				return fmt.Sprintf("found as %v", found)
			}
			return w.summary(name, at(w, c, "created_by", "id"), c["member_count"], c["message_count"], c["frozen"] == true, c["last_message_at"] != nil)
		},
	}
}

// inAll is the channel's name in the list of all.
func (w *world) inAll(channel string) any {
	for _, c := range each(w, w.show(`{allChannels{cid name}}`, nil), "allChannels") {
		if c["cid"] == w.cid(channel) {
			return c["name"]
		}
	}
	return none
}

func (w *world) summary(name, by, members, messages any, frozen, spoken bool) string {
	text := fmt.Sprintf("%v by %v, %v members, %v messages", name, w.name(fmt.Sprint(by)), members, messages)
	if spoken != (messages != 0.0) {
		text += fmt.Sprintf(", a last message: %v", spoken)
	}
	if frozen {
		text += ", frozen"
	}
	return text
}

// members are a channel's members.
func members(channel string) view {
	return view{
		name: "members of " + channel,
		graph: func(w *world) string {
			data, err := w.ask(staff, `query($cid:String!){members(cid:$cid){nodes{user{id}}}}`, object{"cid": w.cid(channel)})
			if err != nil {
				return none
			}
			var names []string
			for _, m := range each(w, data, "members", "nodes") {
				names = append(names, w.name(at(w, m, "user", "id").(string)))
			}
			return sorted(names)
		},
		stream: func(w *world) string {
			data := w.find("GET", "/chat/channels/"+path(w.cid(channel)), nil)
			if data == nil {
				return none
			}
			var names []string
			for _, m := range each(w, data, "members") {
				names = append(names, w.name(m["user_id"].(string)))
			}
			return sorted(names)
		},
	}
}

func sorted(names []string) string {
	slices.Sort(names)
	return strings.Join(names, " ")
}

// leads are the moderators of a channel.
func leads(channel string) view {
	return view{name: "moderators of " + channel, stream: func(w *world) string {
		var names []string
		for _, m := range each(w, w.find("GET", "/chat/channels/"+path(w.cid(channel)), nil), "members") {
			if m["channel_role"] == "channel_moderator" {
				names = append(names, w.name(m["user_id"].(string)))
			}
		}
		return sorted(names)
	}}
}

// progress is the last message that a member has read.
func progress(channel, member string) view {
	return view{
		name: "read by " + member,
		graph: func(w *world) string {
			data := w.show(`query($cid:String!){members(cid:$cid){nodes{user{id} readSeq}}}`, object{"cid": w.cid(channel)})
			for _, m := range each(w, data, "members", "nodes") {
				if at(w, m, "user", "id") == w.id(member) {
					return w.lastBefore(channel, m["readSeq"].(float64))
				}
			}
			return "no member"
		},
		stream: func(w *world) string {
			for _, r := range each(w, w.find("GET", "/chat/channels/"+path(w.cid(channel)), nil), "read") {
				if at(w, r, "user", "id") != w.id(member) {
					continue
				}
				if id, _ := r["last_read_message_id"].(string); id != "" {
					return w.name(id)
				}
				return "nothing"
			}
			return "no member"
		},
	}
}

func (w *world) lastBefore(channel string, seq float64) string {
	last := "nothing"
	for _, m := range w.history(channel) {
		if m["seq"].(float64) <= seq {
			last = w.name(m["id"].(string))
		}
	}
	return last
}

// unread counts what a member has not read.
func unread(channel, member string) view {
	return view{name: "unread by " + member, stream: func(w *world) string {
		for _, c := range each(w, w.find("GET", "/chat/unread?user_id="+w.id(member), nil), "channels") {
			if c["channel_id"] == w.cid(channel) {
				return fmt.Sprint(c["unread_count"])
			}
		}
		return "0"
	}}
}
