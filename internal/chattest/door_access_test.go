package chattest_test

import "time"

var writingRows = []row{
	{
		says: "who is no member sends nothing to a channel for members", act: viaGraphQL(send("dave", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayWrite("dave", "room"), "no"}, {mayRead("dave", "room"), "no"}},
	},
	{
		says: "everybody sends to a livestream", act: send("dave", "hall", "m1", "hello"),
		sees: []look{{saidIn("hall", "m1"), `dave: "hello"`}, {mayRead("dave", "hall"), "yes"}},
	},
	{
		says: "a frozen channel takes nothing from users", given: []act{freeze(staff, "room")}, act: viaGraphQL(send("alice", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayRead("alice", "room"), "yes"}},
	},
	{
		says: "a frozen channel takes messages from the back office", given: []act{freeze(staff, "room")}, act: send(staff, "room", "m1", "hello"),
		sees: []look{{said("m1"), `clerk: "hello"`}}, live: []string{`message.new clerk m1 "hello"`},
	},
	{
		says:  "a frozen channel takes messages from moderators",
		given: []act{freeze(staff, "room"), role(staff, "bob", "moderator")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{said("m1"), `bob: "hello"`}}, live: []string{`message.new bob m1 "hello"`},
	},
	{
		says: "a channel that was frozen takes messages again", given: []act{freeze(staff, "room"), thaw(staff, "room")}, act: send("alice", "room", "m1", "hello"),
		sees: []look{{said("m1"), `alice: "hello"`}}, live: []string{`message.new alice m1 "hello"`},
	},
	{
		says: "who is banned from a channel sends nothing there", given: []act{ban(staff, "alice", "room")}, act: viaGraphQL(send("alice", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayWrite("alice", "hall"), "yes"}},
	},
	{
		says: "who is banned everywhere sends nothing anywhere", given: []act{ban(staff, "alice", "")}, act: viaGraphQL(send("alice", "hall", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("hall"), ""}, {mayWrite("alice", "room"), "no"}},
	},
	{
		says: "who is muted sends nothing, and reads on", given: []act{mute(staff, "alice", "room")}, act: viaGraphQL(send("alice", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayRead("alice", "room"), "yes"}, {mayWrite("alice", "hall"), "yes"}},
	},
	{
		says:  "a ban of a moderator has no effect while the role lasts",
		given: []act{role(staff, "bob", "moderator"), ban(staff, "bob", "room")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{said("m1"), `bob: "hello"`}}, live: []string{`message.new bob m1 "hello"`},
	},
	{
		says:  "a disabled channel is closed to moderators too",
		given: []act{role(staff, "bob", "moderator"), set("room", object{"disabled": true})}, act: viaGraphQL(send("bob", "room", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{listed("room"), ""}, {mayRead("bob", "room"), "no"}}, live: []string{"end UNAUTHORIZED"},
	},
	{
		says:  "who sent a moment ago waits for the channel's cooldown",
		given: []act{set("room", object{"cooldown": 60}), send("alice", "room", "m1", "one")}, act: viaGraphQL(send("alice", "room", "m2", "two")),
		graph: "RATE_LIMITED", sees: []look{{listed("room"), `"one"`}},
	},
	{
		says:  "one user's cooldown doesn't hold for another",
		given: []act{set("room", object{"cooldown": 60}), send("alice", "room", "m1", "one")}, act: send("bob", "room", "m2", "two"),
		sees: []look{{listed("room"), `"one" "two"`}}, live: []string{`message.new bob m2 "two"`},
	},
	{
		says:  "after the cooldown one may send again",
		given: []act{set("room", object{"cooldown": 60}), send("alice", "room", "m1", "one"), wait(time.Minute)}, act: send("alice", "room", "m2", "two"),
		sees: []look{{listed("room"), `"one" "two"`}}, live: []string{`message.new alice m2 "two"`}, alone: true,
	},
	{
		says:  "moderators need not wait for a cooldown",
		given: []act{role(staff, "bob", "moderator"), set("room", object{"cooldown": 60}), send("bob", "room", "m1", "one")}, act: send("bob", "room", "m2", "two"),
		sees: []look{{listed("room"), `"one" "two"`}}, live: []string{`message.new bob m2 "two"`},
	},
	{
		says: "who is deactivated does nothing", given: []act{call("POST", "/users/{alice}/deactivate", nil)}, act: send("alice", "room", "m1", "hello"),
		graph: "UNAUTHORIZED", stream: "17", sees: []look{{listed("room"), ""}, {mayRead("alice", "room"), "no"}},
	},
	{
		says:  "who was reactivated is back",
		given: []act{call("POST", "/users/{alice}/deactivate", nil), call("POST", "/users/{alice}/reactivate", nil)}, act: send("alice", "room", "m1", "hello"),
		sees: []look{{said("m1"), `alice: "hello"`}}, live: []string{`message.new alice m1 "hello"`},
	},
	{
		says: "who was deleted does nothing", given: []act{call("POST", "/users/delete", object{"user_ids": []string{"{alice}"}})},
		act: send("alice", "hall", "m1", "hello"), graph: "UNAUTHORIZED", stream: "4",
		sees: []look{{listed("hall"), ""}, {members("room"), "bob carol"}, {mayRead("alice", "hall"), "no"}},
	},
}

var readingRows = []row{
	{
		says:  "a member has read all there is",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two")}, act: read("bob", "room", ""),
		sees: []look{{progress("room", "bob"), "m2"}, {unread("room", "bob"), "0"}, {progress("room", "carol"), "nothing"}, {unread("room", "carol"), "2"}},
		live: []string{"message.read bob"},
	},
	{
		says:  "a member has read up to a message",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two")}, act: read("bob", "room", "m1"),
		sees: []look{{progress("room", "bob"), "m1"}, {unread("room", "bob"), "1"}}, live: []string{"message.read bob"},
	},
	{
		says:  "reading never goes back",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two"), read("bob", "room", "m2")}, act: read("bob", "room", "m1"),
		sees: []look{{progress("room", "bob"), "m2"}, {unread("room", "bob"), "0"}},
	},
	{
		says: "one's own messages are not unread", given: []act{send("bob", "room", "m1", "one")}, act: send("alice", "room", "m2", "two"),
		sees: []look{{unread("room", "bob"), "1"}, {unread("room", "alice"), "1"}}, live: []string{`message.new alice m2 "two"`},
	},
	{
		says:  "who is no member has read nothing",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(read("dave", "room", "")),
		graph: "UNAUTHORIZED", sees: []look{{progress("room", "dave"), "no member"}},
	},
	{
		says:  "who is banned doesn't read on",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "bob", "room")}, act: viaGraphQL(read("bob", "room", "")),
		graph: "UNAUTHORIZED", sees: []look{{progress("room", "bob"), "nothing"}},
	},
	{
		says: "nobody reads a channel that isn't there", act: read("alice", "nowhere", ""), graph: "UNAUTHORIZED", stream: "16",
	},
	{
		says:  "a member has yet to read a message",
		given: []act{send("alice", "room", "m1", "one"), send("alice", "room", "m2", "two"), read("bob", "room", "m2")},
		act:   call("POST", "/chat/channels/messaging/{room}/unread", object{"user_id": "{bob}", "message_id": "{m2}"}),
		sees:  []look{{progress("room", "bob"), "m1"}, {unread("room", "bob"), "1"}}, live: []string{"message.read bob"},
	},
}

