package chat_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func TestShownAttachments(t *testing.T) {
	for _, row := range []struct {
		is, raw string
		want    []chat.Attachment
	}{
		{"a file", `{"type":"file","asset_url":"https://e.com/a.pdf","title":"A"}`,
			[]chat.Attachment{{Type: "file", AssetURL: "https://e.com/a.pdf", Title: "A"}}},
		{"a voice note", `{"type":"voiceRecording","asset_url":"https://e.com/a.aac","duration":3.5}`,
			[]chat.Attachment{{Type: "voiceRecording", AssetURL: "https://e.com/a.aac"}}},
		{"a link preview without a type", `{"og_scrape_url":"https://e.com/p","title":"P"}`,
			[]chat.Attachment{{Type: "file", AssetURL: "https://e.com/p", TitleLink: "https://e.com/p", Title: "P"}}},
		{"a picture by its fallback", `{"type":"image","image_url":"HTTPS://e.com/a.jpg","fallback":"F","original_width":640,"original_height":480}`,
			[]chat.Attachment{{Type: "image", AssetURL: "HTTPS://e.com/a.jpg", ImageURL: "HTTPS://e.com/a.jpg", Title: "F", Width: 640, Height: 480}}},
		{"odd dimensions", `{"type":"image","image_url":"https://e.com/a","original_width":"640","original_height":1e400}`,
			[]chat.Attachment{{Type: "image", AssetURL: "https://e.com/a", ImageURL: "https://e.com/a"}}},
		{"a script", `{"type":"file","asset_url":"javascript:alert(1)"}`, nil},
		{"a script beside an address", `{"type":"image","asset_url":"https://e.com/a","title_link":"javascript:a//http://b","image_url":"data:x","thumb_url":"vbscript:x"}`,
			[]chat.Attachment{{Type: "image", AssetURL: "https://e.com/a"}}},
		{"an address with a password", `{"type":"file","asset_url":"https://me:secret@e.com/a.pdf"}`, nil},
		{"an address with an @ in its path", `{"type":"file","asset_url":"https://e.com/@me","title":"A"}`,
			[]chat.Attachment{{Type: "file", AssetURL: "https://e.com/@me", Title: "A"}}},
		{"a relative address", `{"type":"file","asset_url":"/a.pdf"}`, nil},
		{"something else", `{"type":"order","id":7}`, nil},
		{"no object", `"x"`, nil},
	} {
		if diff := cmp.Diff(row.want, chat.ShownAttachments([]json.RawMessage{json.RawMessage(row.raw)})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.is, diff)
		}
	}
}

func TestMergeAttachments(t *testing.T) {
	old := []json.RawMessage{
		[]byte(`{"type":"order","id":1}`),
		[]byte(`{"type":"file","asset_url":"https://e.com/a.pdf","fallback":"A","x":1}`),
		[]byte(`{"type":"order","id":2}`),
		[]byte(`{"type":"file","asset_url":"https://e.com/a.pdf","title":"B"}`),
	}
	a, b := chat.NewAttachmentEdit("A", nil, "https://e.com/a.pdf"), chat.NewAttachmentEdit("B", nil, "https://e.com/a.pdf")
	link := "https://e.com/more"
	bad := "javascript:x"
	for _, row := range []struct {
		does  string
		given []chat.AttachmentEdit
		want  string // JSON, or the field that is refused
	}{
		{"keeps what is given back", []chat.AttachmentEdit{a, b}, `[{"type":"order","id":1},{"type":"file","asset_url":"https://e.com/a.pdf","fallback":"A","x":1},{"type":"order","id":2},{"type":"file","asset_url":"https://e.com/a.pdf","title":"B"}]`},
		{"keeps what isn't shown", nil, `[{"type":"order","id":1},{"type":"order","id":2}]`},
		{"sets a title", []chat.AttachmentEdit{chat.NewAttachmentEdit("New", nil, a.AssetURL)}, `[{"type":"order","id":1},{"type":"file","asset_url":"https://e.com/a.pdf","fallback":"A","x":1,"title":"New"},{"type":"order","id":2}]`},
		{"sets a link", []chat.AttachmentEdit{chat.NewAttachmentEdit("A", &link, a.AssetURL)}, `[{"type":"order","id":1},{"type":"file","asset_url":"https://e.com/a.pdf","fallback":"A","x":1,"title_link":"https://e.com/more"},{"type":"order","id":2}]`},
		{"refuses a third of two", []chat.AttachmentEdit{a, b, a}, "attachments[2].assetUrl"},
		{"refuses a new file of another type", []chat.AttachmentEdit{a, chat.NewAttachmentEdit("", nil, "https://e.com/c.pdf")}, "attachments[1].assetUrl"},
		{"refuses a bad link", []chat.AttachmentEdit{chat.NewAttachmentEdit("A", &bad, a.AssetURL)}, "attachments[0].titleLink"},
	} {
		merged, _, refused := chat.MergeAttachments(old, row.given)
		if refused != nil {
			if refused.Field != row.want {
				t.Errorf("%s: %v", row.does, refused)
			}
			continue
		}
		text, err := json.Marshal(merged)
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if json.Unmarshal(text, &got) != nil || json.Unmarshal([]byte(row.want), &want) != nil {
			t.Fatalf("%s: got %s, want %s", row.does, text, row.want)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.does, diff)
		}
	}
}
