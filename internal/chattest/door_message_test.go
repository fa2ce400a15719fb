package chattest_test

import "time"

const photo = "https://files.example/a.png"

var messageRows = []row{
	{
		says: "what a member sends is there for all",
		act:  send("alice", "room", "m1", "hello"),
		sees: []look{
			{said("m1"), `alice: "hello"`}, {listed("room"), `"hello"`}, {channel("room"), "Room by clerk, 3 members, 1 messages"},
			{unread("room", "bob"), "1"}, {unread("room", "alice"), "0"}, {field("m1", "shadowed"), "false"},
		},
		live: []string{`message.new alice m1 "hello"`},
	},
	{
		says:  "messages stand in the order in which they were sent",
		given: []act{send("alice", "room", "m1", "one"), send("bob", "room", "m2", "two")},
		act:   send("alice", "room", "m3", "three"),
		sees: []look{
			{listed("room"), `"one" "two" "three"`}, {channel("room"), "Room by clerk, 3 members, 3 messages"}, {unread("room", "carol"), "3"},
		},
		live: []string{`message.new alice m3 "three"`},
	},
	{
		says: "a picture and who is mentioned go along",
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
		says: "nobody sends to a channel that isn't there", act: send(staff, "nowhere", "m1", "hello"),
		graph: "NOT_FOUND", stream: "16",
	},
	{
		says: "the back office mentions chat users only", act: sendMessage(staff, "room", "m1", message{text: "hi", mentions: []string{"alice", "nobody"}}),
		graph: "INVALID_ARGUMENTS", stream: "4",
		sees: []look{{listed("room"), ""}, {person("nobody"), none}},
	},
	{
		says: "a text has 5,000 characters at most", act: send("alice", "room", "m1", repeat("é", 5001)),
		graph: "INVALID_ARGUMENTS", stream: "20", sees: []look{{listed("room"), ""}},
	},
	{
		says: "a text of 5,000 characters is sent", act: send("alice", "hall", "m1", repeat("é", 5000)),
		sees: []look{{saidIn("hall", "m1"), `alice: "` + repeat("é", 5000) + `"`}},
	},
	{
		says:  "a channel's own limit holds, for the back office too",
		given: []act{set("room", object{"config_overrides": object{"max_message_length": 4}})},
		act:   send(staff, "room", "m1", "hello"), graph: "INVALID_ARGUMENTS", stream: "20",
		sees: []look{{listed("room"), ""}},
	},
	{
		says:  "a channel without uploads takes no attachments",
		given: []act{set("room", object{"config_overrides": object{"uploads": false}})},
		act:   sendMessage("alice", "room", "m1", message{text: "look", picture: photo}), graph: "INVALID_ARGUMENTS", stream: "19",
		sees: []look{{listed("room"), ""}},
	},
	{
		says:  "a word of a block list is refused",
		given: blocked, act: send("alice", "room", "m1", "what a BADWORD it is"), graph: "INVALID_ARGUMENTS", stream: "73",
		sees: []look{{listed("room"), ""}}, alone: true,
	},
	{
		says: "the first message makes its sender a chat user", act: send("erin", "hall", "m1", "hello"),
		sees: []look{{saidIn("hall", "m1"), `erin: "hello"`}, {mayWrite("erin", "hall"), "yes"}, {roleOf("erin"), "user"}},
	},
	{
		says:  "a channel that somebody hid comes back with a message",
		given: []act{call("POST", "/chat/channels/messaging/{room}/hide", object{"user_id": "{bob}"})},
		act:   send("alice", "room", "m1", "hello"),
		sees:  []look{{shownTo("bob", "room"), "yes"}, {unread("room", "bob"), "1"}},
		live:  []string{`message.new alice m1 "hello"`},
	},
	{
		says:  "a shadow ban marks what is sent, through either door, and hides it from other users",
		given: []act{shadowBan(staff, "bob", "room")}, act: send("bob", "room", "m1", "spam"),
		sees: []look{
			{said("m1"), `bob: "spam"`}, {field("m1", "shadowed"), "true"}, {unread("room", "carol"), "0"}, {mayWrite("bob", "room"), "yes"},
		},
	},
	{
		says:  "a shadow ban from all channels does so too",
		given: []act{shadowBan(staff, "bob", "")}, act: send("bob", "room", "m1", "spam"),
		sees: []look{{field("m1", "shadowed"), "true"}, {unread("room", "carol"), "0"}},
	},
	{
		says:  "a shadow ban in another channel does not",
		given: []act{shadowBan(staff, "bob", "hall")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{field("m1", "shadowed"), "false"}},
		live: []string{`message.new bob m1 "hello"`},
	},
	{
		says:  "a shadow ban that was lifted has no effect",
		given: []act{shadowBan(staff, "bob", "room"), unban(staff, "bob", "room")}, act: send("bob", "room", "m1", "hello"),
		sees: []look{{field("m1", "shadowed"), "false"}, {shadows("bob"), ""}},
		live: []string{`message.new bob m1 "hello"`},
	},
	{
		says:  "what was sent under a shadow ban stays hidden when it is edited",
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
		says:  "an edit shows everywhere, and what was said before is kept",
		given: []act{send("alice", "room", "m1", "one")}, act: edit("alice", "m1", message{text: "two"}),
		sees: []look{{said("m1"), `alice: "two" edited`}, {before("m1"), `"one"`}, {unread("room", "bob"), "1"}},
		live: []string{`message.updated alice m1 "two"`},
	},
	{
		says:  "an edit leaves no old rendering of the text",
		given: []act{viaStream(sendMessage("alice", "room", "m1", message{text: "10 euros", stream: object{"html": "<p>10 euros</p>", "mml": "<mml>10</mml>"}}))},
		act:   edit("alice", "m1", message{text: "12 euros"}),
		sees:  []look{{said("m1"), `alice: "12 euros" edited`}, {field("m1", "html"), ""}, {field("m1", "mml"), "<nil>"}},
		live:  []string{`message.updated alice m1 "12 euros"`},
	},
	{
		says:  "who moderates edits anybody's message",
		given: []act{send("alice", "room", "m1", "one"), role(staff, "bob", "moderator")}, act: edit("bob", "m1", message{text: "two"}),
		sees: []look{{said("m1"), `alice: "two" edited`}},
		live: []string{`message.updated bob m1 "two"`},
	},
	{
		says:  "an edit by itself mentions whom it names",
		given: []act{send("alice", "room", "m1", "one")}, act: edit("alice", "m1", message{text: "two", picture: photo, mentions: []string{"bob"}}),
		sees: []look{{said("m1"), `alice: "two" with ` + photo + ` @bob edited`}},
		live: []string{`message.updated alice m1 "two"`},
	},
	{
		says:  "an edit mentions chat users only",
		given: []act{send(staff, "room", "m1", "one")}, act: edit(staff, "m1", message{text: "two", mentions: []string{"nobody"}}),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{said("m1"), `clerk: "one"`}, {before("m1"), ""}},
	},
	{
		says:  "an edit makes no empty message",
		given: []act{send("alice", "room", "m1", "one")}, act: edit("alice", "m1", message{}),
		graph: "INVALID_ARGUMENTS", stream: "4", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "an edit keeps to the length of texts",
		given: []act{send("alice", "room", "m1", "one"), set("room", object{"config_overrides": object{"max_message_length": 4}})},
		act:   edit("alice", "m1", message{text: "hello"}), graph: "INVALID_ARGUMENTS", stream: "20", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says: "an edit says no word of a block list", given: append([]act{send("alice", "room", "m1", "one")}, blocked...),
		act: edit("alice", "m1", message{text: "badword"}), graph: "INVALID_ARGUMENTS", stream: "73",
		sees: []look{{said("m1"), `alice: "one"`}}, alone: true,
	},
	{
		says:  "nobody edits somebody else's message",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(edit("bob", "m1", message{text: "two"})),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "nobody edits in a frozen channel",
		given: []act{send("alice", "room", "m1", "one"), freeze(staff, "room")}, act: viaGraphQL(edit("alice", "m1", message{text: "two"})),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "who is banned edits nothing",
		given: []act{send("alice", "room", "m1", "one"), ban(staff, "alice", "room")}, act: viaGraphQL(edit("alice", "m1", message{text: "two"})),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "a deleted message isn't edited",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: edit("alice", "m1", message{text: "two"}),
		graph: "NOT_FOUND", stream: "16", sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says: "a message that isn't there isn't edited", act: edit(staff, "m1", message{text: "two"}), graph: "NOT_FOUND", stream: "16",
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
		says:  "a deleted message has no pin and no rendering",
		given: []act{viaStream(sendMessage("alice", "room", "m1", message{text: "one", stream: object{"html": "<p>one</p>"}})), pin(staff, "m1")},
		act:   remove("alice", "m1"), sees: []look{{said("m1"), "alice: deleted"}, {field("m1", "html"), ""}},
		live: []string{`message.deleted alice m1 ""`},
	},
	{
		says:  "deleting twice is deleting once",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: remove("alice", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says:  "who moderates deletes anybody's message",
		given: []act{send("alice", "room", "m1", "one"), promote("room", "bob")}, act: remove("bob", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}}, live: []string{`message.deleted bob m1 ""`},
	},
	{
		says:  "nobody deletes somebody else's message",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(remove("bob", "m1")),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "one may delete one's own in a frozen channel",
		given: []act{send("alice", "room", "m1", "one"), freeze(staff, "room")}, act: remove("alice", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}}, live: []string{`message.deleted alice m1 ""`},
	},
	{
		says: "a message that isn't there isn't deleted", act: remove(staff, "m1"), graph: "NOT_FOUND", stream: "16",
	},
	{
		says:  "a pin shows everywhere",
		given: []act{send("alice", "room", "m1", "one")}, act: pin(staff, "m1"),
		sees: []look{{said("m1"), `alice: "one" pinned`}, {before("m1"), ""}}, live: []string{`message.updated clerk m1 "one"`},
	},
	{
		says:  "a pin is taken away",
		given: []act{send("alice", "room", "m1", "one"), pin(staff, "m1")}, act: unpin(staff, "m1"),
		sees: []look{{said("m1"), `alice: "one"`}}, live: []string{`message.updated clerk m1 "one"`},
	},
	{
		says: "a pin that has expired is none",
		given: []act{viaStream(sendMessage("alice", "room", "m1", message{text: "one", stream: object{"pinned": true, "pin_expires": "2040-01-01T00:00:00Z"}})),
			wait(15 * 365 * 24 * time.Hour)},
		act: send("bob", "room", "m2", "two"), sees: []look{{said("m1"), `alice: "one"`}},
		live: []string{`message.new bob m2 "two"`}, alone: true,
	},
	{
		says:  "users don't pin, not even their own",
		given: []act{send("alice", "room", "m1", "one")}, act: viaGraphQL(pin("alice", "m1")),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "a deleted message isn't pinned",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: pin(staff, "m1"),
		graph: "NOT_FOUND", stream: "16", sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says:  "reactions are counted everywhere",
		given: []act{send("alice", "room", "m1", "one"), react("alice", "m1", "like"), react("bob", "m1", "love")}, act: react("bob", "m1", "like"),
		sees: []look{{said("m1"), `alice: "one" like×2 love×1`}}, live: []string{`reaction.new bob m1 "one" like`},
	},
	{
		says:  "the same reaction twice is one",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like")}, act: react("bob", "m1", "like"),
		sees: []look{{said("m1"), `alice: "one" like×1`}},
	},
	{
		says:  "a reaction is taken away",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like")}, act: unreact("bob", "m1", "like"),
		sees: []look{{said("m1"), `alice: "one"`}}, live: []string{`reaction.deleted bob m1 "one" like`},
	},
	{
		says:  "a channel without reactions takes none",
		given: []act{send("alice", "room", "m1", "one"), set("room", object{"config_overrides": object{"reactions": false}})},
		act:   react("bob", "m1", "like"), graph: "INVALID_ARGUMENTS", stream: "19", sees: []look{{said("m1"), `alice: "one"`}},
	},
	{
		says:  "nobody reacts to a deleted message",
		given: []act{send("alice", "room", "m1", "one"), remove("alice", "m1")}, act: react("bob", "m1", "like"),
		graph: "NOT_FOUND", stream: "16", sees: []look{{said("m1"), "alice: deleted"}},
	},
	{
		says:  "a deleted message shows no reactions",
		given: []act{send("alice", "room", "m1", "one"), react("bob", "m1", "like")}, act: remove("alice", "m1"),
		sees: []look{{said("m1"), "alice: deleted"}}, live: []string{`message.deleted alice m1 ""`},
	},
	{
		says:  "nobody reacts in a channel where one may not write",
		given: []act{send("alice", "room", "m1", "one"), freeze(staff, "room")}, act: viaGraphQL(react("bob", "m1", "like")),
		graph: "UNAUTHORIZED", sees: []look{{said("m1"), `alice: "one"`}},
	},
}
