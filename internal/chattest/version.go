package chattest

import (
	"testing"
	"time"

	"backchannel/internal/chat"
)

// versioned are the changes that check a version. Seen reads the version of the thing to change;
// other is a change of it by somebody else.
var versioned = []struct {
	name      string
	seen      func(f *fixture) string
	other, do func(f *fixture, op chat.Operation) error
}{
	{"a channel's name", newsVersion, freezeNews, renameNews},
	{"freezing a channel", newsVersion, renameNews, freezeNews},
	{"the text of a message", helloVersion,
		func(f *fixture, op chat.Operation) error {
			return f.PinMessage(f.ctx(), chat.PinMessage{Operation: op, CID: news, ID: "hello", Pinned: true})
		}, editHello},
	{"pinning a message", helloVersion, editHello, func(f *fixture, op chat.Operation) error {
		return f.PinMessage(f.ctx(), chat.PinMessage{Operation: op, CID: news, ID: "hello", Pinned: true})
	}},
	{"a user's role", annaVersion, nameAnna, func(f *fixture, op chat.Operation) error {
		return f.SetRole(f.ctx(), chat.SetRole{Operation: op, UserID: "anna", Role: chat.RoleAdmin})
	}},
	{"roles of many", annaVersion, nameAnna, promoteAnna},
	{"a user's name", annaVersion, promoteAnna, nameAnna},
	{"a ban", annaBan, banAnnaUntil(time.Hour), banAnnaUntil(0)},
	{"a ban's end", annaBan, banAnnaUntil(time.Hour), func(f *fixture, op chat.Operation) error {
		return f.Restrict(f.ctx(), chat.Restrict{Operation: op, Kind: chat.Ban, UserID: "anna", CID: news, Lift: true})
	}},
	{"deleting a message", helloVersion, editHello, func(f *fixture, op chat.Operation) error {
		return f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: op, CID: news, ID: "hello"})
	}},
}

func newsVersion(f *fixture) string { return f.channel(news).Version() }

func helloVersion(f *fixture) string {
	m, err := f.Message(f.ctx(), clerk, news, "hello")
	f.ok(err)
	return m.Version()
}

func annaVersion(f *fixture) string {
	page, err := f.Users(f.ctx(), chat.UserQuery{Limit: 1, IDs: []string{"anna"}})
	f.ok(err)
	return page.Items[0].Version()
}

func annaBan(f *fixture) string {
	list, err := f.Restrictions(f.ctx(), news)
	f.ok(err)
	if len(list) == 0 {
		return chat.NoVersion
	}
	return list[0].Version()
}

func renameNews(f *fixture, op chat.Operation) error {
	return f.PutChannel(f.ctx(), chat.PutChannel{Operation: op, CID: news, Name: "Renamed"})
}

func freezeNews(f *fixture, op chat.Operation) error {
	return f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: op, CID: news, Frozen: true})
}

func editHello(f *fixture, op chat.Operation) error {
	return f.EditMessage(f.ctx(), chat.EditMessage{Operation: op, CID: news, ID: "hello", Text: "corrected"})
}

func nameAnna(f *fixture, op chat.Operation) error {
	_, err := f.UpsertUsers(f.ctx(), chat.UpsertUsers{Operation: op, Users: []chat.UserChange{{ID: "anna", Name: "Anne", IfVersion: op.IfVersion}}})
	return err
}

func promoteAnna(f *fixture, op chat.Operation) error {
	req := chat.SetRoles{Operation: op, UserIDs: []string{"anna"}, Role: chat.RoleModerator}
	if op.IfVersion != nil {
		req.IfVersions = []string{*op.IfVersion}
	}
	_, err := f.SetRoles(f.ctx(), req)
	return err
}

func banAnnaUntil(long time.Duration) func(f *fixture, op chat.Operation) error {
	return func(f *fixture, op chat.Operation) error {
		req := chat.Restrict{Operation: op, Kind: chat.Ban, UserID: "anna", CID: news, Reason: "spam"}
		if long > 0 {
			req.Until = time.Now().Add(long)
		}
		return f.Restrict(f.ctx(), req)
	}
}

// overwriting makes each change with an outdated version, which is refused and changes nothing, and
// then with the current one.
func overwriting(t *testing.T, f *fixture) {
	f.put(news, "News")
	_, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{ID: "hello", Sender: clerk.User(), CID: news, Text: "hello"}})
	f.ok(err)
	for _, row := range versioned {
		f.put(news, "News")
		f.ok(f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: news}))
		f.upsert(chat.UserChange{ID: "anna", Name: "Anna", Role: chat.RoleUser})
		f.ok(f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(clerk), CID: news, ID: "hello", Text: "hello"}))
		f.ok(f.PinMessage(f.ctx(), chat.PinMessage{Operation: by(clerk), CID: news, ID: "hello"}))

		seen := row.seen(f)
		f.ok(row.other(f, by(chat.Actor{ID: "boss", BackOffice: true})))
		present := row.seen(f)
		if seen == present {
			t.Errorf("%s: the version stays after somebody else's change", row.name)
		}
		op := by(clerk)
		op.IfVersion = &seen
		if err := row.do(f, op); chat.CodeOf(err) != chat.Conflict {
			t.Errorf("%s with an old version: %v, want CONFLICT", row.name, err)
		}
		if row.seen(f) != present {
			t.Errorf("%s was refused and made all the same", row.name)
		}
		op.IfVersion = &present
		if err := row.do(f, op); err != nil {
			t.Errorf("%s with the present version: %v", row.name, err)
		}
	}
	op, seen := by(clerk), newsVersion(f)
	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: op, CIDs: []chat.CID{news}}))
	op.IfVersion = &seen
	f.fails(renameNews(f, op), chat.Conflict) // instead of creating it again
	op.IfVersion = new(chat.NoVersion)
	f.ok(renameNews(f, op))
	f.fails(renameNews(f, op), chat.Conflict)
}
