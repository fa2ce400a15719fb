package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
)

// open makes a desk on an engine of its own, with the chat users anna and ben.
func open(t *testing.T, o desk.Options) *desk.Desk {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example/up/", Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		e.Close()
		_ = store.Close()
	})
	o.Provider = e
	d := desk.New(o)
	role := o.BackOfficeRole
	if role == "" {
		role = "BO"
	}
	_, err = d.UpsertUsers(t.Context(), desk.UpsertUsers{
		Request: desk.Request{Caller: auth.Caller{ID: "setup", Roles: []string{role}}},
		Users:   []chat.UserChange{{ID: "anna", Name: "Anna"}, {ID: "ben", Name: "Ben"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var bo = desk.Request{Caller: auth.Caller{ID: "clerk", Name: "Clara", Roles: []string{"USER", "BO"}}}

func news(r desk.Request) desk.CreateOrUpdateChannel {
	return desk.CreateOrUpdateChannel{Request: r, ID: new("news"), Name: "News", Type: chat.Livestream}
}

func hello(r desk.Request) desk.SendMessage {
	return desk.SendMessage{Request: r, ChannelID: "news", Type: chat.Livestream, Text: "hello"}
}

// operations calls each operation of the desk once.
func operations(d *desk.Desk) map[string]func(context.Context, desk.Request) error {
	return map[string]func(context.Context, desk.Request) error{
		"AllChannels": func(ctx context.Context, r desk.Request) error { _, err := d.AllChannels(ctx, r); return err },
		"Channel":     func(ctx context.Context, r desk.Request) error { _, err := d.Channel(ctx, r, "team:x"); return err },
		"ListChannels": func(ctx context.Context, r desk.Request) error {
			_, err := d.ListChannels(ctx, desk.ListChannels{Request: r})
			return err
		},
		"CreateOrUpdateChannel": func(ctx context.Context, r desk.Request) error {
			_, err := d.CreateOrUpdateChannel(ctx, news(r))
			return err
		},
		"DeleteChannels": func(ctx context.Context, r desk.Request) error {
			return d.DeleteChannels(ctx, desk.DeleteChannels{Request: r, CIDs: []string{"team:x"}})
		},
		"ListBin": func(ctx context.Context, r desk.Request) error {
			_, err := d.ListBin(ctx, desk.ListBin{Request: r})
			return err
		},
		"EraseNow": func(ctx context.Context, r desk.Request) error {
			_, err := d.EraseNow(ctx, desk.EraseNow{Request: r, ID: "1", Name: "x"})
			return err
		},
		"Undo": func(ctx context.Context, r desk.Request) error {
			_, err := d.Undo(ctx, desk.Undo{Request: r, Change: "x"})
			return err
		},
		"Provider":   func(ctx context.Context, r desk.Request) error { _, err := d.Provider(ctx, r); return err },
		"Highlights": func(ctx context.Context, r desk.Request) error { _, err := d.Highlights(ctx, r); return err },
		"LastMessages": func(ctx context.Context, r desk.Request) error {
			_, err := d.LastMessages(ctx, r, []string{"team:x"})
			return err
		},
		"Overview": func(ctx context.Context, r desk.Request) error { _, err := d.Overview(ctx, r); return err },
		"SetRoles": func(ctx context.Context, r desk.Request) error {
			_, err := d.SetRoles(ctx, desk.SetRoles{Request: r, UserIDs: []string{"anna"}, Role: chat.RoleAdmin})
			return err
		},
		"FreezeChannel": func(ctx context.Context, r desk.Request) error {
			_, err := d.FreezeChannel(ctx, desk.FreezeChannel{Request: r, CID: "team:x"})
			return err
		},
		"SendMessage": func(ctx context.Context, r desk.Request) error { _, err := d.SendMessage(ctx, hello(r)); return err },
		"DeleteMessage": func(ctx context.Context, r desk.Request) error {
			return d.DeleteMessage(ctx, desk.DeleteMessage{Request: r, CID: "team:x", ID: "x"})
		},
		"ListMessages": func(ctx context.Context, r desk.Request) error {
			_, err := d.ListMessages(ctx, desk.ListMessages{Request: r, CID: "team:x"})
			return err
		},
		"ListUsers": func(ctx context.Context, r desk.Request) error {
			_, err := d.ListUsers(ctx, desk.ListUsers{Request: r})
			return err
		},
		"UpsertUsers": func(ctx context.Context, r desk.Request) error {
			_, err := d.UpsertUsers(ctx, desk.UpsertUsers{Request: r, Users: []chat.UserChange{{ID: "x", Name: "X"}}})
			return err
		},
		"SetRole": func(ctx context.Context, r desk.Request) error {
			return d.SetRole(ctx, desk.SetRole{Request: r, UserID: "anna", Role: chat.RoleAdmin})
		},
		"CreateUserToken": func(ctx context.Context, r desk.Request) error {
			_, _, err := d.CreateUserToken(ctx, desk.CreateUserToken{Request: r, UserID: "anna"})
			return err
		},
		"RevokeTokens": func(ctx context.Context, r desk.Request) error {
			return d.RevokeTokens(ctx, desk.RevokeTokens{Request: r, UserID: "ben"})
		},
		"SubscribeBackOffice": func(ctx context.Context, r desk.Request) error {
			_, err := d.SubscribeBackOffice(ctx, r, nil)
			return err
		},
	}
}

// customers calls each operation of the desk that customers' apps also use.
func customers(d *desk.Desk) map[string]func(context.Context, desk.Request) error {
	const cid = "livestream:news"
	return map[string]func(context.Context, desk.Request) error{
		"MyChannels": func(ctx context.Context, r desk.Request) error {
			_, err := d.MyChannels(ctx, desk.MyChannels{Request: r})
			return err
		},
		"Post": func(ctx context.Context, r desk.Request) error {
			_, err := d.Post(ctx, desk.Post{Request: r, CID: cid, Text: "hello"})
			return err
		},
		"EditMessage": func(ctx context.Context, r desk.Request) error {
			_, err := d.EditMessage(ctx, desk.EditMessage{Request: r, CID: cid, ID: "x", Text: "hello"})
			return err
		},
		"PinMessage": func(ctx context.Context, r desk.Request) error {
			_, err := d.PinMessage(ctx, desk.PinMessage{Request: r, CID: cid, ID: "x"})
			return err
		},
		"React": func(ctx context.Context, r desk.Request) error {
			_, err := d.React(ctx, desk.React{Request: r, CID: cid, ID: "x", Type: "like"})
			return err
		},
		"MarkRead": func(ctx context.Context, r desk.Request) error {
			return d.MarkRead(ctx, desk.MarkRead{Request: r, CID: cid})
		},
		"ListMembers": func(ctx context.Context, r desk.Request) error {
			_, err := d.ListMembers(ctx, desk.ListMembers{Request: r, CID: cid})
			return err
		},
		"ChangeMembers": func(ctx context.Context, r desk.Request) error {
			return d.ChangeMembers(ctx, desk.ChangeMembers{Request: r, CID: cid, UserIDs: []string{"anna"}})
		},
		"Restrict": func(ctx context.Context, r desk.Request) error {
			return d.Restrict(ctx, desk.Restrict{Request: r, Kind: chat.Ban, UserID: "ben"})
		},
		"SubscribeChannel": func(ctx context.Context, r desk.Request) error {
			feed, err := d.SubscribeChannel(ctx, desk.SubscribeChannel{Request: r, CID: cid})
			if err == nil {
				feed.Close()
			}
			return err
		},
		"MayRead": func(ctx context.Context, r desk.Request) error { return d.MayRead(ctx, r, cid) },
		"Attend":  func(ctx context.Context, r desk.Request) error { _, err := d.Attend(ctx, r, cid); return err },
		"Type":    func(ctx context.Context, r desk.Request) error { return d.Type(ctx, r, cid, true) },
	}
}

// The desk lets a customer call all of these; the engine's rules decide the rest.
func TestOperationsForCustomers(t *testing.T) {
	d := open(t, desk.Options{})
	if _, err := d.CreateOrUpdateChannel(t.Context(), news(bo)); err != nil {
		t.Fatal(err)
	}
	for who, r := range map[string]desk.Request{
		"nobody":      {},
		"a bad token": {Denied: auth.ErrBad, Caller: bo.Caller},
	} {
		for name, call := range customers(d) {
			if err := call(t.Context(), r); chat.CodeOf(err) != chat.Unauthorized {
				t.Errorf("%s with %s: got %v", name, who, err)
			}
		}
	}
	want := map[string]chat.Code{
		"EditMessage": chat.Unauthorized, "PinMessage": chat.Unauthorized, "ChangeMembers": chat.Unauthorized,
		"Restrict": chat.Unauthorized, "MarkRead": chat.Unauthorized, "React": chat.NotFound,
	}
	for name, call := range customers(d) {
		r := desk.Request{Caller: auth.Caller{ID: "anna", Name: "Anna"}}
		if err := call(t.Context(), r); chat.CodeOf(err) != want[name] {
			t.Errorf("%s with a customer's token: got %v, want %q", name, err, want[name])
		}
	}
}

func TestOperationsAreForTheBackOffice(t *testing.T) {
	caller := func(roles ...string) desk.Request { return desk.Request{Caller: auth.Caller{ID: "anna", Roles: roles}} }
	const forAll = "Provider DeleteMessage FreezeChannel" // the engine decides by the chat's roles
	for who, r := range map[string]desk.Request{
		"nobody":                      {},
		"a bad token":                 {Denied: auth.ErrBad, Caller: bo.Caller},
		"a role but no id":            {Caller: auth.Caller{Roles: []string{"BO"}}},
		"no role":                     caller(),
		"another role":                caller("ADMIN"),
		"the role in small":           caller("bo"),
		"a role that begins like it":  caller("BOSS"),
		"a role that is more than it": caller("BO USER"),
	} {
		d := open(t, desk.Options{})
		for name, call := range operations(d) {
			if r.Caller.ID != "" && r.Denied == nil && strings.Contains(forAll, name) {
				continue
			}
			e, ok := errors.AsType[*chat.Error](call(t.Context(), r))
			if !ok || e.Code != chat.Unauthorized {
				t.Errorf("%s with %s: got %v", name, who, e)
				continue
			}
			if e.Message != "You are not authorized to perform this operation." || e.Cause == nil {
				t.Errorf("%s with %s: the message is %q, the cause %v", name, who, e.Message, e.Cause)
			}
		}
		if list, err := d.AllChannels(t.Context(), bo); err != nil || len(list) > 0 {
			t.Errorf("%s made %d channels, %v", who, len(list), err)
		}
	}
	d := open(t, desk.Options{BackOfficeRole: "crm:chat"})
	if _, err := d.AllChannels(t.Context(), caller("x", "crm:chat")); err != nil {
		t.Errorf("the configured role: %v", err)
	}
	if _, err := d.AllChannels(t.Context(), caller("BO")); chat.CodeOf(err) != chat.Unauthorized {
		t.Errorf("the default role where another is configured: %v", err)
	}
}

func TestArguments(t *testing.T) {
	d := open(t, desk.Options{})
	if _, err := d.CreateOrUpdateChannel(t.Context(), news(bo)); err != nil {
		t.Fatal(err)
	}
	cids := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint("team:c", i))
		}
		return list
	}
	put := func(change func(*desk.CreateOrUpdateChannel)) error {
		in := news(bo)
		change(&in)
		_, err := d.CreateOrUpdateChannel(t.Context(), in)
		return err
	}
	send := func(change func(*desk.SendMessage)) error {
		in := hello(bo)
		change(&in)
		_, err := d.SendMessage(t.Context(), in)
		return err
	}
	del := func(cids ...string) error {
		return d.DeleteChannels(t.Context(), desk.DeleteChannels{Request: bo, CIDs: cids})
	}
	users := func(list ...chat.UserChange) error {
		_, err := d.UpsertUsers(t.Context(), desk.UpsertUsers{Request: bo, Users: list})
		return err
	}
	messages := func(in desk.ListMessages) error {
		in.Request, in.CID = bo, "livestream:news"
		_, err := d.ListMessages(t.Context(), in)
		return err
	}
	picture := desk.Attachment{Title: "A", AssetURL: "https://e.com/a.jpg"}
	for _, row := range []struct {
		says  string
		err   error
		code  chat.Code
		field string
	}{
		{"an empty id is no id", put(func(in *desk.CreateOrUpdateChannel) { in.ID = new("") }), chat.InvalidArguments, "id"},
		{"an id with a colon", put(func(in *desk.CreateOrUpdateChannel) { in.ID = new("a:b") }), chat.InvalidArguments, "id"},
		{"a blank name", put(func(in *desk.CreateOrUpdateChannel) { in.Name = " " }), chat.InvalidArguments, "name"},
		{"an empty avatar name", put(func(in *desk.CreateOrUpdateChannel) { in.SetAvatar, in.Avatar = true, new("") }), chat.InvalidArguments, "avatarFilename"},
		{"a video as an avatar", put(func(in *desk.CreateOrUpdateChannel) { in.SetAvatar, in.Avatar = true, new("a.mp4") }), chat.FileTypeNotSupported, "avatarFilename"},
		{"no cids", del(), chat.InvalidArguments, "cids"},
		{"10,001 cids", del(cids(10_001)...), chat.InvalidArguments, "cids"},
		{"10,000 cids", del(cids(10_000)...), "", ""},
		{"one malformed cid among good ones", del("livestream:news", "news"), chat.InvalidArguments, "cids[1]"},
		{"a message to a cid", send(func(in *desk.SendMessage) { in.ChannelID = "livestream:news" }), chat.InvalidArguments, "channelId"},
		{"a message to nowhere", send(func(in *desk.SendMessage) { in.Type = chat.Team }), chat.NotFound, "cid"},
		{"an empty message", send(func(in *desk.SendMessage) { in.Text = "" }), chat.InvalidArguments, "text"},
		{"a picture alone", send(func(in *desk.SendMessage) { in.Text, in.Attachments = "", []desk.Attachment{picture} }), "", ""},
		{"31 attachments", send(func(in *desk.SendMessage) { in.Attachments = make([]desk.Attachment, 31) }), chat.InvalidArguments, "attachments"},
		{"a bad second attachment", send(func(in *desk.SendMessage) {
			in.Attachments = []desk.Attachment{picture, {AssetURL: "https://e.com/a.exe"}}
		}), chat.FileTypeNotSupported, "attachments[1].assetUrl"},
		{"an unknown mention", send(func(in *desk.SendMessage) { in.Mentions = []string{"anna", "zoe"} }), chat.InvalidArguments, "mentions"},
		{"no users", users(), chat.InvalidArguments, "users"},
		{"1,001 users", users(make([]chat.UserChange, 1001)...), chat.InvalidArguments, "users"},
		{"a bad user id", users(chat.UserChange{ID: "a"}, chat.UserChange{ID: "b c", Name: "B"}), chat.InvalidArguments, "users[0].name"},
		{"a user twice", users(chat.UserChange{ID: "a", Name: "A"}, chat.UserChange{ID: "a", Name: "A"}), chat.InvalidArguments, "users[1].id"},
		{"a role for nobody", d.SetRole(t.Context(), desk.SetRole{Request: bo, UserID: "zoe", Role: chat.RoleAdmin}), chat.NotFound, "users"},
		{"a role for a bad id", d.SetRole(t.Context(), desk.SetRole{Request: bo, UserID: "a b", Role: chat.RoleAdmin}), chat.InvalidArguments, "userId"},
		{"a page of none", messages(desk.ListMessages{First: new(0)}), chat.InvalidArguments, "first"},
		{"a page of 201", messages(desk.ListMessages{Last: new(201)}), chat.InvalidArguments, "last"},
		{"both ends", messages(desk.ListMessages{First: new(1), Last: new(1)}), chat.InvalidArguments, "first"},
		{"a wrong cursor", messages(desk.ListMessages{After: new("x")}), chat.InvalidArguments, "after"},
		{"another wrong cursor", messages(desk.ListMessages{Before: new("x")}), chat.InvalidArguments, "before"},
		{"neither end", messages(desk.ListMessages{}), "", ""},
	} {
		e, _ := errors.AsType[*chat.Error](row.err)
		switch {
		case chat.CodeOf(row.err) != row.code:
			t.Errorf("%s: got %v, want the code %q", row.says, row.err, row.code)
		case e != nil && e.Field != row.field:
			t.Errorf("%s: the field is %q, want %q", row.says, e.Field, row.field)
		}
	}
	page, err := d.ListMessages(t.Context(), desk.ListMessages{Request: bo, CID: "livestream:news"})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("%d messages were sent (%v), want the picture alone", len(page.Items), err)
	}
}

