package chattest_test

import "time"

var writingRows = []row{
	{
		says: "a non-member can't send to a channel for members", act: viaGraphQL(send("dave", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayWrite("dave", "room"), "no"}, {mayRead("dave", "room"), "no"}},
	},
	{
		says: "anybody can send to a livestream", act: send("dave", "hall", "m1", "hello"),
		sees: []look{{saidIn("hall", "m1"), `dave: "hello"`}, {mayRead("dave", "hall"), "yes"}},
	},
	{
		says: "users can't send to a frozen channel", given: []act{freeze(staff, "room")}, act: viaGraphQL(send("alice", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayRead("alice", "room"), "yes"}},
	},
	{
		says: "the back office can send to a frozen channel", given: []act{freeze(staff, "room")}, act: send(staff, "room", "m1", "hello"),
		sees: []look{{said("m1"), `clerk: "hello"`}}, live: []string{`message.new clerk m1 "hello"`},
	},
	{
		says:  "moderators can send to a frozen channel",
		given: []act{freeze(staff, "room"), role(staff, "bob", "moderator")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{said("m1"), `bob: "hello"`}}, live: []string{`message.new bob m1 "hello"`},
	},
	{
		says: "users can send to a channel that is no longer frozen", given: []act{freeze(staff, "room"), thaw(staff, "room")}, act: send("alice", "room", "m1", "hello"),
		sees: []look{{said("m1"), `alice: "hello"`}}, live: []string{`message.new alice m1 "hello"`},
	},
	{
		says: "a user banned from a channel can't send there", given: []act{ban(staff, "alice", "room")}, act: viaGraphQL(send("alice", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayWrite("alice", "hall"), "yes"}},
	},
	{
		says: "a user banned everywhere can't send anywhere", given: []act{ban(staff, "alice", "")}, act: viaGraphQL(send("alice", "hall", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("hall"), ""}, {mayWrite("alice", "room"), "no"}},
	},
	{
		says: "a muted user can read but not send", given: []act{mute(staff, "alice", "room")}, act: viaGraphQL(send("alice", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayRead("alice", "room"), "yes"}, {mayWrite("alice", "hall"), "yes"}},
	},
	{
		says:  "a ban of a moderator has no effect while the role lasts",
		given: []act{role(staff, "bob", "moderator"), ban(staff, "bob", "room")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{said("m1"), `bob: "hello"`}}, live: []string{`message.new bob m1 "hello"`},
	},
	{
		says:  "moderators can't use a disabled channel",
		given: []act{role(staff, "bob", "moderator"), set("room", object{"disabled": true})}, act: viaGraphQL(send("bob", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayRead("bob", "room"), "no"}}, live: []string{"end UNAUTHORIZED"},
	},
	{
		says:  "a second message has to wait for the channel's cooldown",
		given: []act{set("room", object{"cooldown": 60}), send("alice", "room", "m1", "one")}, act: viaGraphQL(send("alice", "room", "m2", "two")),
		graph: "RATE_LIMITED", sees: []look{{listed("room"), `"one"`}},
	},
	{
		says:  "a cooldown applies to each user separately",
		given: []act{set("room", object{"cooldown": 60}), send("alice", "room", "m1", "one")}, act: send("bob", "room", "m2", "two"),
		sees: []look{{listed("room"), `"one" "two"`}}, live: []string{`message.new bob m2 "two"`},
	},
	{
		says:  "a user can send again after the cooldown",
		given: []act{set("room", object{"cooldown": 60}), send("alice", "room", "m1", "one"), wait(time.Minute)}, act: send("alice", "room", "m2", "two"),
		sees: []look{{listed("room"), `"one" "two"`}}, live: []string{`message.new alice m2 "two"`}, alone: true,
	},
	{
		says:  "moderators are exempt from cooldowns",
		given: []act{role(staff, "bob", "moderator"), set("room", object{"cooldown": 60}), send("bob", "room", "m1", "one")}, act: send("bob", "room", "m2", "two"),
		sees: []look{{listed("room"), `"one" "two"`}}, live: []string{`message.new bob m2 "two"`},
	},
	{
		says: "a deactivated user can't send", given: []act{call("POST", "/users/{alice}/deactivate", nil)}, act: send("alice", "room", "m1", "hello"),
		graph: "UNAUTHORIZED", stream: "17", sees: []look{{listed("room"), ""}, {mayRead("alice", "room"), "no"}},
	},
	{
		says:  "a reactivated user can send",
		given: []act{call("POST", "/users/{alice}/deactivate", nil), call("POST", "/users/{alice}/reactivate", nil)}, act: send("alice", "room", "m1", "hello"),
		sees: []look{{said("m1"), `alice: "hello"`}}, live: []string{`message.new alice m1 "hello"`},
	},
	{
		says: "a deleted user can't send", given: []act{call("POST", "/users/delete", object{"user_ids": []string{"{alice}"}})},
		act: send("alice", "hall", "m1", "hello"), graph: "UNAUTHORIZED", stream: "4",
		sees: []look{{listed("hall"), ""}, {members("room"), "bob carol"}, {mayRead("alice", "hall"), "no"}},
	},
}

