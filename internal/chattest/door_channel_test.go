package chattest_test

var channelRows = []row{
	{
		says: "a channel is made", act: create("loft", "Loft"),
		sees: []look{{channel("loft"), "Loft by clerk, 0 members, 0 messages"}}, desk: []string{"channel.created clerk in loft"},
	},
	{
		says: "making a channel leaves the one that is there", given: []act{create("loft", "Loft"), add("loft", "bob")},
		act: viaStream(create("loft", "Other")), sees: []look{{channel("loft"), "Loft by clerk, 1 members, 0 messages"}},
	},
	{
		says: "a new name shows in every list", given: []act{freeze(staff, "room"), send(staff, "room", "m1", "one")}, act: rename(staff, "room", "Salon"),
		sees: []look{{channel("room"), "Salon by clerk, 3 members, 1 messages, frozen"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "a new name leaves what else is known", given: []act{set("room", object{"team": "red", "color": "blue", "cooldown": 5})}, act: rename(staff, "room", "Salon"),
		sees: []look{{data("room", "team"), "red"}, {data("room", "cooldown"), "5"}, {data("room", "custom"), "map[color:blue name:Salon]"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "a name has 255 characters at most", act: rename(staff, "room", repeat("n", 256)), graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "a name has no control characters", act: rename(staff, "room", "a\u0007b"), graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "users rename nothing", act: viaGraphQL(rename("alice", "room", "Salon")), graph: "UNAUTHORIZED",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "a channel is frozen", act: freeze(staff, "room"),
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages, frozen"}, {mayWrite("alice", "room"), "no"}, {mayRead("alice", "room"), "yes"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "a frozen channel is opened", given: []act{freeze(staff, "room")}, act: thaw(staff, "room"),
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}, {mayWrite("alice", "room"), "yes"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "users freeze nothing", act: viaGraphQL(freeze("alice", "room")), graph: "UNAUTHORIZED",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "what isn't there isn't frozen", act: freeze(staff, "nowhere"), graph: "NOT_FOUND", stream: "16", sees: []look{{channel("nowhere"), none}},
	},
	{
		says:  "a deleted channel is gone with all that is in it",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like"), pin(staff, "m1"), ban(staff, "dave", "room")},
		act:   viaGraphQL(destroy(staff, "room")),
		sees: []look{
			{channel("room"), none}, {said("m1"), none}, {members("room"), none}, {mine("alice"), ""}, {bans("dave"), ""}, {unread("room", "bob"), "0"},
		},
		live: []string{"end NOT_FOUND"}, desk: []string{"channel.deleted clerk in room"},
	},
	{
		says:  "a server deletes in nobody's name",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "dave", "room")}, act: viaStream(destroy(staff, "room")),
		sees: []look{{channel("room"), none}, {said("m1"), none}, {members("room"), none}, {mine("alice"), ""}, {bans("dave"), ""}},
		live: []string{"end NOT_FOUND"}, desk: []string{"channel.deleted a server in room"},
	},
	{
		says:  "a channel that is made anew has nothing of the old one",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "dave", "room"), freeze(staff, "room"), read("bob", "room", ""), destroy(staff, "room")},
		act:   create("room", "Room"),
		sees:  []look{{channel("room"), "Room by clerk, 0 members, 0 messages"}, {listed("room"), ""}, {bans("dave"), ""}, {members("room"), ""}},
		live:  []string{"end UNAUTHORIZED"}, desk: []string{"channel.created clerk in room"},
	},
	{
		says: "many are deleted at once, with those that aren't there", act: viaGraphQL(destroy(staff, "room", "nowhere", "room")),
		sees: []look{{channel("room"), none}, {channel("hall"), "Hall by clerk, 0 members, 0 messages"}}, live: []string{"end NOT_FOUND"},
		desk: []string{"channel.deleted clerk in room"},
	},
	{
		says: "users delete nothing", act: viaGraphQL(destroy("alice", "room")), graph: "UNAUTHORIZED",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "what is taken away from a channel is gone for both doors", given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like"), pin(staff, "m1")},
		act:  call("POST", "/chat/channels/messaging/{room}/truncate", object{"user_id": "{clerk}", "hard_delete": true}),
		sees: []look{{listed("room"), ""}, {unread("room", "bob"), "0"}},
		live: []string{"channel.truncated clerk"}, desk: []string{"channel.truncated clerk in room"},
	},
}

