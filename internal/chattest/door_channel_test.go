package chattest_test

var channelRows = []row{
	{
		says: "a channel is created", act: create("loft", "Loft"),
		sees: []look{{channel("loft"), "Loft by clerk, 0 members, 0 messages"}}, desk: []string{"channel.created clerk in loft"},
	},
	{
		says: "creating a channel that exists changes nothing", given: []act{create("loft", "Loft"), add("loft", "bob")},
		act: viaStream(create("loft", "Other")), sees: []look{{channel("loft"), "Loft by clerk, 1 members, 0 messages"}},
	},
	{
		says: "a new name is shown in every list", given: []act{freeze(staff, "room"), send(staff, "room", "m1", "one")}, act: rename(staff, "room", "Salon"),
		sees: []look{{channel("room"), "Salon by clerk, 3 members, 1 messages, frozen"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "a new name keeps the other data", given: []act{set("room", object{"team": "red", "color": "blue", "cooldown": 5})}, act: rename(staff, "room", "Salon"),
		sees: []look{{data("room", "team"), "red"}, {data("room", "cooldown"), "5"}, {data("room", "custom"), "map[color:blue name:Salon]"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "a name has at most 255 characters", act: rename(staff, "room", repeat("n", 256)), graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "a name can't have control characters", act: rename(staff, "room", "a\u0007b"), graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "users can't rename channels", act: viaGraphQL(rename("alice", "room", "Salon")), graph: "UNAUTHORIZED",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "a channel is frozen", act: freeze(staff, "room"),
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages, frozen"}, {mayWrite("alice", "room"), "no"}, {mayRead("alice", "room"), "yes"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "a channel is unfrozen", given: []act{freeze(staff, "room")}, act: thaw(staff, "room"),
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}, {mayWrite("alice", "room"), "yes"}},
		live: []string{"channel.updated clerk"}, desk: []string{"channel.updated clerk in room"},
	},
	{
		says: "users can't freeze channels", act: viaGraphQL(freeze("alice", "room")), graph: "UNAUTHORIZED",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "a channel that doesn't exist can't be frozen", act: freeze(staff, "nowhere"), graph: "NOT_FOUND", stream: "16", sees: []look{{channel("nowhere"), none}},
	},
	{
		says:  "deleting a channel deletes everything in it",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like"), pin(staff, "m1"), ban(staff, "dave", "room")},
		act:   viaGraphQL(destroy(staff, "room")),
		sees: []look{
			{channel("room"), none}, {said("m1"), none}, {members("room"), none}, {mine("alice"), ""}, {bans("dave"), ""}, {unread("room", "bob"), "0"},
		},
		live: []string{"end NOT_FOUND"}, desk: []string{"channel.deleted clerk in room"},
	},
	{
		says:  "a server can delete a channel without naming a user",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "dave", "room")}, act: viaStream(destroy(staff, "room")),
		sees: []look{{channel("room"), none}, {said("m1"), none}, {members("room"), none}, {mine("alice"), ""}, {bans("dave"), ""}},
		live: []string{"end NOT_FOUND"}, desk: []string{"channel.deleted a server in room"},
	},
	{
		says:  "a channel with the cid of a deleted one starts empty",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "dave", "room"), freeze(staff, "room"), read("bob", "room", ""), destroy(staff, "room")},
		act:   create("room", "Room"),
		sees:  []look{{channel("room"), "Room by clerk, 0 members, 0 messages"}, {listed("room"), ""}, {bans("dave"), ""}, {members("room"), ""}},
		live:  []string{"end UNAUTHORIZED"}, desk: []string{"channel.created clerk in room"},
	},
	{
		says: "deleting several channels ignores those that don't exist", act: viaGraphQL(destroy(staff, "room", "nowhere", "room")),
		sees: []look{{channel("room"), none}, {channel("hall"), "Hall by clerk, 0 members, 0 messages"}}, live: []string{"end NOT_FOUND"},
		desk: []string{"channel.deleted clerk in room"},
	},
	{
		says: "users can't delete channels", act: viaGraphQL(destroy("alice", "room")), graph: "UNAUTHORIZED",
		sees: []look{{channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "truncating a channel removes its messages from both APIs", given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like"), pin(staff, "m1")},
		act:  call("POST", "/chat/channels/messaging/{room}/truncate", object{"user_id": "{clerk}", "hard_delete": true}),
		sees: []look{{listed("room"), ""}, {unread("room", "bob"), "0"}},
		live: []string{"channel.truncated clerk"}, desk: []string{"channel.truncated clerk in room"},
	},
}

var userRows = []row{
	{
		says: "a role is shown everywhere, and its change is an event for the back office", act: role(staff, "bob", "moderator"),
		sees: []look{{person("bob"), "Bob, moderator"}, {mayWrite("bob", "room"), "yes"}}, desk: []string{"user.updated bob"},
	},
	{
		says: "a role takes effect with the next action", given: []act{role(staff, "dave", "admin")}, act: send("dave", "room", "m1", "hello"),
		sees: []look{{said("m1"), `dave: "hello"`}, {mayRead("dave", "room"), "yes"}}, live: []string{`message.new dave m1 "hello"`},
	},
	{
		says: "a role that was removed has no effect", given: []act{role(staff, "dave", "admin"), role(staff, "dave", "user")},
		act: viaGraphQL(send("dave", "room", "m1", "hello")), graph: "UNAUTHORIZED", sees: []look{{person("dave"), "Dave, user"}, {mayRead("dave", "room"), "no"}},
	},
	{
		says: "a user who doesn't exist can't get a role", act: role(staff, "nobody", "admin"), graph: "NOT_FOUND", stream: "16", sees: []look{{person("nobody"), none}},
	},
	{
		says: "a deleted user can't get a role", given: []act{call("POST", "/users/delete", object{"user_ids": []string{"{dave}"}})},
		act: role(staff, "dave", "admin"), graph: "NOT_FOUND", stream: "4", sees: []look{{person("dave"), none}},
	},
	{
		says: "a role must exist", act: viaStream(role(staff, "bob", "captain")), stream: "4", sees: []look{{person("bob"), "Bob, user"}},
	},
	{
		says: "users can't set roles", act: viaGraphQL(role("alice", "alice", "admin")), graph: "UNAUTHORIZED", sees: []look{{person("alice"), "Alice, user"}},
	},
	{
		says: "a new role keeps a user's other data", given: []act{call("PATCH", "/users", object{"users": []object{{"id": "{bob}", "set": object{"color": "blue", "teams": []string{"red"}}}}})},
		act: role(staff, "bob", "admin"), sees: []look{{person("bob"), "Bob, admin"}, {about("bob", "custom"), "map[color:blue]"}, {about("bob", "teams"), "[red]"}},
		desk: []string{"user.updated bob"},
	},
	{
		says: "a user's new name is shown everywhere", given: []act{send("bob", "room", "m1", "hello")}, act: nameUser("bob", "Robert"),
		sees: []look{{person("bob"), "Robert, user"}},
	},
	{
		says: "a user's new name keeps the other data", given: []act{role(staff, "bob", "moderator"), call("PATCH", "/users", object{"users": []object{{"id": "{bob}", "set": object{"color": "blue"}}}})},
		act: nameUser("bob", "Robert"), sees: []look{{person("bob"), "Robert, moderator"}, {about("bob", "custom"), "map[color:blue]"}},
	},
	{
		says: "a name that is taken is refused if names must be unique", given: []act{call("PATCH", "/app", object{"enforce_unique_usernames": "app"})},
		act: nameUser("bob", "ALICE"), graph: "INVALID_ARGUMENTS", stream: "6", sees: []look{{person("bob"), "Bob, user"}}, alone: true,
	},
	{
		says: "a deleted user isn't listed and is no member", given: []act{send("bob", "room", "m1", "one"), react("bob", "m1", "like")},
		act:  call("POST", "/users/delete", object{"user_ids": []string{"{bob}"}}),
		sees: []look{{person("bob"), none}, {members("room"), "alice carol"}, {channel("room"), "Room by clerk, 2 members, 1 messages"}},
		live: []string{"member.removed bob"}, desk: []string{"user.updated bob"},
	},
	{
		says:  "a permanently deleted user leaves no messages and reactions",
		given: []act{send("bob", "room", "m1", "one"), send("alice", "room", "m2", "two"), react("bob", "m2", "like")},
		act:   call("POST", "/users/delete", object{"user_ids": []string{"{bob}"}, "user": "hard", "messages": "hard", "conversations": "hard"}),
		sees:  []look{{said("m2"), `alice: "two"`}, {listed("room"), `"two"`}, {members("room"), "alice carol"}, {person("bob"), none}},
		live:  []string{`message.deleted gone m1 ""`, "member.removed gone"}, desk: []string{"user.updated gone"}, gone: "bob",
	},
}
