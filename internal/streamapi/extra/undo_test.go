package extra_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// acts are changes of the staff that have an inverse.
func acts(o *office) map[string]func(op chat.Operation) error {
	ctx := o.t.Context()
	restrict := func(kind chat.RestrictionKind, user string, cid chat.CID, lift bool, until time.Time) func(chat.Operation) error {
		return func(op chat.Operation) error {
			return o.Restrict(ctx, chat.Restrict{Operation: op, Kind: kind, UserID: user, CID: cid, Lift: lift, Until: until, Reason: "why"})
		}
	}
	role := func(role chat.Role, users ...string) func(chat.Operation) error {
		return func(op chat.Operation) error {
			_, err := o.SetRoles(ctx, chat.SetRoles{Operation: op, UserIDs: users, Role: role})
			return err
		}
	}
	return map[string]func(op chat.Operation) error{
		"createOrUpdateChannel rename": func(op chat.Operation) error {
			return o.PutChannel(ctx, chat.PutChannel{Operation: op, CID: deals, Name: "Größen 10"})
		},
		"createOrUpdateChannel avatar": func(op chat.Operation) error {
			return o.PutChannel(ctx, chat.PutChannel{Operation: op, CID: deals, Name: "Deals", Avatar: chat.Optional{Set: true}})
		},
		"freezeChannel": func(op chat.Operation) error {
			return o.FreezeChannel(ctx, chat.FreezeChannel{Operation: op, CID: deals, Frozen: true})
		},
		"addMembers": func(op chat.Operation) error {
			return o.ChangeMembers(ctx, chat.ChangeMembers{Operation: op, CID: deals, Add: []string{"anna", "clerk"}})
		},
		"removeMembers": func(op chat.Operation) error {
			return o.ChangeMembers(ctx, chat.ChangeMembers{Operation: op, CID: deals, Remove: []string{"bob", "anna"}})
		},
		"setRoles":               role(chat.RoleModerator, "anna", "bob"),
		"setRoles one":           role(chat.RoleAdmin, "bob"),
		"banUser":                restrict(chat.Ban, "anna", chat.CID{}, false, time.Time{}),
		"banUser in one channel": restrict(chat.Ban, "bob", deals, false, time.Now().Add(time.Hour)),
		"banUser shadow":         restrict(chat.Shadow, "anna", chat.CID{}, false, time.Time{}),
		"unbanUser":              restrict(chat.Ban, "bob", deals, true, time.Time{}),
		"muteUser":               restrict(chat.Mute, "anna", deals, false, time.Time{}),
		"unmuteUser":             restrict(chat.Mute, "anna", deals, true, time.Time{}),
		"editMessage": func(op chat.Operation) error {
			return o.EditMessage(ctx, chat.EditMessage{Operation: op, CID: deals, ID: "m2", Text: "Ärger"})
		},
		"pinMessage": func(op chat.Operation) error {
			return o.PinMessage(ctx, chat.PinMessage{Operation: op, CID: deals, ID: "m1", Pinned: true})
		},
		"deleteMessage": func(op chat.Operation) error {
			return o.DeleteMessage(ctx, chat.DeleteMessage{Operation: op, CID: deals, ID: "m1"})
		},
		"upsertChatUsers": func(op chat.Operation) error {
			_, err := o.UpsertUsers(ctx, chat.UpsertUsers{Operation: op, Users: []chat.UserChange{{ID: "anna", Name: "Änne"}, {ID: "bob", Name: "Bob", Role: chat.RoleModerator}}})
			return err
		},
		"deleteChannels": func(op chat.Operation) error {
			return o.DeleteChannels(ctx, chat.DeleteChannels{Operation: op, CIDs: []chat.CID{deals}})
		},
	}
}

// do runs one of the acts and returns its change.
func (o *office) do(name string) (change string, err error) {
	operation, _, _ := strings.Cut(name, " ")
	op := o.op(operation)
	op.Noted = func(id string) { change = id }
	return change, acts(o)[name](op)
}

// Undoing the last of any changes restores every table.
func TestUndoIsTheInverse(t *testing.T) {
	where := inFolder(t)
	o := openOffice(t, open(t, where))
	names := slices.Sorted(maps.Keys(acts(o)))
	undone := map[string]bool{}
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom(names).Draw(r, "act")
		before := dump(t, where)
		change, err := o.do(name)
		if err != nil { // what earlier acts left doesn't allow it
			return
		}
		if after := dump(t, where); !rapid.Bool().Draw(r, "undo") || equalDumps(before, after) {
			return
		}
		err = o.undo(change, false)
		if chat.CodeOf(err) == chat.InvalidArguments && strings.Contains(err.Error(), "which can't be undone") {
			return // the channel was deleted before, and created again
		}
		if err != nil {
			r.Fatalf("undoing %s: %v", name, err)
		}
		undone[name] = true
		for table, rows := range dump(t, where) {
			if !slices.Equal(rows, before[table]) {
				r.Fatalf("after %s, %s was\n%s\nand is\n%s", name, table, strings.Join(before[table], "\n"), strings.Join(rows, "\n"))
			}
		}
		if faults := o.faults(); len(faults) > 0 {
			r.Fatalf("verify found %q", faults)
		}
	})
	if len(undone) < 3 {
		t.Errorf("only %v were undone", undone)
	}
}

// Undoing several changes, the last one first, restores every table.
func TestUndoOfSequences(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { undoSequences(t, inFolder(t), 20) })
	t.Run("PostgreSQL", func(t *testing.T) { undoSequences(t, sqlstore.Options{URL: pgtest.Open(t)}, 5) })
}

