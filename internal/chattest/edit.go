package chattest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

// Back is the chat behind a provider, accessed through its own API.
type Back struct {
	Post func(chat.Message) error
	Read func(id string) (chat.Message, error)
}

// RunEdits tests that an edit changes what it contains and nothing else, with messages that have
// any attachments. open also returns the chat behind the provider; otherwise it is as for [Run].
func RunEdits(t *testing.T, open func(t *testing.T) (chat.Provider, Back)) {
	t.Helper()
	p, back := open(t)
	f := &fixture{Provider: p, t: t}
	f.people(news)
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		m := chat.Message{ID: fmt.Sprint("m", round), CID: news, Text: "a typo", Attachments: anyAttachments(r), Custom: map[string]any{"order": "17"}}
		m.Sender.ID = "member"
		if r.IntN(2) == 0 {
			m.Mentions = []chat.User{{ID: "user"}, {ID: "admin"}}
		}
		f.ok(back.Post(m))
		f.editing(back, m, r)
	}
}

// editing edits one message in each way that keeps something.
func (f *fixture) editing(back Back, m chat.Message, r *rand.Rand) {
	f.t.Helper()
	want := m
	check := func(did string, edit chat.EditMessage) {
		f.t.Helper()
		edit.Operation, edit.CID, edit.ID = by(chat.Actor{ID: "member"}), news, m.ID
		f.ok(f.EditMessage(f.ctx(), edit))
		got, err := back.Read(m.ID)
		f.ok(err)
		want.Text = edit.Text
		for _, of := range []struct {
			what      string
			want, got any
		}{
			{"text", want.Text, got.Text},
			{"attachments", texted(want.Attachments), texted(got.Attachments)},
			{"mentions", mentionIDs(want), mentionIDs(got)},
			{"custom data", want.Custom, got.Custom},
		} {
			if diff := cmp.Diff(of.want, of.got); diff != "" {
				f.t.Fatalf("%s: the %s (-want +got):\n%s", did, of.what, diff)
			}
		}
	}
	shown := func() []chat.AttachmentEdit {
		now, err := f.Message(f.ctx(), clerk, news, m.ID)
		f.ok(err)
		list := make([]chat.AttachmentEdit, len(now.ShownAttachments()))
		for i, a := range now.ShownAttachments() {
			var link *string
			if a.TitleLink != "" {
				link = &a.TitleLink
			}
			list[i] = chat.NewAttachmentEdit(a.Title, link, a.AssetURL)
		}
		return list
	}
	check("a text alone", chat.EditMessage{Text: "no typo"})
	all, mentions := shown(), mentionIDs(m)
	check("everything given back", chat.EditMessage{Text: "still none", Attachments: &all, Mentions: &mentions})

	if len(all) > 1 {
		gone := r.IntN(len(all))
		fewer := slices.Delete(slices.Clone(all), gone, gone+1)
		want.Attachments = without(want.Attachments, gone)
		check("all but one given back", chat.EditMessage{Text: "one less", Attachments: &fewer})
	}
	fresh := chat.NewAttachmentEdit("New", nil, "https://e.com/new.png")
	more := append(shown(), fresh)
	want.Attachments = append(slices.Clone(want.Attachments), fresh.Raw())
	check("one more", chat.EditMessage{Text: "one more", Attachments: &more})

	none, nobody := []chat.AttachmentEdit{}, []string{}
	want.Mentions = nil
	want.Attachments = slices.DeleteFunc(slices.Clone(want.Attachments), func(raw json.RawMessage) bool {
		return len(chat.ShownAttachments([]json.RawMessage{raw})) > 0
	})
	check("nothing given", chat.EditMessage{Text: "what isn't shown stays", Attachments: &none, Mentions: &nobody})
}

// without removes the nth of the attachments that are shown.
func without(list []json.RawMessage, n int) (rest []json.RawMessage) {
	for _, raw := range list {
		if len(chat.ShownAttachments([]json.RawMessage{raw})) > 0 {
			if n--; n == -1 {
				continue
			}
		}
		rest = append(rest, raw)
	}
	return rest
}

// anyAttachments returns random attachments as Stream's clients send them. Each has an address of
// its own, if it has one.
func anyAttachments(r *rand.Rand) []json.RawMessage {
	kinds := []string{
		`{"type":"file","asset_url":"https://e.com/%d.pdf","title":"Contract.pdf","mime_type":"application/pdf","file_size":71234}`,
		`{"type":"image","image_url":"https://e.com/%d.jpg","fallback":"Photo","original_width":640,"original_height":480}`,
		`{"type":"image","asset_url":"https://e.com/%d.png","image_url":"https://e.com/x.png","title":"","thumb_url":"https://e.com/s.png","custom":{"a":[1,2.5,null]}}`,
		`{"type":"video","asset_url":"https://e.com/%d.mp4","title":"Video","thumb_url":"https://e.com/v.jpg"}`,
		`{"type":"voiceRecording","asset_url":"https://e.com/%d.aac","title":"Voice","duration":3.25,"waveform_data":[0.1,0.9]}`,
		`{"type":"article","og_scrape_url":"https://e.com/%d","title":"A page","title_link":"https://e.com/page","text":"About","image_url":"https://e.com/og.webp"}`,
		`{"og_scrape_url":"https://e.com/%d?q=1&r=2","author_name":"e.com"}`,
		`{"type":"file","asset_url":"javascript:alert(%d)","title":"no"}`,
		`{"type":"order","order_id":%d,"lines":[{"sku":"x"}]}`,
		`{"type":"image","image_url":"https://e.com/%d.webp","actions":[{"name":"a","text":"b","type":"button"}],"original_width":"wide"}`,
	}
	var list []json.RawMessage
	for i := range r.IntN(6) {
		list = append(list, json.RawMessage(fmt.Sprintf(kinds[r.IntN(len(kinds))], r.IntN(1000)*10+i)))
	}
	return list
}

// texted converts attachments to a form that can be compared.
func texted(list []json.RawMessage) []any {
	values := make([]any, len(list))
	for i, raw := range list {
		_ = json.Unmarshal(raw, &values[i])
	}
	return values
}

func mentionIDs(m chat.Message) []string {
	ids := []string{}
	for _, u := range m.Mentions {
		ids = append(ids, u.ID)
	}
	return ids
}
