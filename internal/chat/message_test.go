package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"backchannel/internal/chat"
)

func TestNewAttachment(t *testing.T) {
	const ok, form, kind = chat.Code(""), chat.InvalidArguments, chat.FileTypeNotSupported
	url := func(bytes int) string {
		return "https://e.com/" + strings.Repeat("x", bytes-len("https://e.com/.jpg")) + ".jpg"
	}
	for _, row := range []struct {
		asset string
		want  chat.Code
	}{
		{"https://example.com/images/event.jpg", ok},
		{"http://example.com/a.mov", ok},
		{"HTTPS://EXAMPLE.COM/EVENT.JPG?x=1#y", ok},
		{"https://e.com/a.jpg?file=b.exe", ok},
		{"https://e.com/a%2Ejpg", ok},
		{"https://e.com:8443/a.png", ok},
		{"https://[::1]/a.png", ok},
		{"https://e.com/%D9%85.png", ok},
		{url(2048), ok},
		{url(2049), form},
		{"https://e.com/photo.jpg.exe", kind},
		{"https://e.com/photo.jpg%00.exe", kind},
		{"https://e.com/photo.jpg/", kind},
		{"https://e.com/photo", kind},
		{"https://e.com/?a.jpg", kind},
		{"https://e.com/#a.jpg", kind},
		{"https://e.com", kind},
		{"https://jpg.example.jpg", kind},
		{"https://e.com/a.gif", kind},
		{"", form},
		{"a.jpg", form},
		{"/a.jpg", form},
		{"//e.com/a.jpg", form},
		{"https:a.jpg", form},
		{"https:///a.jpg", form},
		{"https://:80/a.jpg", form},
		{"ftp://e.com/a.jpg", form},
		{"file:///a.jpg", form},
		{"data:image/png;base64,AAAA.png", form},
		{"javascript:alert(1)//a.jpg", form},
		{"javascript://e.com/a.jpg", form},
		{" https://e.com/a.jpg", form},
		{"https://e.com/a\n.jpg", form},
		{"https://e.com/a\x00.jpg", form},
		{"https://e.com/%zz.jpg", form},
		{"https://e.com/a.jpg ", form},
		{"https://me:secret@e.com/a.jpg", form},
		{"https://me@e.com/a.jpg", form},
		{"https://e.com:0/a.jpg", form},
		{"https://e.com:65536/a.jpg", form},
		{"https://e.com/a@b.jpg", ok},
		{"https://e.com/gpj.\u202eexe.jpg", form},
		{"https://e.com/\u202d.jpg", form},
		{"https://e.com/a\u2028.jpg", form},
		{"https://e.com/a\ufffe.jpg", form},
		{"https://e\u202e.com/a.jpg", form},
		{"https://e.com/%E2%80%AE.jpg", ok},
		{"https://e.com/日本\u200f.jpg", ok},
		{`https:\\e.com\a.jpg`, form},
	} {
		a, err := chat.NewAttachment("Event", nil, row.asset)
		if code(err) != row.want || err != nil && err.Field != "assetUrl" {
			t.Errorf("%q: got %v, want %q", row.asset, err, row.want)
		}
		if err == nil && (a.AssetURL != row.asset || (a.Type == chat.Image) != (a.ImageURL == row.asset)) {
			t.Errorf("%q became %+v", row.asset, a)
		}
	}
}

func TestNewAttachmentTitleAndLink(t *testing.T) {
	link := func(s string) *string { return &s }
	for _, row := range []struct {
		title string
		link  *string
		field string // at fault; "" for none
	}{
		{"", nil, ""},
		{strings.Repeat("é", 255), link("https://e.com"), ""},
		{strings.Repeat("é", 256), nil, "title"},
		{"a\x00", nil, "title"},
		{"a", link("http://e.com/any?thing#at-all"), ""},
		{"a", link(""), "titleLink"},
		{"a", link("javascript:alert(1)"), "titleLink"},
		{"a", link("/relative"), "titleLink"},
		{"a", link("https://e.com/\u202emoc.evil"), "titleLink"},
		{"a", link("https://e.com/" + strings.Repeat("x", 2048)), "titleLink"},
	} {
		_, err := chat.NewAttachment(row.title, row.link, "https://e.com/a.jpg")
		if row.field == "" && err != nil || row.field != "" && (err == nil || err.Field != row.field || err.Code != chat.InvalidArguments) {
			t.Errorf("%.20q with %v: got %v, want a fault in %q", row.title, row.link, err, row.field)
		}
	}
}

func TestCheckText(t *testing.T) {
	for _, row := range []struct {
		says        string
		text        string
		attachments int
		good        bool
	}{
		{"a text", "Important announcement for all users!", 0, true},
		{"5,000 characters", strings.Repeat("x", 5000), 0, true},
		{"5,000 emoji of four bytes", strings.Repeat("😀", 5000), 0, true},
		{"5,001 characters", strings.Repeat("x", 5001), 0, false},
		{"5,001 emoji", strings.Repeat("😀", 5001), 0, false},
		{"an empty text", "", 0, false},
		{"white space", " \n\t ", 0, false},
		{"an empty text with an attachment", "", 1, true},
		{"line breaks and tabs", "a\nb\tc\r\n", 0, true},
		{"a NUL", "a\x00b", 1, false},
	} {
		if err := chat.CheckText(row.text, chat.DefaultMaxText, row.attachments); (err == nil) != row.good {
			t.Errorf("%s: got %v, want good: %v", row.says, err, row.good)
		}
	}
}

func TestFoldMentions(t *testing.T) {
	var ids []string
	for i := range 25 {
		ids = append(ids, fmt.Sprint("u", i), "u0")
	}
	folded, err := chat.FoldMentions(ids)
	if err != nil || len(folded) != 25 || folded[0] != "u0" || folded[24] != "u24" {
		t.Errorf("got %v, %v, want u0 to u24", folded, err)
	}
	if _, err := chat.FoldMentions(append(ids, "u25")); err == nil {
		t.Error("26 users can be mentioned")
	}
}

func TestUnknownUsersNamesNoMoreThanItMust(t *testing.T) {
	if got := chat.UnknownUsers("", []string{"b", strings.Repeat("é", 100_000), "a"}).Message; len(got) > 400 || !strings.HasPrefix(got, "No such chat users: a, b, é") {
		t.Errorf("got %d bytes: %.60s", len(got), got)
	}
}