func undoSequences(t *testing.T, where sqlstore.Options, times int) {
	o := openOffice(t, open(t, where))
	names, longest := slices.Sorted(maps.Keys(acts(o))), 0
	for range times {
		var made, done []string
		before := dump(t, where)
		for range 4 + rand.IntN(4) {
			name := names[rand.IntN(len(names))]
			if _, err := o.Channel(t.Context(), deals); err != nil && strings.HasPrefix(name, "createOrUpdateChannel") {
				continue // it would make the channel, which can't be undone
			}
			change, err := o.do(name)
			if err != nil { // what earlier acts left doesn't allow it
				continue
			}
			if c, err := o.Change(t.Context(), change); err != nil || !c.CanUndo {
				o.ok(err)
				continue // it changed nothing
			}
			made, done = append(made, change), append(done, name)
		}
		longest = max(longest, len(made))
		for i, change := range slices.Backward(made) {
			if err := o.undo(change, false); err != nil {
				t.Fatalf("after %q, undoing %s: %v", done, done[i], err)
			}
		}
		for table, rows := range dump(t, where) {
			if !slices.Equal(rows, before[table]) {
				t.Fatalf("after %q were undone, %s was\n%s\nand is\n%s", done, table, strings.Join(before[table], "\n"), strings.Join(rows, "\n"))
			}
		}
	}
	if longest < 3 {
		t.Errorf("at most %d changes were undone at once", longest)
	}
}

func equalDumps(a, b map[string][]string) bool {
	return maps.EqualFunc(a, b, slices.Equal[[]string])
}

// Each change can be undone once, on both databases.
func TestUndoOfEach(t *testing.T) {
	for name := range acts(&office{t: t}) {
		t.Run(name, func(t *testing.T) {
			where := inFolder(t)
			o := openOffice(t, open(t, where))
			undoOne(o, name, func() map[string][]string { return dump(t, where) })
		})
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		o := openOffice(t, open(t, sqlstore.Options{URL: pgtest.Open(t)}))
		for _, name := range slices.Sorted(maps.Keys(acts(o))) {
			undoOne(o, name, func() map[string][]string { return nil })
		}
	})
}

func undoOne(o *office, name string, tables func() map[string][]string) {
	o.t.Helper()
	before := tables()
	change, err := o.do(name)
	o.ok(err)
	left := tables()
	if before != nil && equalDumps(before, left) {
		return // it changed nothing: there is nothing to undo
	}
	err = o.undo(change, false)
	if before == nil && chat.CodeOf(err) == chat.InvalidArguments {
		return // likewise, on PostgreSQL
	}
	o.ok(err)
	if after := tables(); !equalDumps(before, after) {
		for table := range after {
			if !slices.Equal(before[table], after[table]) {
				o.t.Errorf("%s: %s was %s and is %s", name, table, before[table], after[table])
			}
		}
	}
	o.fails(o.undo(change, false), chat.Conflict)
	page, err := o.Users(o.t.Context(), chat.UserQuery{Limit: 9, Search: "anna"})
	if err != nil || len(page.Items) != 1 || page.Items[0].Name != "Anna" {
		o.t.Errorf("%s: a search finds %+v, %v", name, page.Items, err)
	}
}

// What somebody changed since isn't lost silently, and what a sender deleted doesn't come
// back.
func TestWhatUndoRefuses(t *testing.T) {
	o := openOffice(t, open(t, inFolder(t)))
	must := func(name string) string {
		t.Helper()
		change, err := o.do(name)
		o.ok(err)
		return change
	}
	rename, edit := must("createOrUpdateChannel rename"), must("editMessage")
	again := must("createOrUpdateChannel avatar")
	err := o.undo(rename, false)
	if chat.CodeOf(err) != chat.Conflict || !strings.Contains(err.Error(), again) || !strings.Contains(err.Error(), "clerk") || !strings.Contains(err.Error(), "name") {
		t.Errorf("a channel renamed since: %v", err)
	}
	bob := chat.Operation{By: chat.Actor{ID: "bob"}, Name: "deleteMessage", Source: chat.Source{Via: chat.ByGraphQL}}
	o.ok(o.Restrict(t.Context(), chat.Restrict{Operation: o.op("unbanUser"), Kind: chat.Ban, UserID: "bob", CID: deals, Lift: true}))
	o.ok(o.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: bob, CID: deals, ID: "m2"}))
	if err := o.undo(edit, false); chat.CodeOf(err) != chat.Conflict || !strings.Contains(err.Error(), "sender") {
		t.Errorf("a message that its sender deleted since: %v", err)
	}
	o.say("m5", "anna", "by the back office for her")
	op := o.op("deleteMessage")
	op.By, op.Noted = chat.Actor{ID: "anna", BackOffice: true}, func(id string) { rename = id }
	o.ok(o.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: op, CID: deals, ID: "m5"}))
	if err := o.undo(rename, false); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("a message that its sender deleted: %v", err)
	}
	if c, err := o.Change(t.Context(), rename); err != nil || c.CanUndo {
		t.Errorf("a message that its sender deleted can be undone: %v, %v", c, err)
	}
	deletion := must("deleteMessage")
	if c, err := o.Change(t.Context(), deletion); err != nil || !c.CanUndo {
		t.Errorf("a message that the staff deleted can't be undone: %v, %v", c, err)
	}
	for what, change := range map[string]string{"a change that isn't there": fmt.Sprint(again, "x")} {
		if err := o.undo(change, false); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := o.undo(again, false, deals); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("a part of a rename: %v", err)
	}
	created := ""
	op = o.op("createOrUpdateChannel")
	op.Noted = func(id string) { created = id }
	o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: op, CID: chat.CID{Type: chat.Team, ID: "new"}, Name: "New"}))
	if err := o.undo(created, false); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("a channel that was made: %v", err)
	}
}
