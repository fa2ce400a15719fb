package chattest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

// OwnType is the custom channel type that a chat under test has.
const OwnType chat.ChannelType = "pod_cast-2"

func knowingTypes(t *testing.T, f *fixture) {
	for kind, want := range map[chat.ChannelType]bool{
		chat.Livestream: true, chat.Messaging: true, chat.Team: true, chat.Gaming: true, chat.Commerce: true,
		OwnType: true, "Pod_cast-2": false, "Livestream": false, "podcast": false, "": false, "a b": false,
	} {
		if got, err := f.KnowsType(f.ctx(), kind); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", kind, got, err, want)
		}
	}
}

// Everything that works in a channel works in a channel of a custom type.
func ownTypes(t *testing.T, f *fixture) {
	show := chat.CID{Type: OwnType, ID: "show"}
	f.people(show)
	f.put(chat.CID{Type: chat.Team, ID: "show"}, "Another")
	cid, err := f.CreateChannel(f.ctx(), chat.CreateChannel{Operation: by(clerk), Type: OwnType, Name: "Show", WantID: "show"})
	f.ok(err)
	if want := (chat.CID{Type: OwnType, ID: "show-2"}); cid != want {
		t.Errorf("created %s, want %s", cid, want)
	}
	f.put(show, "Renamed")
	var all []string
	for _, c := range f.all() {
		all = append(all, fmt.Sprint(c.CID, " ", c.Name))
	}
	if diff := cmp.Diff([]string{"team:show Another", "pod_cast-2:show Renamed", "pod_cast-2:show-2 Show"}, all); diff != "" {
		t.Errorf("all channels (-want +got):\n%s", diff)
	}
	page, err := f.Channels(f.ctx(), chat.ChannelQuery{Limit: 10, Type: OwnType})
	f.ok(err)
	if diff := cmp.Diff([]string{"Renamed", "Show"}, names(page.Items)); diff != "" {
		t.Errorf("those of the type (-want +got):\n%s", diff)
	}
	page, err = f.Channels(f.ctx(), chat.ChannelQuery{Limit: 10, Member: "member"})
	f.ok(err)
	if diff := cmp.Diff([]string{"Renamed"}, names(page.Items)); diff != "" {
		t.Errorf("the member's (-want +got):\n%s", diff)
	}

	member := chat.Actor{ID: "member"}
	id := f.send(member, show, "first")
	f.ok(f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(member), CID: show, ID: id, Text: "edited"}))
	f.ok(f.PinMessage(f.ctx(), chat.PinMessage{Operation: by(clerk), CID: show, ID: id, Pinned: true}))
	f.ok(f.React(f.ctx(), chat.React{Operation: by(member), CID: show, MessageID: id, Type: "like"}))
	f.ok(f.MarkRead(f.ctx(), chat.MarkRead{Operation: by(member), CID: show}))
	if m := f.history(show)[0]; m.Text != "edited" || m.CID != show || m.PinnedAt.IsZero() || m.Reactions["like"].Count != 1 {
		t.Errorf("the message is %+v", m)
	}
	f.ok(f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: show, Frozen: true}))
	f.fails(f.mayWrite(member, show), chat.Unauthorized)
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "member", CID: show}))
	f.fails(f.MayRead(f.ctx(), member, show), chat.Unauthorized)
	f.fails(f.MayRead(f.ctx(), alice, chat.CID{Type: OwnType, ID: "nowhere"}), chat.Unauthorized)

	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{show, cid}}))
	if diff := cmp.Diff([]string{"Another"}, names(f.all())); diff != "" {
		t.Errorf("after the deletion (-want +got):\n%s", diff)
	}
	_, err = f.Channel(f.ctx(), show)
	f.fails(err, chat.NotFound)
}
