package stream_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// staffChange is a change by the staff: the method and path of the call that makes it.
type staffChange struct {
	name, method, path string
	do                 func(h *hosted, op chat.Operation) error
}

var anna = chat.Actor{ID: "anna"}

var staffChanges = []staffChange{
	{"createOrUpdateChannel", http.MethodPatch, "/livestream/news", func(h *hosted, op chat.Operation) error {
		return h.PutChannel(h.ctx(), chat.PutChannel{Operation: op, CID: news, Name: "Renamed", Avatar: chat.Optional{Set: true}})
	}},
	{"freezeChannel", http.MethodPatch, "/livestream/news", func(h *hosted, op chat.Operation) error {
		return h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: op, CID: news, Frozen: true})
	}},
	{"addMembers", http.MethodPost, "/livestream/news", func(h *hosted, op chat.Operation) error {
		return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: op, CID: news, Add: []string{"anna", "bob"}})
	}},
	{"removeMembers", http.MethodPost, "/livestream/news", func(h *hosted, op chat.Operation) error {
		return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: op, CID: news, Remove: []string{"anna", "bob"}})
	}},
	{"editMessage", http.MethodPut, "/messages/m", func(h *hosted, op chat.Operation) error {
		return h.EditMessage(h.ctx(), chat.EditMessage{Operation: op, CID: news, ID: "m", Text: "corrected"})
	}},
	{"pinMessage", http.MethodPut, "/messages/m", func(h *hosted, op chat.Operation) error {
		return h.PinMessage(h.ctx(), chat.PinMessage{Operation: op, CID: news, ID: "m", Pinned: true})
	}},
	{"deleteMessage", http.MethodDelete, "/messages/m", func(h *hosted, op chat.Operation) error {
		return h.DeleteMessage(h.ctx(), chat.DeleteMessage{Operation: op, CID: news, ID: "m"})
	}},
	{"setRoleToUsersOnChat", http.MethodPatch, "/users", func(h *hosted, op chat.Operation) error {
		return h.SetRole(h.ctx(), chat.SetRole{Operation: op, UserID: "anna", Role: chat.RoleAdmin})
	}},
	{"setRoles", http.MethodPatch, "/users", func(h *hosted, op chat.Operation) error {
		_, err := h.SetRoles(h.ctx(), chat.SetRoles{Operation: op, UserIDs: []string{"anna", "bob"}, Role: chat.RoleModerator})
		return err
	}},
	{"upsertChatUsers", http.MethodPatch, "/users", func(h *hosted, op chat.Operation) error {
		_, err := h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: op, Users: []chat.UserChange{{ID: "anna", Name: "Anne"}}})
		return err
	}},
	{"banUser", http.MethodPost, "/moderation/ban", func(h *hosted, op chat.Operation) error {
		return h.Restrict(h.ctx(), chat.Restrict{Operation: op, Kind: chat.Ban, UserID: "anna", CID: news, Reason: "spam", Until: time.Now().Add(time.Hour)})
	}},
	{"unbanUser", http.MethodPost, "/moderation/unban", func(h *hosted, op chat.Operation) error {
		return h.Restrict(h.ctx(), chat.Restrict{Operation: op, Kind: chat.Ban, UserID: "bob", Lift: true})
	}},
}

// office has what the staff changes.
func office(t *testing.T) *hosted {
	t.Helper()
	h := open(t, stream.Options{PollEvery: time.Hour, BreakerPause: time.Millisecond})
	far := there{h, t}
	far.ok(h.far.PutChannel(t.Context(), chat.PutChannel{Operation: by(clerk), CID: news, Name: "News", Avatar: chat.Optional{Set: true, Value: "news.png"}}))
	_, err := h.far.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: "Anna"}, {ID: "bob", Name: "Bob"}, {ID: "boss"}}})
	far.ok(err)
	far.ok(h.far.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: []string{"anna"}}))
	far.ok(h.far.Restrict(t.Context(), chat.Restrict{Operation: by(chat.Actor{ID: "boss", BackOffice: true}), Kind: chat.Ban, UserID: "bob", Reason: "rude"}))
	far.send(news, "m", "hello", "")
	h.learnLimit()
	return h
}

