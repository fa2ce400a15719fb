package extra_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
)

// A change of a channel type takes effect on the next message of every API.
func TestChannelTypeRules(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { channelTypeRules(t, open(t, inFolder(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { channelTypeRules(t, open(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func channelTypeRules(t *testing.T, e *extra.Engine) {
	ctx := t.Context()
	by := chat.Actor{ID: "bo", BackOffice: true}
	op := chat.Operation{By: by}
	cid := chat.CID{Type: chat.Team, ID: "a"}
	if err := e.PutChannel(ctx, chat.PutChannel{Operation: op, CID: cid, Name: "A"}); err != nil {
		t.Fatal(err)
	}
	send := func(text string, files ...json.RawMessage) (string, error) {
		return e.SendMessage(ctx, chat.SendMessage{Operation: op, Message: chat.Message{CID: cid, Sender: by.User(), Text: text, Attachments: files}})
	}
	id, err := send(strings.Repeat("ä", 12))
	if err != nil {
		t.Fatal(err)
	}
	setTeam(t, e, func(s *chat.TypeSettings) { s.MaxMessageLength, s.Uploads, s.Reactions = 11, false, false })
	if _, err := send(strings.Repeat("ä", 12)); reason(err) != chat.TooLong {
		t.Errorf("a text of 12 characters where 11 may be: %v", err)
	}
	if _, err := send(strings.Repeat("ä", 11)); err != nil {
		t.Errorf("a text of 11 characters: %v", err)
	}
	if _, err := send("x", chat.Attachment{AssetURL: "https://example.com/a.png"}.Raw()); reason(err) != chat.SwitchedOff {
		t.Errorf("a file where none may be: %v", err)
	}
	if err := e.EditMessage(ctx, chat.EditMessage{Operation: op, CID: cid, ID: id, Text: strings.Repeat("x", 12)}); reason(err) != chat.TooLong {
		t.Errorf("an edit to 12 characters: %v", err)
	}
	react := chat.React{Operation: op, CID: cid, MessageID: id, Type: "like"}
	if err := e.React(ctx, react); reason(err) != chat.SwitchedOff {
		t.Errorf("a reaction where none may be: %v", err)
	}

	// The channel's own settings take precedence over its type's.
	err = e.ChangeChannel(ctx, chat.ChannelChange{Operation: chat.Operation{By: by}, CID: cid, Data: func(c *chat.Channel) error {
		c.ConfigOverrides = map[string]any{"reactions": true, "max_message_length": 12}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.React(ctx, react); err != nil {
		t.Errorf("a reaction that the channel allows: %v", err)
	}
	if _, err := send(strings.Repeat("ä", 12)); err != nil {
		t.Errorf("a text that the channel allows: %v", err)
	}
}

// What a channel's settings refuse is known before a message is sent, with the same reason.
func TestWouldRefuse(t *testing.T) {
	t.Parallel()
	e, ctx := open(t, inFolder(t)), t.Context()
	op := chat.Operation{By: clerk}
	own, free := chat.CID{Type: chat.Team, ID: "own"}, chat.CID{Type: chat.Messaging, ID: "free"}
	for _, cid := range []chat.CID{deals, own, free} {
		if err := e.PutChannel(ctx, chat.PutChannel{Operation: op, CID: cid, Name: "Channel"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.CreateBlocklist(ctx, chat.Blocklist{Name: "rude", Words: []string{"damn"}}); err != nil {
		t.Fatal(err)
	}
	setTeam(t, e, func(s *chat.TypeSettings) {
		s.MaxMessageLength, s.Uploads, s.Blocklist, s.BlocklistBehavior = 10, false, "rude", "block"
	})
	err := e.ChangeChannel(ctx, chat.ChannelChange{Operation: op, CID: own, Data: func(c *chat.Channel) error {
		c.ConfigOverrides = map[string]any{"max_message_length": 20}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	channels, err := e.Select(ctx, chat.ChannelSelection{CIDs: []chat.CID{deals, own, free}})
	if err != nil {
		t.Fatal(err)
	}
	for text, refuses := range map[string]string{"closed": "", "closed today": "team:deals", "damn": "team:deals team:own", "closed until tomorrow": "team:deals team:own"} {
		body := chat.MessageBody{Sender: clerk, Text: text}
		refusals, err := e.WouldRefuse(ctx, body, channels)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for i, c := range channels {
			_, err := e.SendMessage(ctx, chat.SendMessage{Operation: op, Message: body.Message(c.CID, "")})
			if refusals[i] == nil && err == nil {
				continue
			}
			list = append(list, c.CID.String())
			if refusals[i] == nil || err == nil || err.Error() != refusals[i].Error() {
				t.Errorf("%q in %s: %v; before it was sent: %v", text, c.CID, err, refusals[i])
			}
		}
		if got := strings.Join(list, " "); got != refuses {
			t.Errorf("%q: %q refuse it, want %q", text, got, refuses)
		}
	}
}

func setTeam(t *testing.T, e *extra.Engine, change func(s *chat.TypeSettings)) {
	t.Helper()
	_, err := e.ChangeChannelType(context.Background(), chat.Team, func(s *chat.TypeSettings) error {
		change(s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func reason(err error) chat.Reason {
	if bad, ok := errors.AsType[*chat.Error](err); ok && bad.Code == chat.InvalidArguments {
		return bad.Reason
	}
	return ""
}

// Another process on the same database learns of a change within a few seconds.
func TestSettingsOfAnotherServer(t *testing.T) {
	where := inFolder(t)
	here, there := open(t, where), open(t, where)
	if _, err := there.ChannelType(t.Context(), chat.Team); err != nil {
		t.Fatal(err)
	}
	setTeam(t, here, func(s *chat.TypeSettings) { s.MaxMessageLength = 7 })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		s, err := there.ChannelType(t.Context(), chat.Team)
		if err != nil {
			t.Fatal(err)
		}
		if s.MaxMessageLength == 7 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the other server never learned of the change")
		}
	}
}
