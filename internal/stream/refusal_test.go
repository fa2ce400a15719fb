package stream_test

import (
	"encoding/json"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/extra"
)

// Channels refuse a message for the reason that was given before it was sent, and others take it.
func TestWouldRefuse(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.ownType("podcast")
	_, err := extra.New(h.far).ChangeChannelType(h.Context(), "podcast", func(s *chat.TypeSettings) error {
		s.MaxMessageLength, s.Uploads = 7, false
		return nil
	})
	far := there{h, t}
	far.ok(err)
	cold, podcast := chat.CID{Type: chat.Team, ID: "cold"}, chat.CID{Type: "podcast", ID: "one"}
	for _, cid := range []chat.CID{news, cold, podcast} {
		far.put(cid, "Channel")
	}
	far.ok(h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: cold, Frozen: true}))
	picture := func(title string) json.RawMessage {
		return chat.Attachment{Type: chat.Image, Title: title, AssetURL: "https://e.com/a.png"}.Raw()
	}
	for name, row := range map[string]struct {
		body    chat.MessageBody
		refuses string // the channels
	}{
		"a word":              {chat.MessageBody{Text: "closed"}, "team:cold"},
		"a long text":         {chat.MessageBody{Text: "closed tomorrow"}, "team:cold podcast:one"},
		"a picture":           {chat.MessageBody{Text: "closed", Attachments: []json.RawMessage{picture("Map")}}, "team:cold podcast:one"},
		"pictures of 5 kB":    {chat.MessageBody{Attachments: []json.RawMessage{picture(strings.Repeat("a", 3_000)), picture(strings.Repeat("b", 3_000))}}, "livestream:news team:cold podcast:one"},
		"a command's name":    {chat.MessageBody{Text: "/giphy cats"}, "livestream:news team:cold podcast:one"},
		"not quite a command": {chat.MessageBody{Text: "/closed"}, "team:cold"},
	} {
		channels, err := h.Select(h.ctx(), chat.ChannelSelection{CIDs: []chat.CID{news, cold, podcast}})
		far.ok(err)
		refusals, err := h.WouldRefuse(h.ctx(), row.body, channels)
		far.ok(err)
		var refuses []string
		for i, c := range channels {
			if refusals[i] != nil {
				refuses = append(refuses, c.CID.String())
			}
			if c.Frozen {
				continue // hosted Stream refuses a server's message there; the emulator takes it
			}
			row.body.Sender = clerk
			_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: row.body.Message(c.CID, "")})
			if refused := chat.CodeOf(err) != ""; refused != (refusals[i] != nil) || refused && chat.CodeOf(err) != refusals[i].Code {
				t.Errorf("%s in %s: %v; before it was sent: %v", name, c.CID, err, refusals[i])
			}
		}
		if got := strings.Join(refuses, " "); got != row.refuses {
			t.Errorf("%s: %s refuse it, want %s", name, got, row.refuses)
		}
	}
}
