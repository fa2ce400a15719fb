// Package chattest defines the behavior of a chat.Provider, as tests that every implementation
// passes. The test of an implementation calls [Run] with a function that returns an empty provider.
package chattest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"backchannel/internal/chat"
)

// Feature is something that not every chat supports. A provider that lacks one declares it in the
// call of [Run]. It must fail with [chat.Unsupported], unless the feature's comment describes
// another behavior.
type Feature string

// The features that a provider may lack.
const (
	Signals    Feature = "signals"     // typing, presence and custom events
	Figures    Feature = "figures"     // the overview
	Mutes      Feature = "mutes"       // a user who may read but not write
	ShortBans  Feature = "short bans"  // bans with a precision of seconds; without it a ban lasts longer
	DenseSeq   Feature = "dense seq"   // seqs without gaps; without it they only increase
	ExactReads Feature = "exact reads" // read states by seq; without it by message
)

// Run tests the providers that open returns. Each call of open must return an empty provider that
// has only the channel type [OwnType], and must clean up through t. The provider's public address
// for uploads must be https://media.example/.
func Run(t *testing.T, open func(t *testing.T) chat.Provider, lacks ...Feature) {
	suites := []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"creating channels", creatingChannels},
		{"creating many channels of one name at once", creatingAtOnce},
		{"putting channels", puttingChannels},
		{"listing channels", listingChannels},
		{"paging through channels", pagingChannels},
		{"deleting channels", deletingChannels},
		{"knowing channel types", knowingTypes},
		{"channels of a type of the chat's own", ownTypes},
		{"freezing channels", freezingChannels},
		{"channels that exist, and what is in them", existingChannels},
		{"the chat in figures", needing(Figures, overview, noFigures)},
		{"what deserves a look", highlights},
		{"the last message of each channel", lastMessages},
		{"sending messages", sendingMessages},
		{"numbering messages sent at once", sendingAtOnce},
		{"paging through messages", pagingMessages},
		{"mentioning users", mentioningUsers},
		{"mentioning strangers", mentioningStrangers},
		{"deleting messages", deletingMessages},
		{"upserting users", upsertingUsers},
		{"paging through users", pagingUsers},
		{"users by their ids", usersByID},
		{"users with odd ids", oddUserIDs},
		{"setting roles", settingRoles},
		{"setting roles of many", settingManyRoles},
		{"repeating an operation", repeatingOperations},
		{"repeating an operation at once", repeatingAtOnce},
		{"giving up", givingUp},
		{"who may read and write", readingAndWriting},
		{"changing members", changingMembers},
		{"listing a member's channels", listingMyChannels},
		{"banning and muting", restrictingUsers},
		{"telling who is banned and muted", tellingRestrictions},
		{"listing who is banned and muted in a channel", listingRestrictions},
		{"reading on", markingRead},
		{"editing messages", editingMessages},
		{"pinning messages", pinningMessages},
		{"overwriting nothing unseen", overwriting},
		{"reacting to messages", reacting},
		{"bounding the types of reactions", boundingReactions},
		{"following a channel", followingChannel},
		{"following a channel while many write", followingAtOnce},
		{"resuming", resuming},
		{"following the back office", followingBackOffice},
		{"signals", needing(Signals, signalling, noSignals)},
		{"presence", needing(Signals, attending, notAttending)},
	}
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t, &fixture{Provider: open(t), t: t, lacks: lacks})
		})
	}
}

// needing returns the test of a feature, or the one for providers without it.
func needing(feature Feature, run, refuses func(*testing.T, *fixture)) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		if f.has(feature) {
			run(t, f)
		} else {
			refuses(t, f)
		}
	}
}

// fixture is a provider with short methods for frequent operations.
type fixture struct {
	chat.Provider
	t     *testing.T
	lacks []Feature
}

func (f *fixture) has(feature Feature) bool { return !slices.Contains(f.lacks, feature) }

var (
	clerk = chat.Actor{ID: "clerk", Name: "Clara Clerk", BackOffice: true}
	alice = chat.Actor{ID: "alice", Name: "Alice"}
	bob   = chat.Actor{ID: "bob", Name: "Bob"}
)

var news = chat.CID{Type: chat.Livestream, ID: "news"}

func by(a chat.Actor) chat.Operation { return chat.Operation{By: a, Name: "test"} }

func (f *fixture) ctx() context.Context {
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	f.t.Cleanup(cancel)
	return ctx
}

// ok fails the test if there is an error.
func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// fails checks an error's code and returns the error.
func (f *fixture) fails(err error, code chat.Code) *chat.Error {
	f.t.Helper()
	e, ok := errors.AsType[*chat.Error](err)
	if !ok || e.Code != code {
		f.t.Fatalf("got %v, want the code %s", err, code)
	}
	return e
}

func (f *fixture) put(cid chat.CID, name string) {
	f.t.Helper()
	f.ok(f.PutChannel(f.ctx(), chat.PutChannel{Operation: by(clerk), CID: cid, Name: name}))
}

func (f *fixture) create(name, want string) chat.CID {
	f.t.Helper()
	cid, err := f.CreateChannel(f.ctx(), chat.CreateChannel{Operation: by(clerk), Type: chat.Livestream, Name: name, WantID: want})
	f.ok(err)
	return cid
}

func (f *fixture) send(from chat.Actor, cid chat.CID, text string) string {
	f.t.Helper()
	id, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(from), Message: chat.Message{Sender: from.User(), CID: cid, Text: text}})
	f.ok(err)
	return id
}

func (f *fixture) upsert(users ...chat.UserChange) []chat.User {
	f.t.Helper()
	list, err := f.UpsertUsers(f.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: users})
	f.ok(err)
	return list
}

func (f *fixture) all() []chat.Channel {
	f.t.Helper()
	list, err := f.AllChannels(f.ctx())
	f.ok(err)
	return list
}

func (f *fixture) channel(cid chat.CID) chat.Channel {
	f.t.Helper()
	c, err := f.Channel(f.ctx(), cid)
	f.ok(err)
	return c
}

// history returns all messages of a channel.
func (f *fixture) history(cid chat.CID) []chat.Message {
	f.t.Helper()
	page, err := f.Messages(f.ctx(), chat.MessageQuery{CID: cid, By: clerk, Limit: 10_000})
	f.ok(err)
	return page.Items
}

func texts(list []chat.Message) (texts []string) {
	for _, m := range list {
		texts = append(texts, m.Text)
	}
	return texts
}

func names(list []chat.Channel) (names []string) {
	for _, c := range list {
		names = append(names, c.Name)
	}
	return names
}