func TestSender(t *testing.T) {
	for _, row := range []struct {
		says    string
		options desk.Options
		caller  auth.Caller
		id      string
		name    string
		code    chat.Code
	}{
		{"the caller sends", desk.Options{}, auth.Caller{ID: "clerk", Name: " Clara "}, "clerk", "Clara", ""},
		{"a caller without a name sends", desk.Options{}, auth.Caller{ID: "clerk"}, "clerk", "", ""},
		{"a name that can't be one is left out", desk.Options{}, auth.Caller{ID: "clerk", Name: "a\x00b"}, "clerk", "", ""},
		{"the service user sends", desk.Options{ServiceUser: "desk"}, auth.Caller{ID: "auth0|7"}, "desk", "", ""},
		{"a caller of an identity provider sends", desk.Options{}, auth.Caller{ID: "auth0|7"}, "auth0|7", "", ""},
	} {
		d := open(t, row.options)
		row.caller.Roles = []string{"BO"}
		r := desk.Request{Caller: row.caller}
		if _, err := d.CreateOrUpdateChannel(t.Context(), news(r)); err != nil {
			t.Fatal(err)
		}
		_, err := d.SendMessage(t.Context(), hello(r))
		if chat.CodeOf(err) != row.code {
			t.Errorf("%s: got %v, want %q", row.says, err, row.code)
		}
		page, err := d.ListMessages(t.Context(), desk.ListMessages{Request: bo, CID: "livestream:news"})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Items {
			if m.Sender.ID != row.id || m.Sender.Name != row.name {
				t.Errorf("%s: the sender is %+v", row.says, m.Sender)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	d := open(t, desk.Options{})
	if _, err := d.CreateOrUpdateChannel(t.Context(), news(bo)); err != nil {
		t.Fatal(err)
	}
	with := func(key string) desk.Request {
		r := bo
		r.Key = key
		return r
	}
	first, err := d.SendMessage(t.Context(), hello(with("k")))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.SendMessage(t.Context(), hello(with("k"))); err != nil || again != first {
		t.Errorf("a repeat: %s, %v, want %s", again, err, first)
	}
	for what, change := range map[string]func(*desk.SendMessage){
		"another text":       func(in *desk.SendMessage) { in.Text = "other" },
		"another channel":    func(in *desk.SendMessage) { in.Type = chat.Team },
		"another mention":    func(in *desk.SendMessage) { in.Mentions = []string{"anna"} },
		"another attachment": func(in *desk.SendMessage) { in.Attachments = []desk.Attachment{{AssetURL: "https://e.com/a.jpg"}} },
	} {
		in := hello(with("k"))
		change(&in)
		if _, err := d.SendMessage(t.Context(), in); chat.CodeOf(err) != chat.Conflict {
			t.Errorf("the key with %s: got %v, want a conflict", what, err)
		}
	}
	if _, err := d.CreateOrUpdateChannel(t.Context(), news(with("k"))); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("the key with another operation: got %v, want a conflict", err)
	}
	if _, err := d.SendMessage(t.Context(), hello(with("a b"))); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("a key with a blank: %v", err)
	}
	keep, remove := news(with("k2")), news(with("k2"))
	remove.SetAvatar = true
	if _, err := d.CreateOrUpdateChannel(t.Context(), keep); err != nil {
		t.Error(err)
	}
	if _, err := d.CreateOrUpdateChannel(t.Context(), remove); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("keeping and removing the avatar are one input: %v", err)
	}
}
