package stream_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/extra"
)

// Both providers are asked the same. Their answers differ exactly as the table in
// docs/stream.md says.
func TestDifferences(t *testing.T) {
	h := open(t, stream.Options{})
	hosted := answersOf(t, h.Provider, h.back())
	e := engine.New(engine.Options{Store: openStore(t, sqlstore.Options{Memory: true}), AvatarBaseURL: "https://media.example",
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(e.Close)
	ours := answersOf(t, e, chattest.Back{
		Post: func(m chat.Message) error {
			_, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: m})
			return err
		},
		Read: func(id string) (chat.Message, error) { return extra.New(e).MessageByID(t.Context(), id, "") },
	})
	var differ []string
	for question, answer := range ours {
		if hosted[question] != answer {
			differ = append(differ, question)
			t.Logf("%s: %s here, %s on hosted Stream", question, answer, hosted[question])
		}
	}
	slices.Sort(differ)
	text, err := os.ReadFile("../../docs/stream.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "### Where the answers differ")
	table, _, _ = strings.Cut(table, "\n#")
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^|]+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$").FindAllStringSubmatch(table, -1) {
		told = append(told, row[1])
	}
	slices.Sort(told)
	if diff := cmp.Diff(told, differ); diff != "" {
		t.Errorf("where the answers differ (-docs/stream.md +tried):\n%s", diff)
	}
}

