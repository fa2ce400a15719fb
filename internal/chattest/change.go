package chattest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func editingMessages(t *testing.T, f *fixture) {
	f.people(news)
	member := chat.Actor{ID: "member"}
	id := f.send(member, news, "draft")
	edit := func(who chat.Actor, id, text string, mentions ...string) error {
		return f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(who), CID: news, ID: id, Text: text, Mentions: &mentions})
	}
	f.fails(edit(chat.Actor{ID: "user"}, id, "mine now"), chat.Unauthorized)
	f.fails(edit(clerk, id, "hi", "nobody"), chat.InvalidArguments)
	f.ok(edit(member, id, "final", "member", "user")) // a user who isn't in the channel is ignored
	m, err := f.Message(f.ctx(), member, news, id)
	f.ok(err)
	if m.Text != "final" || m.EditedAt.IsZero() || m.Seq == 0 || len(m.Mentions) != 1 || m.Mentions[0].Name != "Member" {
		t.Errorf("edited: %+v", m)
	}
	f.ok(edit(chat.Actor{ID: "moderator"}, id, "moderated"))
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(member), CID: news, ID: id}))
	f.fails(edit(member, id, "back again"), chat.NotFound)
	f.fails(edit(clerk, "nothing", "hello"), chat.NotFound)

	other := f.send(member, news, "said before the mute")
	kind := chat.Mute
	if !f.has(Mutes) {
		kind = chat.Ban
	}
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: kind, UserID: "member", CID: news}))
	f.fails(edit(member, other, "said after it"), chat.Unauthorized)
}

func pinningMessages(t *testing.T, f *fixture) {
	f.people(news)
	id := f.send(chat.Actor{ID: "member"}, news, "rules")
	pin := func(who chat.Actor, id string, pinned bool) error {
		return f.PinMessage(f.ctx(), chat.PinMessage{Operation: by(who), CID: news, ID: id, Pinned: pinned})
	}
	pinned := func() bool { return !f.history(news)[0].PinnedAt.IsZero() }
	f.fails(pin(chat.Actor{ID: "member"}, id, true), chat.Unauthorized)
	f.ok(pin(chat.Actor{ID: "moderator"}, id, true))
	f.ok(pin(clerk, id, true))
	if !pinned() {
		t.Error("the message is not pinned")
	}
	f.ok(pin(clerk, id, false))
	if pinned() {
		t.Error("the message is still pinned")
	}
	f.fails(pin(clerk, "nothing", true), chat.NotFound)
}

func reacting(t *testing.T, f *fixture) {
	f.people(news)
	id := f.send(clerk, news, "big news")
	react := func(who, word string, remove bool) error {
		return f.React(f.ctx(), chat.React{
			Operation: by(chat.Actor{ID: who}), CID: news, MessageID: id, Type: word, Remove: remove})
	}
	f.ok(react("member", "like", false))
	f.ok(react("member", "like", false))
	f.ok(react("member", "love", false))
	f.ok(react("newcomer", "like", false))
	f.ok(react("user", "wow", true))
	if diff := cmp.Diff(map[string]int64{"like": 2, "love": 1}, counts(f.history(news)[0])); diff != "" {
		t.Errorf("reactions (-want +got):\n%s", diff)
	}
	f.ok(react("member", "love", true))
	if diff := cmp.Diff(map[string]int64{"like": 2}, counts(f.history(news)[0])); diff != "" {
		t.Errorf("after one is taken away (-want +got):\n%s", diff)
	}
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(clerk), CID: news, ID: id}))
	f.fails(react("member", "like", false), chat.NotFound)
	if n := len(f.history(news)[0].Reactions); n != 0 {
		t.Errorf("a deleted message has %d reactions", n)
	}
}

// counts returns the number of reactions of each type.
func counts(m chat.Message) map[string]int64 {
	all := map[string]int64{}
	for word, g := range m.Reactions {
		all[word] = g.Count
	}
	return all
}

func boundingReactions(t *testing.T, f *fixture) {
	f.people(news)
	id := f.send(clerk, news, "big news")
	react := func(who, word string, remove bool) error {
		return f.React(f.ctx(), chat.React{
			Operation: by(chat.Actor{ID: who}), CID: news, MessageID: id, Type: word, Remove: remove})
	}
	word := func(i int) string { return fmt.Sprintf("word%d", i) }
	for i := range chat.MaxReactionsOfUser {
		f.ok(react("member", word(i), false))
	}
	f.fails(react("member", "one-more", false), chat.InvalidArguments)
	f.ok(react("member", word(3), false)) // it exists already
	f.ok(react("member", word(3), true))
	f.ok(react("member", word(4), true))
	f.ok(react("member", word(3), false))
	f.ok(react("member", "another", false))
	for i := chat.MaxReactionsOfUser; i < chat.MaxReactionTypes; i++ {
		f.ok(react(fmt.Sprintf("newcomer%d", i/chat.MaxReactionsOfUser), word(i), false))
	}
	f.fails(react("user", "one-more", false), chat.InvalidArguments)
	f.ok(react("user", word(0), false)) // one with this type exists already
	if n := len(f.history(news)[0].Reactions); n != chat.MaxReactionTypes {
		t.Errorf("the message has %d types of reactions", n)
	}
}
