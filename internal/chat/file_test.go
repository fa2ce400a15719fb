package chat_test

import (
	"strings"
	"testing"

	"backchannel/internal/chat"
)

func TestKindOfFile(t *testing.T) {
	for path, want := range map[string]chat.FileKind{
		"/a.png": chat.Image, "/a.jpg": chat.Image, "/a.jpeg": chat.Image, "/A.JPG": chat.Image, "/a.PnG": chat.Image,
		"/a.mp4": chat.Video, "/a.avi": chat.Video, "/a.mov": chat.Video, "/a.flv": chat.Video, "/A.MOV": chat.Video,
		"/photo.exe.jpg": chat.Image, "/folder.exe/photo.jpg": chat.Image,
		"": "", "/": "", "/a": "", "/a.": "", "/a.gif": "", "/a.svg": "", "/a.webp": "", "/a.jpg.exe": "", "/a.jpg/": "",
		"/a.jpg/b": "", "/a.jpgx": "", "/a.jpg ": "", "/a.jpg\x00": "", "/ajpg": "", "/a.ｊpg": "",
	} {
		kind, err := chat.KindOfFile(path)
		if kind != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", path, kind, err, want)
		}
		if err != nil && (err.Code != chat.FileTypeNotSupported || err.Message != chat.FileTypeMessage) {
			t.Errorf("%q: got %v", path, err)
		}
	}
}

func TestCheckAvatarName(t *testing.T) {
	const ok, form, kind = chat.Code(""), chat.InvalidArguments, chat.FileTypeNotSupported
	for _, row := range []struct {
		name string
		want chat.Code
	}{
		{"announcement-avatar.png", ok},
		{"A.JPG", ok},
		{"a b.jpeg", ok},
		{"ملف.png", ok},
		{"50%.png", ok},
		{"100%25.png", ok},
		{"..png", form}, // holds ".."
		{strings.Repeat("x", 251) + ".png", ok},
		{strings.Repeat("x", 252) + ".png", form},
		{"", form},
		{"../a.png", form},
		{"a/b.png", form},
		{`a\b.png`, form},
		{"/etc/passwd.png", form},
		{"a..png", form},
		{"%2e%2e%2fa.png", form},
		{"%252e%252e%252fa.png", form},
		{"%2E%2E/a.png", form},
		{"a%5cb.png", form},
		{"a%00.png", form},
		{"a\n.png", form},
		{"a\x00.png", form},
		{"a.mp4", kind},
		{"a.gif", kind},
		{"a.png.exe", kind},
		{"a", kind},
		{"EVENT.JPG?x=1#y", kind},
		{"photo.jpg.exe", kind},
		{"data:image", kind},
	} {
		if got := code(chat.CheckAvatarName(row.name)); got != row.want {
			t.Errorf("%q: got %q, want %q", row.name, got, row.want)
		}
	}
}

// code is an error's code, "" for none.
func code(err *chat.Error) chat.Code {
	if err == nil {
		return ""
	}
	return err.Code
}

func FuzzFileType(f *testing.F) {
	for _, s := range []string{"/a.png", "a.JPG", "..", "%2e%2e%2f.png", "a.jpg\x00.exe", "\xff.mov"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kind, err := chat.KindOfFile(s)
		if (kind == "") == (err == nil) {
			t.Errorf("%q: got %q and %v", s, kind, err)
		}
		if err := chat.CheckAvatarName(s); err == nil && (kind != chat.Image || strings.ContainsAny(s, "/\\\x00")) {
			t.Errorf("%q was taken for a bare picture's name", s)
		}
	})
}