// snapshot is what the staff can change of the office, as Stream has it.
func (h *hosted) snapshot() (lines []string) {
	h.Helper()
	must := func(err error) {
		if err != nil {
			h.Fatal(err)
		}
	}
	c, err := h.far.Channel(h.ctx(), news)
	must(err)
	lines = append(lines, fmt.Sprint("channel ", c.Name, " ", c.Avatar, " ", c.Frozen))
	members, err := h.far.Members(h.ctx(), chat.MemberQuery{CID: news, Limit: 10})
	must(err)
	for _, m := range members.Items {
		lines = append(lines, "member "+m.User.ID)
	}
	for _, m := range h.farMessages(news) {
		lines = append(lines, fmt.Sprint("message ", m.Text, " ", m.DeletedAt.IsZero(), " ", m.PinnedAt.IsZero()))
	}
	users, err := h.far.Users(h.ctx(), chat.UserQuery{Limit: 10})
	must(err)
	for _, u := range users.Items {
		if u.ID == clerk.ID {
			continue // who does something may become a chat user
		}
		lines = append(lines, fmt.Sprint("user ", u.ID, " ", u.Name, " ", u.Role))
		if u.Ban != nil {
			lines = append(lines, fmt.Sprint("ban ", u.ID, " ", u.Ban.Reason, " ", u.Ban.By, " ", u.Ban.Until.IsZero()))
		}
	}
	bans, err := h.far.Restrictions(h.ctx(), news)
	must(err)
	for _, b := range bans {
		lines = append(lines, "ban here "+b.UserID+" "+b.Reason)
	}
	slices.Sort(lines)
	return lines
}

// recorded does a change as the back office does through GraphQL, and returns its record.
func (h *hosted) recorded(name string, do func(h *hosted, op chat.Operation) error) (chat.Change, error) {
	h.Helper()
	op, id := chat.Operation{By: clerk, Name: name, Source: chat.Source{Via: chat.ByGraphQL}}, ""
	op.Noted = func(noted string) { id = noted }
	err := do(h, op)
	if err != nil {
		return chat.Change{}, err
	}
	c, err := h.Change(h.ctx(), id)
	if err != nil {
		h.Fatalf("%s noted the record %q: %v", name, id, err)
	}
	return c, nil
}

func (h *hosted) undo(id string) error {
	_, err := h.recorded("undo", func(h *hosted, op chat.Operation) error {
		op.Undoes = id
		return h.Undo(h.ctx(), chat.Undo{Operation: op})
	})
	return err
}

// Each change is recorded as done, undo makes everything at Stream what it was, and after that
// neither can be undone.
func TestUndoIsTheInverse(t *testing.T) {
	t.Parallel()
	for _, row := range staffChanges {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			h := office(t)
			before := h.snapshot()
			c, err := h.recorded(row.name, row.do)
			if err != nil {
				t.Fatal(err)
			}
			if c.Outcome != chat.ChangeDone || !c.CanUndo || c.By != clerk.ID || c.TargetCount == 0 {
				t.Errorf("the record is %+v", c)
			}
			if cmp.Equal(before, h.snapshot()) {
				t.Error("nothing was changed")
			}
			if err := h.undo(c.ID); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, h.snapshot()); diff != "" {
				t.Errorf("after undo (-before +after):\n%s", diff)
			}
			if c, err = h.Change(h.ctx(), c.ID); err != nil || c.UndoneBy == "" || c.CanUndo {
				t.Errorf("the record after undo is %+v, %v", c, err)
			}
			for _, id := range []string{c.ID, c.UndoneBy} {
				if err := h.undo(id); err == nil {
					t.Errorf("%s was undone again", id)
				} else if e, ok := errors.AsType[*chat.Error](err); id == c.ID && (!ok || e.Change != c.UndoneBy) {
					t.Errorf("the error %v names no change, want %s", err, c.UndoneBy)
				}
			}
		})
	}
}

// What somebody changed since is not overwritten by undo, whose error says who changed what.
func TestUndoKeepsWhatOthersChangedSince(t *testing.T) {
	t.Parallel()
	h := office(t)
	rename := func(name string) (chat.Change, error) {
		return h.recorded("createOrUpdateChannel", func(h *hosted, op chat.Operation) error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: op, CID: news, Name: name})
		})
	}
	first, err := rename("One")
	if err != nil {
		t.Fatal(err)
	}
	second, err := rename("Two")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.undo(first.ID); chat.CodeOf(err) != chat.Conflict || !strings.Contains(err.Error(), second.ID) || !strings.Contains(err.Error(), "name") {
		t.Errorf("after our own second change: %v", err)
	}
	there{h, t}.put(news, "Three")
	if err := h.undo(second.ID); chat.CodeOf(err) != chat.Conflict || !strings.Contains(err.Error(), "leave no record") {
		t.Errorf("after a change by others: %v", err)
	}
	if now := strings.Join(h.snapshot(), "\n"); !strings.Contains(now, "channel Three ") {
		t.Errorf("it is overwritten:\n%s", now)
	}
}