var readingRows = []row{
	{
		says:  "a member marks all messages as read",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two")}, act: read("bob", "room", ""),
		sees: []look{{progress("room", "bob"), "m2"}, {unread("room", "bob"), "0"}, {progress("room", "carol"), "nothing"}, {unread("room", "carol"), "2"}},
		live: []string{"message.read bob"},
	},
	{
		says:  "a member marks the messages up to one as read",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two")}, act: read("bob", "room", "m1"),
		sees: []look{{progress("room", "bob"), "m1"}, {unread("room", "bob"), "1"}}, live: []string{"message.read bob"},
	},
	{
		says:  "a read mark never moves back",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two"), read("bob", "room", "m2")}, act: read("bob", "room", "m1"),
		sees: []look{{progress("room", "bob"), "m2"}, {unread("room", "bob"), "0"}},
	},
	{
		says: "a user's own messages are never unread", given: []act{send("bob", "room", "m1", "one")}, act: send("alice", "room", "m2", "two"),
		sees: []look{{unread("room", "bob"), "1"}, {unread("room", "alice"), "1"}}, live: []string{`message.new alice m2 "two"`},
	},
	{
		says:  "a non-member has no read mark",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(read("dave", "room", "")),
		graph: "UNAUTHORIZED", sees: []look{{progress("room", "dave"), "no member"}},
	},
	{
		says:  "a banned user can't mark messages as read",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "bob", "room")}, act: viaGraphQL(read("bob", "room", "")),
		graph: "UNAUTHORIZED", sees: []look{{progress("room", "bob"), "nothing"}},
	},
	{
		says: "a channel that doesn't exist can't be marked as read", act: read("alice", "nowhere", ""), graph: "UNAUTHORIZED", stream: "16",
	},
	{
		says:  "a member marks a message as unread",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two"), read("bob", "room", "m2")},
		act:   call("POST", "/chat/channels/messaging/{room}/unread", object{"user_id": "{bob}", "message_id": "{m2}"}),
		sees:  []look{{progress("room", "bob"), "m1"}, {unread("room", "bob"), "1"}}, live: []string{"message.read bob"},
	},
}

