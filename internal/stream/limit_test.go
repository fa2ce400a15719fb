package stream_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// Every write to a Stream that holds to its limits is refused with the field's name, or split, or
// fits. What is refused changes nothing. All other tests of this package run against these limits, too.
func TestStreamsLimits(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	far := there{h, t}
	far.put(news, "News")
	others, err := stream.NewClient(stream.ClientOptions{Key: appKey, Secret: appSecret, BaseURL: h.o.BaseURL, Logger: h.o.Logger})
	far.ok(err)
	t.Cleanup(others.Close)
	full := map[string]any{"note": strings.Repeat("x", 5_000)}
	far.ok(others.Do(t.Context(), stream.UpdateChannel, stream.Request{Path: []string{"livestream", "news"}, Body: map[string]any{"set": full}}, nil))
	far.ok(others.Do(t.Context(), stream.Call{Name: "upsert users", Method: http.MethodPost, Path: "/api/v2/users", PerMinute: 100}, stream.Request{
		Body: map[string]any{"users": map[string]any{"anna": map[string]any{"id": "anna", "custom": full}}}}, nil))
	many := make([]chat.UserChange, 250)
	ids := make([]string, len(many))
	for i := range many {
		ids[i] = fmt.Sprintf("user.%d", i) // not of Stream's characters
		many[i] = chat.UserChange{ID: ids[i], Name: fmt.Sprint("User ", i)}
	}
	long, odd := strings.Repeat("😀", 255), chat.Actor{ID: "odd|one", Name: strings.Repeat("😀", 255)}
	large := func(n int) chat.Attachment {
		return chat.Attachment{Type: chat.Image, Title: "t", AssetURL: "https://files.example/" + strings.Repeat("a", n) + ".png"}
	}
	post := func(from chat.Actor, list ...chat.Attachment) (string, error) {
		m := chat.Message{Sender: from.User(), CID: news, Text: "hello"}
		for _, a := range list {
			m.Attachments = append(m.Attachments, a.Raw())
		}
		return h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(from), Message: m})
	}
	id, err := post(clerk, large(1_800), large(1_800))
	far.ok(err)
	// exactly makes an attachment that takes that many bytes with the list's brackets. fits is the longest name that
	// others' data leaves room for.
	const most = 5 << 10
	exactly := func(n int) chat.Attachment {
		a := large(0)
		a.AssetURL += "?a=1&b=2&" // & is longer as we write it
		empty := len(`[{"type":"image","title":"t","asset_url":"` + a.AssetURL + `"}]`)
		a.AssetURL += strings.Repeat("x", n-empty)
		return a
	}
	fits := strings.Repeat("n", most-len(`{"name":"","note":""}`)-5_000)
	picture := func(more int) chat.PutChannel {
		n := most - len(`{"image":"https://media.example/.png","name":"N","note":""}`) - 5_000 + more
		return chat.PutChannel{Operation: by(clerk), CID: news, Name: "N", Avatar: chat.Optional{Set: true, Value: strings.Repeat("a", n) + ".png"}}
	}
	edit := func(n int, mentions ...string) chat.EditMessage {
		return chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "x", Attachments: &[]chat.AttachmentEdit{{Attachment: exactly(n)}}, Mentions: &mentions}
	}
	say := func(text string, mentions ...string) error {
		_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: text, Mentions: chat.Users(mentions)}})
		return err
	}
	longID := strings.Repeat("a", 158) + "." // a byte too long when it is escaped
	only := func(_ any, err error) error { return err }
	for _, row := range []struct {
		name  string
		field string // "" if it is done
		write string // the end of the path of what must not be called; "" if nothing may be
		do    func() error
	}{
		{"attachments that take too much together", "attachments", "/message", func() error { return only(post(clerk, large(1_900), large(1_900), large(1_900))) }},
		{"attachments of exactly the limit", "", "", func() error { return only(post(clerk, exactly(most))) }},
		{"a byte more", "attachments", "/message", func() error { return only(post(clerk, exactly(most+1))) }},
		{"an edit that adds too much", "attachments", "/" + id, func() error {
			return h.EditMessage(h.ctx(), chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "x", Attachments: &[]chat.AttachmentEdit{
				{Attachment: large(1_800)}, {Attachment: large(1_800)}, {Attachment: large(1_900)}}})
		}},
		{"an edit to exactly the limit", "", "", func() error { return h.EditMessage(h.ctx(), edit(most)) }},
		{"an edit to a byte more", "attachments", "/" + id, func() error { return h.EditMessage(h.ctx(), edit(most+1)) }},
		{"a text of 5,000 characters", "", "", func() error { return say(strings.Repeat("ä", 5_000)) }},
		{"a character more", "text", "/nothing", func() error { return say(strings.Repeat("ä", 5_001)) }}, // Stream says so
		{"a message of somebody new with an id and a name that are long", "", "", func() error { return only(post(odd)) }},
		{"a channel with a long name and avatar", "", "", func() error {
			return only(h.CreateChannel(h.ctx(), chat.CreateChannel{Operation: by(odd), Type: chat.Team, WantID: "long", Name: long, Avatar: strings.Repeat("a", 200) + ".png"}))
		}},
		{"a name that others' data leaves no room for", "name", "/news", func() error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: long})
		}},
		{"a name that just fits", "", "", func() error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: fits})
		}},
		{"a name of a byte more", "name", "/news", func() error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: fits + "n"})
		}},
		{"an avatar that they leave no room for", "avatarFilename", "/news", func() error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: "N", Avatar: chat.Optional{Set: true, Value: strings.Repeat("a", 200) + ".png"}})
		}},
		{"an avatar that just fits", "", "", func() error { return h.PutChannel(h.ctx(), picture(0)) }},
		{"an avatar of a byte more", "avatarFilename", "/news", func() error { return h.PutChannel(h.ctx(), picture(1)) }},
		{"no avatar", "", "", func() error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: "N", Avatar: chat.Optional{Set: true}})
		}},
		{"a name that they leave room for", "", "", func() error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: "Short"})
		}},
		{"freezing a full channel", "", "", func() error {
			return h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: news, Frozen: true})
		}},
		{"and the opposite", "", "", func() error { return h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: news}) }},
		{"a user's name that others' data leaves no room for", "users[1].name", "/users", func() error {
			return only(h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "b.ob", Name: "B"}, {ID: "anna", Name: long}}}))
		}},
		{"a user's name that just fits", "", "", func() error {
			return only(h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: fits}}}))
		}},
		{"a user's name of a byte more", "users[0].name", "/users", func() error {
			return only(h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: fits + "n"}}}))
		}},
		{"a user id whose escape just fits", "", "", func() error {
			return only(h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: strings.Repeat("a", 157) + ".", Name: "A"}}}))
		}},
		{"a user id of a byte more", "users[0].id", "", func() error {
			return only(h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: longID, Name: "A"}}}))
		}},
		{"its role", "users", "", func() error {
			return h.SetRole(h.ctx(), chat.SetRole{Operation: by(clerk), UserID: longID, Role: chat.RoleModerator})
		}},
		{"its role among others", "users", "", func() error {
			return only(h.SetRoles(h.ctx(), chat.SetRoles{Operation: by(clerk), UserIDs: []string{"anna", longID}, Role: chat.RoleModerator}))
		}},
		{"its membership", "users", "", func() error {
			return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: []string{longID}})
		}},
		{"its ban", "users", "", func() error {
			return h.Restrict(h.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: longID, CID: news})
		}},
		{"a mention of it", "mentions", "", func() error { return say("hello", longID) }},
		{"one in an edit", "mentions", "", func() error { return h.EditMessage(h.ctx(), edit(most, longID)) }},
		{"a full user's role", "", "", func() error {
			return h.SetRole(h.ctx(), chat.SetRole{Operation: by(clerk), UserID: "anna", Role: chat.RoleModerator})
		}},
		{"250 users", "", "", func() error { return only(h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: many})) }},
		{"roles of 250 users", "", "", func() error {
			return only(h.SetRoles(h.ctx(), chat.SetRoles{Operation: by(clerk), UserIDs: ids, Role: chat.RoleModerator}))
		}},
		{"250 members", "", "", func() error {
			return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: ids})
		}},
		{"the opposite", "", "", func() error {
			return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Remove: ids})
		}},
		{"25 mentions", "", "", func() error { return say("all", ids[:25]...) }},
		{"a ban", "", "", func() error {
			return h.Restrict(h.ctx(), chat.Restrict{Operation: by(chat.Actor{ID: odd.ID, BackOffice: true}), Kind: chat.Ban, UserID: ids[0], CID: news})
		}},
	} {
		calls := func() int {
			if row.write == "" {
				return len(h.net.calls())
			}
			return h.net.count(http.MethodPost, row.write) + h.net.count(http.MethodPatch, row.write) + h.net.count(http.MethodPut, row.write)
		}
		before := calls()
		err := row.do()
		if row.field == "" {
			if err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
			continue
		}
		if e := asError(t, err); e.Code != chat.InvalidArguments || e.Field != row.field {
			t.Errorf("%s: %+v, want INVALID_ARGUMENTS in %s", row.name, e, row.field)
		}
		if calls() != before {
			t.Errorf("%s: Stream was asked", row.name)
		}
	}
	c, err := h.far.Channel(t.Context(), news)
	far.ok(err)
	if c.Name != "Short" {
		t.Errorf("the channel is %q", c.Name)
	}
}