// Webhooks are in our own database, and undo of a change of one is that of our own chat.
func TestUndoOfWebhooks(t *testing.T) {
	t.Parallel()
	h := office(t)
	describe := func(id, words string) (chat.Change, string) {
		c, err := h.recorded("updateWebhook", func(h *hosted, op chat.Operation) (err error) {
			address := "https://crm.example.com/hook"
			req := chat.PutWebhook{Operation: op, ID: id, URL: &address, Description: &words}
			id, err = h.PutWebhook(h.ctx(), req)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return c, id
	}
	_, id := describe("", "one")
	first, _ := describe(id, "two")
	second, _ := describe(id, "three")
	if err := h.undo(first.ID); chat.CodeOf(err) != chat.Conflict || !strings.Contains(err.Error(), second.ID) {
		t.Errorf("after a second change: %v", err)
	}
	for range 2 {
		if err := h.undo(second.ID); err != nil && chat.CodeOf(err) != chat.Conflict {
			t.Error(err)
		}
	}
	if w, err := h.Webhook(h.ctx(), id); err != nil || w.Description != "two" {
		t.Errorf("the webhook is %+v, %v", w, err)
	}
}

func TestWhatUndoRefuses(t *testing.T) {
	t.Parallel()
	h := office(t)
	deleted, err := h.recorded("deleteMessage", staffChanges[6].do)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := h.recorded("deleteChannels", func(h *hosted, op chat.Operation) error {
		return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: op, CIDs: []chat.CID{news}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if gone.CanUndo {
		t.Error("the record of a deleted channel says that it can be undone")
	}
	for id, code := range map[string]chat.Code{gone.ID: chat.Unsupported, "no-such-change": chat.NotFound, deleted.ID: chat.Conflict} {
		if err := h.undo(id); chat.CodeOf(err) != code {
			t.Errorf("taking %s back: %v, want %s", id, err, code)
		}
	}
}

// A change whose outcome is missing, since the server ended or the answer was lost, is shown
// as unknown until Stream is asked what became of it.
func TestMissingOutcomesAreLookedUp(t *testing.T) {
	t.Parallel()
	create := staffChange{"createOrUpdateChannel", http.MethodPost, "/query", func(h *hosted, op chat.Operation) error {
		_, err := h.CreateChannel(h.ctx(), chat.CreateChannel{Operation: op, Type: chat.Team, Name: "Sale", WantID: "sale"})
		return err
	}}
	remove := staffChange{"deleteChannels", http.MethodPost, "/channels/delete", func(h *hosted, op chat.Operation) error {
		return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: op, CIDs: []chat.CID{news}})
	}}
	for _, row := range append([]staffChange{create, remove}, staffChanges...) {
		for fault, want := range map[string]chat.ChangeOutcome{"after": chat.ChangeDone, "before": chat.ChangeFailed} {
			t.Run(row.name+"/"+fault+" the effect", func(t *testing.T) {
				t.Parallel()
				h := office(t)
				do := resetsAfterEffect
				if fault == "before" {
					do = resets
				}
				h.net.breakNext(1_000, row.method, row.path, do)
				_, err := h.recorded(row.name, row.do)
				newest := func() chat.Change {
					page, err := h.Changes(h.ctx(), chat.ChangeQuery{Limit: 10})
					if err != nil || len(page.Items) == 0 {
						t.Fatalf("the changes are %v, %v", page, err)
					}
					return page.Items[0]
				}
				if c := newest(); err != nil && c.Outcome != chat.ChangeUnknown || err == nil && c.Outcome != chat.ChangeDone {
					t.Errorf("after %v the record says %s", err, c.Outcome)
				}
				h.Close()
				h.net.heal()
				h.start()
				for range 2 { // the second has nothing to do
					if err := h.LookUpLater(h.ctx()); err != nil {
						t.Fatal(err)
					}
				}
				page, err := h.Changes(h.ctx(), chat.ChangeQuery{Limit: 10})
				if err != nil || len(page.Items) != 1 {
					t.Fatalf("there are %d records, want one: %v", len(page.Items), err)
				}
				if c := page.Items[0]; c.Outcome != want || c.Operation != row.name || c.By != clerk.ID || len(c.Targets) == 0 {
					t.Errorf("the record is %+v, want %s", c, want)
				}
			})
		}
	}
}

// A change that is refused before anything was sent leaves no record; one that Stream refuses
// says so.
func TestRefusedByStream(t *testing.T) {
	t.Parallel()
	h := office(t)
	if _, err := h.recorded("freezeChannel", func(h *hosted, op chat.Operation) error {
		return h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: op, CID: chat.CID{Type: chat.Team, ID: "never-was"}, Frozen: true})
	}); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("freezing what isn't there: %v", err)
	}
	h.net.breakNext(1, http.MethodPut, "/messages/m", refuses(http.StatusBadRequest, `{"code":4,"message":"no","StatusCode":400,"duration":"0ms"}`))
	if _, err := h.recorded("editMessage", staffChanges[4].do); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("an edit that Stream refuses: %v", err)
	}
	page, err := h.Changes(h.ctx(), chat.ChangeQuery{Limit: 10})
	if err != nil || len(page.Items) != 1 || page.Items[0].Outcome != chat.ChangeFailed || page.Items[0].CanUndo {
		t.Errorf("the records are %+v, %v", page.Items, err)
	}
}