var banRows = []row{
	{
		says: "a ban from a channel is an event there and for the back office", act: ban(staff, "bob", "room"),
		sees: []look{
			{bans("bob"), "room by clerk"}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "room"), "no"}, {mayWrite("bob", "hall"), "yes"},
		},
		live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a ban everywhere is an event for the back office", act: ban(staff, "bob", ""),
		sees: []look{{bans("bob"), "everywhere by clerk"}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "hall"), "no"}, {mayEnter("bob"), "no"}},
		desk: []string{"user.banned bob"},
	},
	{
		says: "a ban from a channel ends subscriptions to it", act: ban(staff, "carol", "room"), sees: []look{{bans("carol"), "room by clerk"}},
		live: []string{"end UNAUTHORIZED"}, desk: []string{"user.banned carol in room"},
	},
	{
		says: "a ban everywhere ends subscriptions", act: ban(staff, "carol", ""), sees: []look{{bans("carol"), "everywhere by clerk"}},
		live: []string{"end UNAUTHORIZED"}, desk: []string{"user.banned carol"},
	},
	{
		says: "a temporary ban ends by itself", given: []act{banFor(staff, "bob", "room", 60), wait(2 * time.Hour)}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{bans("bob"), ""}, {said("m1"), `bob: "hello"`}}, live: []string{`message.new bob m1 "hello"`}, alone: true,
	},
	{
		says: "a temporary ban applies until it ends", act: banFor(staff, "bob", "room", 60),
		sees: []look{{bans("bob"), "room by clerk for a time"}, {mayWrite("bob", "room"), "no"}},
		live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a second ban replaces the end of the first", given: []act{banFor(staff, "bob", "room", 60)}, act: ban(staff, "bob", "room"),
		sees: []look{{bans("bob"), "room by clerk"}}, live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a user who doesn't exist can't be banned", act: ban(staff, "nobody", "room"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "nobody can be banned from a channel that doesn't exist", act: ban(staff, "bob", "nowhere"), graph: "NOT_FOUND", stream: "16", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "users can't ban", act: viaGraphQL(ban("alice", "bob", "room")), graph: "UNAUTHORIZED", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "users can't ban everywhere", act: viaGraphQL(ban("alice", "bob", "")), graph: "UNAUTHORIZED", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "a channel's moderator can ban there", given: []act{promote("room", "alice")}, act: ban("alice", "bob", "room"),
		sees: []look{{bans("bob"), "room by alice"}}, live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a channel's moderator can't ban everywhere", given: []act{promote("room", "alice")}, act: viaGraphQL(ban("alice", "bob", "")),
		graph: "UNAUTHORIZED", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "a lifted ban is over", given: []act{ban(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "a ban everywhere can be lifted", given: []act{ban(staff, "bob", "")}, act: unban(staff, "bob", ""),
		sees: []look{{bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}, {mayEnter("bob"), "yes"}}, desk: []string{"user.unbanned bob"},
	},
	{
		says: "lifting one of two bans keeps the other", given: []act{ban(staff, "bob", ""), ban(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{bans("bob"), "everywhere by clerk"}, {mayWrite("bob", "room"), "no"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "lifting a ban that doesn't exist does nothing", act: unban(staff, "bob", "room"), sees: []look{{bans("bob"), ""}},
	},
	{
		says: "lifting a ban of a user who doesn't exist is refused", act: unban(staff, "nobody", "room"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "users can't lift bans", given: []act{ban(staff, "bob", "room")}, act: viaGraphQL(unban("alice", "bob", "room")),
		graph: "UNAUTHORIZED", sees: []look{{bans("bob"), "room by clerk"}},
	},
	{
		says: "a shadow ban is no event", act: shadowBan(staff, "bob", "room"),
		sees: []look{{shadows("bob"), "room by clerk"}, {bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}},
	},
	{
		says: "lifting a ban also lifts a shadow ban", given: []act{shadowBan(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{shadows("bob"), ""}},
	},
	{
		says: "lifting a ban everywhere also lifts a shadow ban everywhere", given: []act{shadowBan(staff, "bob", "")}, act: unban(staff, "bob", ""),
		sees: []look{{shadows("bob"), ""}},
	},
	{
		says: "a ban replaces a shadow ban", given: []act{shadowBan(staff, "bob", "room")}, act: ban(staff, "bob", "room"),
		sees: []look{{shadows("bob"), ""}, {bans("bob"), "room by clerk"}},
		live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a shadow ban replaces a ban", given: []act{ban(staff, "bob", "room")}, act: shadowBan(staff, "bob", "room"),
		sees: []look{{shadows("bob"), "room by clerk"}, {bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "a mute in a channel is an event there and for the back office", act: mute(staff, "bob", "room"),
		sees: []look{{mutes("bob"), "room by clerk"}, {bans("bob"), ""}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "room"), "yes"}},
		live: []string{"user.muted bob"}, desk: []string{"user.muted bob in room"},
	},
	{
		says: "a mute can be lifted", given: []act{mute(staff, "bob", "")}, act: unmute(staff, "bob", ""),
		sees: []look{{mutes("bob"), ""}, {mayWrite("bob", "room"), "yes"}}, desk: []string{"user.unmuted bob"},
	},
	{
		says: "lifting a ban keeps a mute", given: []act{mute(staff, "bob", "room"), ban(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{mutes("bob"), "room by clerk"}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "room"), "yes"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "users can't mute", act: mute("alice", "bob", "room"), graph: "UNAUTHORIZED", sees: []look{{mutes("bob"), ""}},
	},
}

var memberRows = []row{
	{
		says: "a user becomes a member", act: add("room", "dave"),
		sees: []look{
			{members("room"), "alice bob carol dave"}, {channel("room"), "Room by clerk, 4 members, 0 messages"},
			{mine("dave"), "room"}, {mayWrite("dave", "room"), "yes"},
		},
		live: []string{"member.added dave"},
	},
	{
		says: "adding a member again changes nothing", act: add("room", "bob"), sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "if one of several users doesn't exist, none becomes a member", act: add("room", "dave", "nobody"),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "a channel that doesn't exist can't get members", act: add("nowhere", "bob"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "users can't add members", act: viaGraphQL(addAs("alice", "room", "dave")), graph: "UNAUTHORIZED", sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "a member is removed", act: expel(staff, "room", "bob"),
		sees: []look{
			{members("room"), "alice carol"}, {channel("room"), "Room by clerk, 2 members, 0 messages"}, {mine("bob"), ""}, {mayRead("bob", "room"), "no"},
		},
		live: []string{"member.removed bob"},
	},
	{
		says: "removing a non-member changes nothing", act: expel(staff, "room", "dave"), sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "removing a member ends its subscriptions to the channel", act: expel(staff, "room", "carol"), sees: []look{{members("room"), "alice bob"}},
		live: []string{"end UNAUTHORIZED"},
	},
	{
		says: "users can't remove members", act: viaGraphQL(expel("alice", "room", "bob")), graph: "UNAUTHORIZED", sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says:  "a member who comes back has no read mark and no role",
		given: []act{send("alice", "room", "m1", "one"), read("bob", "room", "m1"), promote("room", "bob"), expel(staff, "room", "bob")}, act: add("room", "bob"),
		sees: []look{{progress("room", "bob"), "nothing"}, {leads("room"), ""}}, live: []string{"member.added bob"},
	},
	{
		says: "a channel's moderator can moderate through GraphQL", given: []act{promote("room", "alice")}, act: expel("alice", "room", "bob"),
		sees: []look{{members("room"), "alice carol"}, {leads("room"), "alice"}}, live: []string{"member.removed bob"},
	},
	{
		says: "a promotion is an event in the channel", act: promote("room", "alice"),
		sees: []look{{leads("room"), "alice"}, {members("room"), "alice bob carol"}}, live: []string{"member.updated alice"},
	},
	{
		says: "a demoted moderator can't moderate", given: []act{promote("room", "alice"), demote("room", "alice")},
		act: viaGraphQL(freeze("alice", "room")), graph: "UNAUTHORIZED", sees: []look{{leads("room"), ""}},
	},
	{
		says: "adding a channel's moderator again keeps its role", given: []act{promote("room", "alice")}, act: add("room", "alice"),
		sees: []look{{leads("room"), "alice"}},
	},
	{
		says: "a channel's moderator can't moderate other channels", given: []act{promote("room", "alice")}, act: viaGraphQL(freeze("alice", "hall")),
		graph: "UNAUTHORIZED", sees: []look{{channel("hall"), "Hall by clerk, 0 members, 0 messages"}},
	},
}
