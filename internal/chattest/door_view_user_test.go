package chattest_test

import (
	"fmt"
	"strings"
)

// bans are the bans of a user: where, and by whom. Only Stream's API shows shadow bans, see
// [shadows].
func bans(target string) view {
	return view{
		name: "bans of " + target,
		graph: func(w *world) string {
			var list []string
			for _, u := range w.user(target) {
				if b, banned := u["ban"].(object); banned {
					list = append(list, w.ban("everywhere", b["by"], b["until"]))
				}
			}
			for _, channel := range []string{"room", "hall"} {
				data, err := w.ask(staff, `query($cid:String!){restrictions(cid:$cid){kind user{id} by until}}`, object{"cid": w.cid(channel)})
				if err != nil {
					continue
				}
				for _, r := range each(w, data, "restrictions") {
					if r["kind"] == "BAN" && at(w, r, "user", "id") == w.id(target) {
						list = append(list, w.ban(channel, r["by"], r["until"]))
					}
				}
			}
			return sorted(list)
		},
		stream: func(w *world) string { return w.banned(target, false) },
	}
}

func shadows(target string) view {
	return view{name: "shadow bans of " + target, stream: func(w *world) string { return w.banned(target, true) }}
}

func (w *world) ban(where string, by, until any) string {
	text := fmt.Sprintf("%s by %v", where, w.name(fmt.Sprint(by)))
	if until != nil {
		text += " for a time"
	}
	return text
}

func (w *world) banned(target string, shadow bool) string {
	payload := fmt.Sprintf(`{"filter_conditions":{"user_id":%q},"exclude_expired_bans":true}`, w.id(target))
	var list []string
	for _, b := range each(w, w.find("GET", "/chat/query_banned_users?payload="+payload, nil), "bans") {
		if b["shadow"] != shadow {
			continue
		}
		where := "everywhere"
		if c, inChannel := b["channel"].(object); inChannel {
			where = w.name(c["id"].(string))
		}
		list = append(list, w.ban(where, at(w, b, "banned_by", "id"), b["expires"]))
	}
	return sorted(list)
}

// mutes are where a user may not write; only GraphQL has them.
func mutes(target string) view {
	return view{name: "mutes of " + target, graph: func(w *world) string {
		var list []string
		for _, u := range w.user(target) {
			if m, muted := u["mute"].(object); muted {
				list = append(list, w.ban("everywhere", m["by"], m["until"]))
			}
		}
		for _, r := range each(w, w.show(`query($cid:String!){restrictions(cid:$cid){kind user{id} by until}}`, object{"cid": w.cid("room")}), "restrictions") {
			if r["kind"] == "MUTE" && at(w, r, "user", "id") == w.id(target) {
				list = append(list, w.ban("room", r["by"], r["until"]))
			}
		}
		return sorted(list)
	}}
}

// user is somebody as the list of users has it, which is empty for nobody.
func (w *world) user(who string) []object {
	return each(w, w.show(`query($ids:[String!]){chatUsers(ids:$ids){nodes{id name role ban{by until} mute{by until}}}}`,
		object{"ids": []string{w.id(who)}}), "chatUsers", "nodes")
}

// person is somebody's name and role.
func person(who string) view {
	return view{
		name: who,
		graph: func(w *world) string {
			for _, u := range w.user(who) {
				return fmt.Sprintf("%v, %s", u["name"], strings.ToLower(u["role"].(string)))
			}
			return none
		},
		stream: func(w *world) string {
			payload := fmt.Sprintf(`{"filter_conditions":{"id":%q}}`, w.id(who))
			for _, u := range each(w, w.find("GET", "/users?payload="+payload, nil), "users") {
				return fmt.Sprintf("%v, %v", u["name"], u["role"])
			}
			return none
		},
	}
}

// mayWrite is whether a user may write to a channel through GraphQL. Typing has the same
// rule and leaves no trace.
func mayWrite(who, channel string) view {
	return view{name: who + " may write to " + channel, graph: func(w *world) string {
		_, err := w.ask(who, `mutation($cid:String!){sendTyping(input:{cid:$cid,typing:true}){cid}}`, object{"cid": w.cid(channel)})
		return verdict(err)
	}}
}

func mayRead(who, channel string) view {
	return view{name: who + " may read " + channel, graph: func(w *world) string {
		_, err := w.ask(who, `query($cid:String!){channel(cid:$cid){cid}}`, object{"cid": w.cid(channel)})
		return verdict(err)
	}}
}

// mayEnter is whether a user may use the chat at all, outside of channels.
func mayEnter(who string) view {
	return view{name: who + " may enter", graph: func(w *world) string {
		_, err := w.ask(who, `{myChannels{nodes{id}}}`, nil)
		return verdict(err)
	}}
}

func verdict(err error) string {
	if err != nil {
		return "no"
	}
	return "yes"
}

// mine are the channels that somebody finds as its own.
func mine(who string) view {
	return view{
		name: "channels of " + who,
		graph: func(w *world) string {
			data, err := w.ask(who, `{myChannels{nodes{id}}}`, nil)
			if err != nil {
				return verdict(err)
			}
			var names []string
			for _, c := range each(w, data, "myChannels", "nodes") {
				names = append(names, w.name(c["id"].(string)))
			}
			return sorted(names)
		},
		stream: func(w *world) string {
			var names []string
			for _, c := range each(w, w.find("POST", "/chat/channels", object{"filter_conditions": object{"members": object{"$in": w.ids([]string{who})}}}), "channels") {
				names = append(names, w.name(at(w, c, "channel", "id").(string)))
			}
			return sorted(names)
		},
	}
}

// roleOf is somebody's role in the chat.
func roleOf(who string) view {
	both := person(who)
	role := func(show func(w *world) string) func(w *world) string {
		return func(w *world) string {
			text := show(w)
			return text[strings.LastIndex(text, " ")+1:]
		}
	}
	return view{name: "role of " + who, graph: role(both.graph), stream: role(both.stream)}
}

// shownTo is whether somebody finds a channel that it could have hidden.
func shownTo(who, channel string) view {
	return view{name: channel + " is shown to " + who, stream: func(w *world) string {
		found := w.find("POST", "/chat/channels", object{"filter_conditions": object{"cid": w.cid(channel)}, "user_id": w.id(who)})
		if len(each(w, found, "channels")) == 0 {
			return "no"
		}
		return "yes"
	}}
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// data is one field of a channel as Stream's API shows it.
func data(channel, name string) view {
	return view{name: name + " of " + channel, stream: func(w *world) string {
		c := w.find("GET", "/chat/channels/"+path(w.cid(channel)), nil)
		if c == nil {
			return none
		}
		return fmt.Sprint(at(w, c, "channel", name))
	}}
}

// about is one field of a user as Stream's API shows it.
func about(who, name string) view {
	return view{name: name + " of " + who, stream: func(w *world) string {
		payload := fmt.Sprintf(`{"filter_conditions":{"id":%q}}`, w.id(who))
		for _, u := range each(w, w.find("GET", "/users?payload="+payload, nil), "users") {
			return fmt.Sprint(u[name])
		}
		return none
	}}
}