// answersOf does a clerk's day and returns what the chat answers, by question.
func answersOf(t *testing.T, p chat.Provider, back chattest.Back) map[string]string {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	answers := map[string]string{}
	note := func(question string, answer any) {
		text, err := json.Marshal(answer)
		must(err)
		answers[question] = string(text)
	}
	_, err := p.UpsertUsers(ctx, chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{
		{ID: "clerk", Name: "Clara Clerk"}, {ID: "anna", Name: "Anna"}, {ID: "bob", Name: "Bob", Role: chat.RoleModerator}, {ID: "carl", Name: "Carl"}}})
	must(err)
	cid, err := p.CreateChannel(ctx, chat.CreateChannel{Operation: by(clerk), Type: chat.Livestream, Name: "News", WantID: "news", Avatar: "a.png"})
	must(err)
	must(p.ChangeMembers(ctx, chat.ChangeMembers{Operation: by(clerk), CID: cid, Add: []string{"anna", "bob"}}))
	id, err := p.SendMessage(ctx, chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: cid, Text: "hello", Mentions: chat.Users([]string{"anna"}),
		Attachments: []json.RawMessage{chat.Attachment{Type: chat.Image, Title: "A", AssetURL: "https://e.com/a.png", ImageURL: "https://e.com/a.png", Width: 4, Height: 3}.Raw()}}})
	must(err)
	for _, m := range []chat.Message{
		{ID: "file", Attachments: []json.RawMessage{[]byte(`{"type":"file","asset_url":"https://e.com/a.pdf","fallback":"Contract"}`)}},
		{ID: "reply", Text: "a reply", Parent: id},
		{ID: "gone", Text: "a reply that is deleted", Parent: id},
	} {
		m.CID, m.Sender.ID = cid, "anna"
		must(back.Post(m))
	}
	must(p.EditMessage(ctx, chat.EditMessage{Operation: by(clerk), CID: cid, ID: id, Text: "hello again"}))
	must(p.PinMessage(ctx, chat.PinMessage{Operation: by(clerk), CID: cid, ID: id, Pinned: true}))
	must(p.React(ctx, chat.React{Operation: by(clerk), CID: cid, MessageID: id, Type: "like"}))
	must(p.DeleteMessage(ctx, chat.DeleteMessage{Operation: by(clerk), CID: cid, ID: "gone"}))
	must(p.Restrict(ctx, chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "carl", Until: time.Now().Add(90 * time.Second)}))
	must(p.Restrict(ctx, chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "anna", CID: cid}))
	must(p.FreezeChannel(ctx, chat.FreezeChannel{Operation: by(clerk), CID: cid, Frozen: true}))

	c, err := p.Channel(ctx, cid)
	must(err)
	note("channel { cid name avatar frozen memberCount createdBy lastMessageAt }",
		[]any{c.CID.String(), c.Name, c.Avatar, c.Frozen, c.MemberCount, c.CreatedBy, c.LastMessageAt.IsZero()})
	note("channel { messageCount }", c.MessageCount)
	page, err := p.Messages(ctx, chat.MessageQuery{CID: cid, By: clerk, Limit: 50, FromEnd: true})
	must(err)
	var said []any
	dense := true
	for i, m := range page.Items {
		dense = dense && m.Seq < 1_000
		if m.ID == "gone" {
			note("messages: a reply that was deleted", []any{m.Text, m.DeletedAt.IsZero()})
			continue
		}
		reactions := map[string]int64{}
		for word, g := range m.Reactions {
			reactions[word] = g.Count
		}
		said = append(said, []any{i, m.Sender.ID, m.Sender.Name, m.Text, m.ShownAttachments(), len(m.Mentions), reactions,
			m.EditedAt.IsZero(), m.PinnedAt.IsZero(), m.DeletedAt.IsZero()})
	}
	note("messages { sender text attachments mentionedUsers reactions editedAt pinnedAt }", said)
	note("messages { seq }", dense)
	members, err := p.Members(ctx, chat.MemberQuery{CID: cid, Limit: 10})
	must(err)
	var reads []any
	for _, m := range members.Items {
		reads = append(reads, m.User.ID, m.User.Role, m.ReadSeq)
	}
	note("members { user readSeq } who have read nothing", reads)
	users, err := p.Users(ctx, chat.UserQuery{Limit: 10, IDs: []string{"anna", "carl", "bob"}})
	must(err)
	var known []any
	for _, u := range users.Items {
		known = append(known, u.ID, u.Name, u.Role)
		if u.ID == "carl" && u.Ban != nil {
			note("chatUsers { ban { by reason createdAt } }", []any{u.Ban.By, u.Ban.Reason, u.Ban.CreatedAt.IsZero()})
			note("chatUsers { ban { until } }", time.Until(u.Ban.Until) > 90*time.Second)
		}
	}
	note("chatUsers { id name role }", known)
	bans, err := p.Restrictions(ctx, cid)
	must(err)
	var banned []any
	for _, r := range bans {
		banned = append(banned, r.Kind, r.UserID, r.By, r.Reason, r.Until.IsZero(), r.CreatedAt.IsZero())
	}
	note("restrictions { kind user by reason until createdAt }", banned)
	o, err := p.Overview(ctx)
	must(err)
	note("overview { channels users }", []any{o.Channels, o.Users})
	note("overview { messages messagesToday messagesPerHour }", []bool{o.Messages != nil, o.MessagesToday() != nil, o.Hours != nil})
	exist, err := p.Existing(ctx, []chat.CID{cid})
	must(err)
	note("plan { undoableUntil }", p.Info().BinKept > 0)
	note("plan { members messages }", []any{len(exist), exist[0].MemberCount, exist[0].MessageCount})
	all, err := p.AllChannels(ctx)
	must(err)
	note("allChannels", []any{len(all), all[0].CID.String(), all[0].Name, all[0].Avatar})

	code := func(question string, err error) { note(question, fmt.Sprint(chat.CodeOf(err))) }
	code("muteUser", p.Restrict(ctx, chat.Restrict{Operation: by(clerk), Kind: chat.Mute, UserID: "carl"}))
	_, err = p.Subscribe(ctx, chat.Subscribe{By: clerk, CID: cid})
	code("channelEvents", err)
	_, err = p.SubscribeBackOffice(ctx, nil)
	code("backofficeEvents", err)
	code("sendTyping", p.Signal(ctx, clerk, cid, chat.TypingStart))
	code("editMessage of a message that isn't there", p.EditMessage(ctx, chat.EditMessage{Operation: by(clerk), CID: cid, ID: "nothing", Text: "x"}))
	code("setRoleToUsersOnChat of nobody", p.SetRole(ctx, chat.SetRole{Operation: by(clerk), UserID: "nobody", Role: chat.RoleAdmin}))
	code("sendMessageToChannel to no channel", func() error {
		_, err := p.SendMessage(ctx, chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: chat.CID{Type: chat.Team, ID: "no"}, Text: "x"}})
		return err
	}())
	return answers
}
