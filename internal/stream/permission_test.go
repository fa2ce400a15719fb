package stream_test

import (
	"fmt"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/extra"
)

// What a user may do doesn't depend on whether the user is among the members that come with the channel.
func TestMembersBeyondTheFirst(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	far := there{h, t}
	room := chat.CID{Type: chat.Messaging, ID: "room"}
	far.put(room, "Room")
	users := make([]chat.UserChange, 130)
	ids := make([]string, len(users))
	for i := range users {
		ids[i] = fmt.Sprintf("user-%03d", i)
		users[i] = chat.UserChange{ID: ids[i], Name: ids[i]}
	}
	_, err := h.far.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: users})
	far.ok(err)
	far.ok(h.far.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: by(clerk), CID: room, Add: ids[:128]}))
	post := func(id string) error {
		from := chat.Actor{ID: id}
		_, err := h.SendMessage(t.Context(), chat.SendMessage{Operation: by(from), Message: chat.Message{CID: room, Sender: from.User(), Text: "hello"}})
		return err
	}
	restrict := func(id string, cid chat.CID, lift bool) {
		far.ok(h.far.Restrict(t.Context(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: id, CID: cid, Lift: lift}))
	}
	for _, i := range []int{0, 1, 126, 127} {
		who := chat.Actor{ID: ids[i]}
		if err := post(who.ID); err != nil {
			t.Errorf("the member %s: %v", who.ID, err)
		}
		for _, cid := range []chat.CID{room, {}} {
			restrict(who.ID, cid, false)
			if err := post(who.ID); chat.CodeOf(err) != chat.Unauthorized {
				t.Errorf("%s is banned in %q, and posting is %v", who.ID, cid, err)
			}
			if err := h.MayRead(t.Context(), who, room); chat.CodeOf(err) != chat.Unauthorized {
				t.Errorf("%s is banned in %q, and reading is %v", who.ID, cid, err)
			}
			restrict(who.ID, cid, true)
		}
		far.ok(h.far.SetRole(t.Context(), chat.SetRole{Operation: by(clerk), UserID: who.ID, Role: chat.RoleModerator}))
		far.ok(h.FreezeChannel(t.Context(), chat.FreezeChannel{Operation: by(who), CID: room}))
		_, err := extra.New(h.far).DeactivateUsers(t.Context(), []string{who.ID}, clerk, false)
		far.ok(err)
		if err := h.FreezeChannel(t.Context(), chat.FreezeChannel{Operation: by(who), CID: room}); chat.CodeOf(err) != chat.Unauthorized {
			t.Errorf("%s is a deactivated moderator, and freezing is %v", who.ID, err)
		}
	}
	for _, i := range []int{128, 129} {
		if err := post(ids[i]); chat.CodeOf(err) != chat.Unauthorized {
			t.Errorf("%s is no member, and posting is %v", ids[i], err)
		}
	}
}
