package chattest_test

import "time"

const photo = "https://files.example/a.png"

var messageRows = []row{
	{
		says: "a member's message is shown to all members",
		act:  send("alice", "room", "m1", "hello"),
		sees: []look{
			{said("m1"), `alice: "hello"`}, {listed("room"), `"hello"`}, {channel("room"), "Room by clerk, 3 members, 1 messages"},
			{unread("room", "bob"), "1"}, {unread("room", "alice"), "0"}, {field("m1", "shadowed"), "false"},
		},
		live: []string{`message.new alice m1 "hello"`},
	},
	{
		says:  "messages are in the order in which they were sent",
		given: []act{send("alice", "room", "m1", "one"), send("bob", "room", "m2", "two")},
		act:   send("alice", "room", "m3", "three"),
		sees: []look{
			{listed("room"), `"one" "two" "three"`}, {channel("room"), "Room by clerk, 3 members, 3 messages"}, {unread("room", "carol"), "3"},
		},
		live: []string{`message.new alice m3 "three"`},
	},
	{
		says: "a message has a picture and mentions",
		act:  sendMessage("alice", "room", "m1", message{text: "look", picture: photo, mentions: []string{"bob", "carol"}}),
		sees: []look{{said("m1"), `alice: "look" with ` + photo + ` @bob @carol`}},
		live: []string{`message.new alice m1 "look"`},
	},
	{
		says: "a picture needs no text",
		act:  sendMessage("alice", "room", "m1", message{picture: photo}),
		sees: []look{{said("m1"), "alice: with " + photo}},
		live: []string{`message.new alice m1 ""`},
	},
	{
		says: "a message needs a text or an attachment", act: send("alice", "room", "m1", ""),
		graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{listed("room"), ""}, {channel("room"), "Room by clerk, 3 members, 0 messages"}},
	},
	{
		says: "nobody can send to a channel that doesn't exist", act: send(staff, "nowhere", "m1", "hello"),
		graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "the back office can mention only chat users", act: sendMessage(staff, "room", "m1", message{text: "hi", mentions: []string{"alice", "nobody"}}),
		graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{listed("room"), ""}, {person("nobody"), none}},
	},
	{
		says: "a user's mention of a user who isn't in the channel is left out", act: viaGraphQL(sendMessage("alice", "room", "m1", message{text: "hi", mentions: []string{"bob", "dave"}})),
		sees: []look{{said("m1"), `alice: "hi" @bob`}}, live: []string{`message.new alice m1 "hi"`},
	},
	{
		says: "a text has at most 5,000 characters", act: send("alice", "room", "m1", repeat("é", 5001)),
		graph: "INVALID_ARGUMENTS", stream: "20", sees: []look{{listed("room"), ""}},
	},
	{
		says: "a text can have 5,000 characters", act: send("alice", "hall", "m1", repeat("é", 5000)),
		sees: []look{{saidIn("hall", "m1"), `alice: "` + repeat("é", 5000) + `"`}},
	},
	{
		says:  "a channel's own limit applies to the back office too",
		given: []act{set("room", object{"config_overrides": object{"max_message_length": 4}})},
		act:   send(staff, "room", "m1", "hello"), graph: "INVALID_ARGUMENTS", stream: "20",
		sees: []look{{listed("room"), ""}},
	},
	{
		says:  "a channel without uploads refuses attachments",
		given: []act{set("room", object{"config_overrides": object{"uploads": false}})},
		act:   sendMessage("alice", "room", "m1", message{text: "look", picture: photo}), graph: "INVALID_ARGUMENTS", stream: "19",
		sees: []look{{listed("room"), ""}},
	},
	{
		says:  "a word on a block list is refused",
		given: blocked, act: send("alice", "room", "m1", "what a BADWORD it is"), graph: "INVALID_ARGUMENTS", stream: "73",
		sees: []look{{listed("room"), ""}}, alone: true,
	},
	{
		says: "sending makes the sender a chat user", act: send("erin", "hall", "m1", "hello"),
		sees: []look{{saidIn("hall", "m1"), `erin: "hello"`}, {mayWrite("erin", "hall"), "yes"}, {roleOf("erin"), "user"}},
	},
	{
		says:  "a new message shows a hidden channel again",
		given: []act{call("POST", "/chat/channels/messaging/{room}/hide", object{"user_id": "{bob}"})},
		act:   send("alice", "room", "m1", "hello"),
		sees:  []look{{shownTo("bob", "room"), "yes"}, {unread("room", "bob"), "1"}},
		live:  []string{`message.new alice m1 "hello"`},
	},
	{
		says:  "a shadow-banned user's messages are hidden from other users in both APIs",
		given: []act{shadowBan(staff, "bob", "room")}, act: send("bob", "room", "m1", "spam"),
		sees: []look{
			{said("m1"), `bob: "spam"`}, {field("m1", "shadowed"), "true"}, {unread("room", "carol"), "0"}, {mayWrite("bob", "room"), "yes"},
		},
	},
	{
		says:  "a shadow ban everywhere hides messages too",
		given: []act{shadowBan(staff, "bob", "")}, act: send("bob", "room", "m1", "spam"),
		sees: []look{{field("m1", "shadowed"), "true"}, {unread("room", "carol"), "0"}},
	},
	{
		says:  "a shadow ban in another channel hides nothing",
		given: []act{shadowBan(staff, "bob", "hall")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{field("m1", "shadowed"), "false"}},
		live: []string{`message.new bob m1 "hello"`},
	},
	{
		says:  "a shadow ban that was lifted hides nothing",
		given: []act{shadowBan(staff, "bob", "room"), unban(staff, "bob", "room")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{field("m1", "shadowed"), "false"}, {shadows("bob"), ""}},
		live: []string{`message.new bob m1 "hello"`},
	},
	{
		says:  "a hidden message stays hidden when it is edited",
		given: []act{shadowBan(staff, "bob", "room"), send("bob", "room", "m1", "spam")}, act: edit("bob", "m1", message{text: "more"}),
		sees: []look{{field("m1", "shadowed"), "true"}, {said("m1"), `bob: "more" edited`}},
	},
}