// A message that its sender deleted isn't brought back by others. Whoever deleted it may take
// that back.
func TestWhoBringsMessagesBack(t *testing.T) {
	t.Parallel()
	h := office(t)
	_, err := h.far.SendMessage(t.Context(), chat.SendMessage{Operation: by(clerk),
		Message: chat.Message{ID: "own", Sender: chat.User{ID: clerk.ID}, CID: news, Text: "mine"}})
	there{h, t}.ok(err)
	c, err := h.recorded("deleteMessage", func(h *hosted, op chat.Operation) error {
		return h.DeleteMessage(h.ctx(), chat.DeleteMessage{Operation: op, CID: news, ID: "own"})
	})
	if err != nil {
		t.Fatal(err)
	}
	other := chat.Operation{By: chat.Actor{ID: "boss", BackOffice: true}, Name: "undo", Source: chat.Source{Via: chat.ByGraphQL}, Undoes: c.ID}
	if err := h.Undo(h.ctx(), chat.Undo{Operation: other}); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("somebody else brought it back: %v", err)
	}
	if err := h.undo(c.ID); err != nil {
		t.Errorf("its sender: %v", err)
	}
}

// What a customer does to its own messages leaves no record here either.
func TestCustomersLeaveNoRecord(t *testing.T) {
	t.Parallel()
	h := office(t)
	op := chat.Operation{By: anna, Name: "editMessage", Source: chat.Source{Via: chat.ByGraphQL}}
	if err := staffChanges[4].do(h, op); err != nil {
		t.Fatal(err)
	}
	if err := staffChanges[6].do(h, op); err != nil {
		t.Fatal(err)
	}
	if page, err := h.Changes(h.ctx(), chat.ChangeQuery{Limit: 10}); err != nil || len(page.Items) > 0 {
		t.Errorf("the records are %+v, %v", page.Items, err)
	}
}

// What others changed at Stream, in our database or not, is not overwritten by a change with an older
// version, which leaves no record. The repeat of a change whose answer was lost isn't taken
// for somebody else's.
func TestVersionsAreOfWhatStreamHas(t *testing.T) {
	t.Parallel()
	h := office(t)
	freeze := func(key, version string) (id string, err error) {
		op := chat.Operation{By: clerk, Name: "freezeChannel", Key: key, Digest: version, IfVersion: &version, Source: chat.Source{Via: chat.ByGraphQL}}
		op.Noted = func(noted string) { id = noted }
		return id, h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: op, CID: news, Frozen: true})
	}
	version := func() string {
		c, err := h.far.Channel(h.ctx(), news)
		there{h, t}.ok(err)
		return c.Version()
	}
	seen := version()
	there{h, t}.put(news, "Others")
	if id, err := freeze("", seen); chat.CodeOf(err) != chat.Conflict || id != "" {
		t.Errorf("after a change by others: %v, the record %q", err, id)
	}
	if c, err := h.Channel(h.ctx(), news); err != nil || c.Version() != version() || c.Frozen {
		t.Errorf("who reads it again sees %+v, %v", c, err)
	}
	c, err := h.recorded("createOrUpdateChannel", staffChanges[0].do)
	there{h, t}.ok(err)
	if _, err = freeze("", seen); chat.CodeOf(err) != chat.Conflict || !strings.Contains(err.Error(), c.ID) {
		t.Errorf("after our own change %s: %v", c.ID, err)
	}
	present := version()
	h.net.breakNext(1_000, http.MethodPatch, "/livestream/news", resetsAfterEffect)
	if _, err := freeze("k", present); err == nil {
		t.Fatal("the answer was not lost")
	}
	h.net.heal()
	if id, err := freeze("k", present); err != nil || id == "" {
		t.Errorf("its repeat: %v, the record %q; the log:\n%s", err, id, h.log)
	}
}
