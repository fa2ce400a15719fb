package media_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/media"
)

// The sender of a bad file gets the reason as a word for programs.
func TestReasons(t *testing.T) {
	h := open(t, func(o *media.Options) {
		o.OnlyUploads, o.Limits.PictureBytes, o.Limits.VideoBytes, o.Limits.Pixels = true, 1<<20, 2<<20, 1_000_000
	})
	good, mp4 := pngOf(scene(40, 30)), mp4Of("isom", 100)
	met := []chat.Reason{chat.Stalled} // TestUploadThatStops meets it
	for _, row := range []struct {
		name    string
		file    string
		content []byte
		reason  chat.Reason
		limit   int64
	}{
		{"a picture with too many bytes", "a.png", pngOf(noise(1100)), chat.TooLarge, 1 << 20},
		{"a video with too many bytes", "a.mp4", mp4Of("isom", 2<<20), chat.TooLarge, 2 << 20},
		{"a body with too many bytes", "a.png", make([]byte, 3<<20), chat.TooLarge, 2 << 20},
		{"a picture with too many pixels", "a.png", hugePNG(60_000), chat.TooManyPixels, 1_000_000},
		{"a name of another type", "a.exe", good, chat.TypeNotSupported, 0},
		{"a content of another type", "a.png", zip(), chat.TypeNotSupported, 0},
		{"a content of another type than the name's", "a.jpg", good, chat.TypeMismatch, 0},
		{"a picture that is damaged", "a.png", append(good[:60:60], make([]byte, 400)...), chat.Damaged, 0},
		{"a video that is cut off", "a.mp4", mp4[:len(mp4)-1], chat.CutOff, 0},
		{"nothing", "a.png", nil, chat.Empty, 0},
		{"a video with nothing in it", "a.flv", flvOf(0), chat.NoVideo, 0},
	} {
		a := h.upload(row.file, row.content)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Reason != row.reason || a.Errors[0].Extensions.Limit != row.limit {
			t.Errorf("%s: %d %s, want %s %d", row.name, a.status, a.body, row.reason, row.limit)
		}
		met = append(met, row.reason)
	}
	err, ok := h.CheckAvatar(t.Context(), "a.png").(*chat.Error) //nolint:errorlint // it is not wrapped
	if !ok || err.Reason != chat.NotUploaded {
		t.Errorf("an avatar that was never uploaded: %v", err)
	}
	met = append(met, chat.NotUploaded)
	for _, r := range chat.FileReasons {
		if !slices.Contains(met, r) {
			t.Errorf("nothing is refused for %s", r)
		}
	}
}

// docs/api.md lists exactly the reasons, since clients translate them.
func TestReasonsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?s)\| reason \|.*?\n\n`).Find(text)
	var listed []chat.Reason
	for _, found := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)`").FindAllSubmatch(table, -1) {
		listed = append(listed, chat.Reason(found[1]))
	}
	if !slices.Equal(listed, chat.FileReasons) {
		t.Errorf("docs/api.md lists %v, and there are %v", listed, chat.FileReasons)
	}
}