var userRows = []row{
	{
		says: "a role shows everywhere, and is told to the back office", act: role(staff, "bob", "moderator"),
		sees: []look{{person("bob"), "Bob, moderator"}, {mayWrite("bob", "room"), "yes"}}, desk: []string{"user.updated bob"},
	},
	{
		says: "a role takes effect on the next action", given: []act{role(staff, "dave", "admin")}, act: send("dave", "room", "m1", "hello"),
		sees: []look{{said("m1"), `dave: "hello"`}, {mayRead("dave", "room"), "yes"}}, live: []string{`message.new dave m1 "hello"`},
	},
	{
		says: "a role that was taken away has no effect", given: []act{role(staff, "dave", "admin"), role(staff, "dave", "user")},
		act: viaGraphQL(send("dave", "room", "m1", "hello")), graph: "UNAUTHORIZED", sees: []look{{person("dave"), "Dave, user"}, {mayRead("dave", "room"), "no"}},
	},
	{
		says: "nobody has a role who isn't there", act: role(staff, "nobody", "admin"), graph: "NOT_FOUND", stream: "16", sees: []look{{person("nobody"), none}},
	},
	{
		says: "users give no roles", act: viaGraphQL(role("alice", "alice", "admin")), graph: "UNAUTHORIZED", sees: []look{{person("alice"), "Alice, user"}},
	},
	{
		says: "a role leaves the rest of a user", given: []act{call("PATCH", "/users", object{"users": []object{{"id": "{bob}", "set": object{"color": "blue", "teams": []string{"red"}}}}})},
		act: role(staff, "bob", "admin"), sees: []look{{person("bob"), "Bob, admin"}, {about("bob", "custom"), "map[color:blue]"}, {about("bob", "teams"), "[red]"}},
		desk: []string{"user.updated bob"},
	},
	{
		says: "a user's new name shows everywhere", given: []act{send("bob", "room", "m1", "hello")}, act: nameUser("bob", "Robert"),
		sees: []look{{person("bob"), "Robert, user"}},
	},
	{
		says: "a user's new name leaves the rest", given: []act{role(staff, "bob", "moderator"), call("PATCH", "/users", object{"users": []object{{"id": "{bob}", "set": object{"color": "blue"}}}})},
		act: nameUser("bob", "Robert"), sees: []look{{person("bob"), "Robert, moderator"}, {about("bob", "custom"), "map[color:blue]"}},
	},
	{
		says: "a name that is taken is refused where names are to be unique", given: []act{call("PATCH", "/app", object{"enforce_unique_usernames": "app"})},
		act: nameUser("bob", "ALICE"), graph: "INVALID_ARGUMENTS", stream: "6", sees: []look{{person("bob"), "Bob, user"}}, alone: true,
	},
	{
		says: "who was deleted isn't found, and is in no channel", given: []act{send("bob", "room", "m1", "one"), react("bob", "m1", "like")},
		act:  call("POST", "/users/delete", object{"user_ids": []string{"{bob}"}}),
		sees: []look{{person("bob"), none}, {members("room"), "alice carol"}, {channel("room"), "Room by clerk, 2 members, 1 messages"}},
		live: []string{"member.removed bob"}, desk: []string{"user.updated bob"},
	},
	{
		says:  "who was deleted for good leaves no message and no reaction",
		given: []act{send("bob", "room", "m1", "one"), send("alice", "room", "m2", "two"), react("bob", "m2", "like")},
		act:   call("POST", "/users/delete", object{"user_ids": []string{"{bob}"}, "user": "hard", "messages": "hard", "conversations": "hard"}),
		sees:  []look{{said("m2"), `alice: "two"`}, {listed("room"), `"two"`}, {members("room"), "alice carol"}, {person("bob"), none}},
		live:  []string{`message.deleted gone m1 ""`, "member.removed gone"}, desk: []string{"user.updated gone"}, gone: "bob",
	},
}