var blocked = []act{
	call("POST", "/blocklists", object{"name": "rude", "words": []string{"badword"}}),
	set("room", object{"config_overrides": object{"blocklist": "rude", "blocklist_behavior": "block"}}),
}

var changeRows = []row{
	{
		says:  "an edit is shown everywhere, and the earlier text is kept",
		given: []act{send("alice", "room", "m1", "one")}, act: edit("alice", "m1", message{text: "two"}),
		sees: []look{{said("m1"), `alice: "two" edited`}, {before("m1"), `"one"`}, {unread("room", "bob"), "1"}},
		live: []string{`message.updated alice m1 "two"`},
	},
	{
		says:  "an edit removes the old text's HTML",
		given: []act{viaStream(sendMessage("alice", "room", "m1", message{text: "10 euros", stream: object{"html": "<p>10 euros</p>", "mml": "<mml>10</mml>"}}))},
		act:   edit("alice", "m1", message{text: "12 euros"}),
		sees:  []look{{said("m1"), `alice: "12 euros" edited`}, {field("m1", "html"), ""}, {field("m1", "mml"), "<nil>"}},
		live:  []string{`message.updated alice m1 "12 euros"`},
	},
	{
		says:  "moderators can edit anybody's message",
		given: []act{send("alice", "room", "m1", "one"), role(staff, "bob", "moderator")}, act: edit("bob", "m1", message{text: "two"}),
		sees: []look{{said("m1"), `alice: "two" edited`}},
		live: []string{`message.updated bob m1 "two"`},
	},
	{
		says:  "an edit can change the mentions",
		given: []act{send("alice", "room", "m1", "one")}, act: edit("alice", "m1", message{text: "two", picture: photo, mentions: []string{"bob"}}),
		sees: []look{{said("m1"), `alice: "two" with ` + photo + ` @bob edited`}},
		live: []string{`message.updated alice m1 "two"`},
	},
	{
		says:  "an edit can mention only chat users",
		given: []act{send(staff, "room", "m1", "one")}, act: edit(staff, "m1", message{text: "two", mentions: []string{"nobody"}}),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{said("m1"), `clerk: "one"`}, {before("m1"), ""}},
	},
	{
		says:  "an edit by a user can't mention a user who isn't in the channel",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(edit("alice", "m1", message{text: "two", mentions: []string{"bob", "dave"}})),
		sees: []look{{said("m1"), `alice: "two" @bob edited`}}, live: []string{`message.updated alice m1 "two"`},
	},
	{
		says:  "an edit can't make a message empty",
		given: []act{send("alice", "room", "m1", "one")}, act: edit("alice", "m1", message{}),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "an edit can't exceed the maximum length",
		given: []act{send("alice", "room", "m1", "one"), set("room", object{"config_overrides": object{"max_message_length": 4}})},
		act:   edit("alice", "m1", message{text: "hello"}), graph: "INVALID_ARGUMENTS", stream: "20", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says: "an edit can't add a word on a block list", given: append([]act{send("alice", "room", "m1", "one")}, blocked...),
		act: edit("alice", "m1", message{text: "badword"}), graph: "INVALID_ARGUMENTS", stream: "73",
		sees: []look{{said("m1"), `alice: "one"`}}, alone: true,
	},
	{
		says:  "users can't edit other users' messages",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(edit("bob", "m1", message{text: "two"})),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "users can't edit in a frozen channel",
		given: []act{send("alice", "room", "m1", "one"), freeze(staff, "room")}, act: viaGraphQL(edit("alice", "m1", message{text: "two"})),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "a banned user can't edit",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "alice", "room")}, act: viaGraphQL(edit("alice", "m1", message{text: "two"})),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "a message can be edited only in its own channel",
		given: []act{send("alice", "hall", "m1", "one")}, act: viaGraphQL(edit(staff, "m1", message{text: "two"})),
		graph: "NOT_FOUND", sees: []look{{saidIn("hall", "m1"), `alice: "one"`}},
	},
	{
		says:  "a moderator can't edit a hidden message, since only the back office sees it",
		given: []act{role(staff, "dave", "moderator"), shadowBan(staff, "bob", "room"), send("bob", "room", "m1", "spam")},
		act:   viaGraphQL(edit("dave", "m1", message{text: "two"})), graph: "NOT_FOUND", sees: []look{{said("m1"), `bob: "spam"`}},
	},
	{
		says:  "a deleted message can't be edited",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: edit("alice", "m1", message{text: "two"}),
		graph: "NOT_FOUND", stream: "16", sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says: "a message that doesn't exist can't be edited", act: edit(staff, "m1", message{text: "two"}), graph: "NOT_FOUND", stream: "16",
	},
	{
		says:  "a deleted message is empty everywhere and keeps its place",
		given: []act{sendMessage("alice", "room", "m1", message{text: "one", picture: photo, mentions: []string{"bob"}}), send("bob", "room", "m2", "two")},
		act:   remove("alice", "m1"),
		sees: []look{
			{said("m1"), "alice: deleted"}, {listed("room"), `"two"`}, {channel("room"), "Room by clerk, 3 members, 2 messages"},
			{unread("room", "carol"), "1"},
		},
		live: []string{`message.deleted alice m1 ""`},
	},
	{
		says:  "a deleted message has no pin and no HTML",
		given: []act{viaStream(sendMessage("alice", "room", "m1", message{text: "one", stream: object{"html": "<p>one</p>"}})), pin(staff, "m1")},
		act:   remove("alice", "m1"), sees: []look{{said("m1"), "alice: deleted"}, {field("m1", "html"), ""}},
		live: []string{`message.deleted alice m1 ""`},
	},
	{
		says:  "nothing is kept of what a sender deletes",
		given: []act{send("alice", "room", "m1", "one"), edit("alice", "m1", message{text: "two"})}, act: viaGraphQL(remove("alice", "m1")),
		sees: []look{{said("m1"), "alice: deleted edited"}, {before("m1"), ""}}, live: []string{`message.deleted alice m1 ""`},
	},
	{
		says:  "what the back office deletes is kept for undo",
		given: []act{send("alice", "room", "m1", "one"), edit("alice", "m1", message{text: "two"})}, act: viaGraphQL(remove(staff, "m1")),
		sees: []look{{said("m1"), "alice: deleted edited"}, {before("m1"), `"two" "one"`}}, live: []string{`message.deleted clerk m1 ""`},
	},
	{
		says:  "deleting a message twice is the same as once",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: remove("alice", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says:  "moderators can delete anybody's message",
		given: []act{send("alice", "room", "m1", "one"), promote("room", "bob")}, act: remove("bob", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}}, live: []string{`message.deleted bob m1 ""`},
	},
	{
		says:  "users can't delete other users' messages",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(remove("bob", "m1")),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "users can delete their own messages in a frozen channel",
		given: []act{send("alice", "room", "m1", "one"), freeze(staff, "room")}, act: remove("alice", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}}, live: []string{`message.deleted alice m1 ""`},
	},
	{
		says: "a message that doesn't exist can't be deleted", act: remove(staff, "m1"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says:  "a pin is shown everywhere",
		given: []act{send("alice", "room", "m1", "one")}, act: pin(staff, "m1"),
		sees: []look{{said("m1"), `alice: "one" pinned`}, {before("m1"), ""}}, live: []string{`message.updated clerk m1 "one"`},
	},
	{
		says:  "a message is unpinned",
		given: []act{send("alice", "room", "m1", "one"), pin(staff, "m1")}, act: unpin(staff, "m1"),
		sees: []look{{said("m1"), `alice: "one"`}}, live: []string{`message.updated clerk m1 "one"`},
	},
	{
		says: "an expired pin isn't shown",
		given: []act{viaStream(sendMessage("alice", "room", "m1", message{text: "one", stream: object{"pinned": true, "pin_expires": "2040-01-01T00:00:00Z"}})),
			wait(15 * 365 * 24 * time.Hour)},
		act: send("bob", "room", "m2", "two"), sees: []look{{said("m1"), `alice: "one"`}},
		live: []string{`message.new bob m2 "two"`}, alone: true,
	},
	{
		says:  "users can't pin even their own messages",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(pin("alice", "m1")),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "a message can be pinned only in its own channel",
		given: []act{send("alice", "hall", "m1", "one")}, act: viaGraphQL(pin(staff, "m1")),
		graph: "NOT_FOUND", sees: []look{{saidIn("hall", "m1"), `alice: "one"`}},
	},
	{
		says:  "a deleted message can't be pinned",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: pin(staff, "m1"),
		graph: "NOT_FOUND", stream: "16", sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says:  "reactions are counted in both APIs",
		given: []act{send("alice", "room", "m1", "one"), react("alice", "m1", "like"), react("bob", "m1", "love")}, act: react("bob", "m1", "like"),
		sees: []look{{said("m1"), `alice: "one" like×2 love×1`}}, live: []string{`reaction.new bob m1 "one" like`},
	},
	{
		says:  "the same reaction twice counts once",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like")}, act: react("bob", "m1", "like"),
		sees: []look{{said("m1"), `alice: "one" like×1`}},
	},
	{
		says:  "a reaction is removed",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like")}, act: unreact("bob", "m1", "like"),
		sees: []look{{said("m1"), `alice: "one"`}}, live: []string{`reaction.deleted bob m1 "one" like`},
	},
	{
		says:  "a user has at most ten types of reactions to a message",
		given: append([]act{send("alice", "room", "m1", "one")}, reactions("bob", "m1", 10)...), act: react("bob", "m1", "r10"),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{counted("m1"), "10"}},
	},
	{
		says:  "a channel without reactions refuses them",
		given: []act{send("alice", "room", "m1", "one"), set("room", object{"config_overrides": object{"reactions": false}})},
		act:   react("bob", "m1", "like"), graph: "INVALID_ARGUMENTS", stream: "19", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "removing a reaction that doesn't exist changes nothing",
		given: []act{send("alice", "room", "m1", "one"), react("carol", "m1", "like")}, act: viaGraphQL(unreact("bob", "m1", "like")),
		sees: []look{{said("m1"), `alice: "one" like×1`}},
	},
	{
		says:  "a user can't react to a hidden message",
		given: []act{shadowBan(staff, "bob", "room"), send("bob", "room", "m1", "spam")}, act: viaGraphQL(react("alice", "m1", "like")),
		graph: "NOT_FOUND", sees: []look{{said("m1"), `bob: "spam"`}},
	},
	{
		says:  "nobody can react to a deleted message",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: react("bob", "m1", "like"),
		graph: "NOT_FOUND", stream: "16", sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says:  "a deleted message shows no reactions",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like")}, act: remove("alice", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}}, live: []string{`message.deleted alice m1 ""`},
	},
	{
		says:  "a user who can't write can't react",
		given: []act{send("alice", "room", "m1", "one"), freeze(staff, "room")}, act: viaGraphQL(react("bob", "m1", "like")),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
}