var banRows = []row{
	{
		says: "a ban from a channel is told there and to the back office", act: ban(staff, "bob", "room"),
		sees: []look{
			{bans("bob"), "room by clerk"}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "room"), "no"}, {mayWrite("bob", "hall"), "yes"},
		},
		live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a ban from all channels is told to the back office", act: ban(staff, "bob", ""),
		sees: []look{{bans("bob"), "everywhere by clerk"}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "hall"), "no"}},
		desk: []string{"user.banned bob"},
	},
	{
		says: "who is banned gets nothing more", act: ban(staff, "carol", "room"), sees: []look{{bans("carol"), "room by clerk"}},
		live: []string{"end UNAUTHORIZED"}, desk: []string{"user.banned carol in room"},
	},
	{
		says: "who is banned everywhere gets nothing more", act: ban(staff, "carol", ""), sees: []look{{bans("carol"), "everywhere by clerk"}},
		live: []string{"end UNAUTHORIZED"}, desk: []string{"user.banned carol"},
	},
	{
		says: "a ban for a time ends by itself", given: []act{banFor(staff, "bob", "room", 60), wait(2 * time.Hour)}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{bans("bob"), ""}, {said("m1"), `bob: "hello"`}}, live: []string{`message.new bob m1 "hello"`}, alone: true,
	},
	{
		says: "a ban for a time holds until then", act: banFor(staff, "bob", "room", 60),
		sees: []look{{bans("bob"), "room by clerk for a time"}, {mayWrite("bob", "room"), "no"}},
		live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a second ban says anew until when", given: []act{banFor(staff, "bob", "room", 60)}, act: ban(staff, "bob", "room"),
		sees: []look{{bans("bob"), "room by clerk"}}, live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "nobody bans who isn't there", act: ban(staff, "nobody", "room"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "nobody is banned from a channel that isn't there", act: ban(staff, "bob", "nowhere"), graph: "NOT_FOUND", stream: "16", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "users don't ban", act: viaGraphQL(ban("alice", "bob", "room")), graph: "UNAUTHORIZED", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "users don't ban from all channels", act: viaGraphQL(ban("alice", "bob", "")), graph: "UNAUTHORIZED", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "a channel's moderator bans there", given: []act{promote("room", "alice")}, act: ban("alice", "bob", "room"),
		sees: []look{{bans("bob"), "room by alice"}}, live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a channel's moderator bans nowhere else", given: []act{promote("room", "alice")}, act: viaGraphQL(ban("alice", "bob", "")),
		graph: "UNAUTHORIZED", sees: []look{{bans("bob"), ""}},
	},
	{
		says: "a ban that was lifted is over, whoever made it", given: []act{ban(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "a ban from all channels that was lifted is over", given: []act{ban(staff, "bob", "")}, act: unban(staff, "bob", ""),
		sees: []look{{bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}}, desk: []string{"user.unbanned bob"},
	},
	{
		says: "lifting one ban leaves the other", given: []act{ban(staff, "bob", ""), ban(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{bans("bob"), "everywhere by clerk"}, {mayWrite("bob", "room"), "no"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "lifting what isn't there is nothing", act: unban(staff, "bob", "room"), sees: []look{{bans("bob"), ""}},
	},
	{
		says: "lifting the ban of nobody is refused", act: unban(staff, "nobody", "room"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "users lift no bans", given: []act{ban(staff, "bob", "room")}, act: viaGraphQL(unban("alice", "bob", "room")),
		graph: "UNAUTHORIZED", sees: []look{{bans("bob"), "room by clerk"}},
	},
	{
		says: "a shadow ban is told to nobody", act: shadowBan(staff, "bob", "room"),
		sees: []look{{shadows("bob"), "room by clerk"}, {bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}},
	},
	{
		says: "a shadow ban ends when the ban is lifted", given: []act{shadowBan(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{shadows("bob"), ""}},
	},
	{
		says: "a shadow ban from all channels ends so too", given: []act{shadowBan(staff, "bob", "")}, act: unban(staff, "bob", ""),
		sees: []look{{shadows("bob"), ""}},
	},
	{
		says: "a ban takes the place of a shadow ban", given: []act{shadowBan(staff, "bob", "room")}, act: ban(staff, "bob", "room"),
		sees: []look{{shadows("bob"), ""}, {bans("bob"), "room by clerk"}},
		live: []string{"user.banned bob"}, desk: []string{"user.banned bob in room"},
	},
	{
		says: "a shadow ban takes the place of a ban", given: []act{ban(staff, "bob", "room")}, act: shadowBan(staff, "bob", "room"),
		sees: []look{{shadows("bob"), "room by clerk"}, {bans("bob"), ""}, {mayWrite("bob", "room"), "yes"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "a mute is told in the channel", act: mute(staff, "bob", "room"),
		sees: []look{{mutes("bob"), "room by clerk"}, {bans("bob"), ""}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "room"), "yes"}},
		live: []string{"user.muted bob"}, desk: []string{"user.muted bob in room"},
	},
	{
		says: "a mute that was lifted is over", given: []act{mute(staff, "bob", "")}, act: unmute(staff, "bob", ""),
		sees: []look{{mutes("bob"), ""}, {mayWrite("bob", "room"), "yes"}}, desk: []string{"user.unmuted bob"},
	},
	{
		says: "lifting a ban leaves a mute", given: []act{mute(staff, "bob", "room"), ban(staff, "bob", "room")}, act: unban(staff, "bob", "room"),
		sees: []look{{mutes("bob"), "room by clerk"}, {mayWrite("bob", "room"), "no"}, {mayRead("bob", "room"), "yes"}},
		live: []string{"user.unbanned bob"}, desk: []string{"user.unbanned bob in room"},
	},
	{
		says: "users don't mute", act: mute("alice", "bob", "room"), graph: "UNAUTHORIZED", sees: []look{{mutes("bob"), ""}},
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
		says: "who is a member already stays one", act: add("room", "bob"), sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "nobody becomes a member who is no chat user, nor who is named with it", act: add("room", "dave", "nobody"),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "there are no members of a channel that isn't there", act: add("nowhere", "bob"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "users add nobody", act: viaGraphQL(addAs("alice", "room", "dave")), graph: "UNAUTHORIZED", sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "a member goes", act: expel(staff, "room", "bob"),
		sees: []look{
			{members("room"), "alice carol"}, {channel("room"), "Room by clerk, 2 members, 0 messages"}, {mine("bob"), ""}, {mayRead("bob", "room"), "no"},
		},
		live: []string{"member.removed bob"},
	},
	{
		says: "who is no member can't go", act: expel(staff, "room", "dave"), sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says: "who is no member any more gets nothing more", act: expel(staff, "room", "carol"), sees: []look{{members("room"), "alice bob"}},
		live: []string{"end UNAUTHORIZED"},
	},
	{
		says: "users send nobody away", act: viaGraphQL(expel("alice", "room", "bob")), graph: "UNAUTHORIZED", sees: []look{{members("room"), "alice bob carol"}},
	},
	{
		says:  "who comes back begins anew",
		given: []act{send("alice", "room", "m1", "one"), read("bob", "room", "m1"), promote("room", "bob"), expel(staff, "room", "bob")}, act: add("room", "bob"),
		sees: []look{{progress("room", "bob"), "nothing"}, {leads("room"), ""}}, live: []string{"member.added bob"},
	},
	{
		says: "a channel's moderator has its rights through GraphQL", given: []act{promote("room", "alice")}, act: expel("alice", "room", "bob"),
		sees: []look{{members("room"), "alice carol"}, {leads("room"), "alice"}}, live: []string{"member.removed bob"},
	},
	{
		says: "a promotion is told in the channel", act: promote("room", "alice"),
		sees: []look{{leads("room"), "alice"}, {members("room"), "alice bob carol"}}, live: []string{"member.updated alice"},
	},
	{
		says: "who was demoted has its rights no longer", given: []act{promote("room", "alice"), demote("room", "alice")},
		act: viaGraphQL(freeze("alice", "room")), graph: "UNAUTHORIZED", sees: []look{{leads("room"), ""}},
	},
	{
		says: "who was a moderator is a plain member after GraphQL adds it again", given: []act{promote("room", "alice")}, act: add("room", "alice"),
		sees: []look{{leads("room"), "alice"}},
	},
	{
		says: "a channel's moderator has no rights elsewhere", given: []act{promote("room", "alice")}, act: viaGraphQL(freeze("alice", "hall")),
		graph: "UNAUTHORIZED", sees: []look{{channel("hall"), "Hall by clerk, 0 members, 0 messages"}},
	},
}
