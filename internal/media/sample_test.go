package media_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/media"
)

// A sample is like an upload with a name of its own, and the sweeper keeps it.
func TestSample(t *testing.T) {
	h := open(t, func(o *media.Options) { o.OnlyUploads = true })
	const name = "a-sample.png"
	picture := pngOf(scene(40, 30))
	if err := h.CheckAvatar(t.Context(), name); err == nil {
		t.Error("before there is a sample, its name is taken for an avatar")
	}
	add := func() {
		t.Helper()
		if err := h.AddSample(t.Context(), name, picture); err != nil {
			t.Fatal(err)
		}
	}
	there := func(when string) {
		t.Helper()
		if got := h.get(h.url + "/" + name); got.status != http.StatusOK || !bytes.Equal(got.body, picture) || got.header.Get("Content-Type") != "image/png" {
			t.Errorf("%s it is %d %v", when, got.status, got.header)
		}
		if err := h.CheckAvatar(t.Context(), name); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	add()
	there("added")
	add()
	there("added again")
	own := h.mustUpload("a.png", picture)
	if own.Filename == name {
		t.Error("who uploads the same picture is given the sample")
	}
	h.age(25 * time.Hour)
	h.sweep()
	there("swept")
	if stored := h.stored(); len(stored) != 1 || stored[0] != name {
		t.Errorf("stored: %v", stored)
	}
	if err := os.Remove(filepath.Join(h.folder, name)); err != nil {
		t.Fatal(err)
	}
	add()
	there("added where the file was lost")

	for _, other := range []string{"a-sample.jpg", "a-sample-small.png", "A-Sample.png", "b-sample.png", "a-sample", "%00.png", "%ff.png"} {
		if got := h.get(h.url + "/" + other).status; got != http.StatusNotFound {
			t.Errorf("%s is %d", other, got)
		}
		if err := h.CheckAvatar(t.Context(), other); err == nil {
			t.Errorf("%s is taken for an avatar", other)
		}
	}
	for _, bad := range []string{"", ".png", "a.jpg", "../a.png", "a b.png", "A.png", strings.Repeat("a", 42) + ".png"} {
		if err := h.AddSample(t.Context(), bad, picture); err == nil {
			t.Errorf("a sample may be called %q", bad)
		}
	}
	if err := h.AddSample(t.Context(), "b.png", picture[:10]); err == nil {
		t.Error("anything may be a sample")
	}
}
