package desk_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
)

// The sweeper keeps files that an operation is about to refer to.
func TestOperationsHoldUploads(t *testing.T) {
	d, files := deskWithMedia(t)
	store := files.Database
	id := func(name string) string { return strings.TrimSuffix(name, ".png") }
	var sent string
	for i, act := range []func(name string) error{
		func(name string) error {
			in := news(bo)
			in.SetAvatar, in.Avatar = true, &name
			_, err := d.CreateOrUpdateChannel(t.Context(), in)
			return err
		},
		func(name string) (err error) {
			in := hello(bo)
			in.Attachments = []desk.Attachment{{AssetURL: "https://chat.example/media/" + name + "?w=1"}}
			sent, err = d.SendMessage(t.Context(), in)
			return err
		},
		func(name string) error {
			_, err := d.EditMessage(t.Context(), desk.EditMessage{Request: bo, CID: "livestream:news", ID: sent,
				Attachments: &[]desk.Attachment{{AssetURL: "https://chat.example/media/" + id(name) + "-small.jpg"}}})
			return err
		},
		func(name string) error {
			_, err := d.Post(t.Context(), desk.Post{Request: bo, CID: "livestream:news",
				Attachments: []desk.Attachment{{AssetURL: "https://elsewhere.example/" + name}}})
			return err
		},
	} {
		name := uploaded(t, files, i+1)
		err := store.Write(t.Context(), func(tx *sqlstore.Tx) error {
			_, err := tx.TouchUpload(id(name), time.Now().Add(-48*time.Hour))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := act(name); err != nil {
			t.Fatalf("operation %d: %v", i, err)
		}
		if u, found, err := store.Upload(t.Context(), id(name)); err != nil || !found || time.Since(u.TouchedAt) > time.Minute {
			t.Errorf("operation %d doesn't hold the file it refers to: touched %v ago (%v)", i, time.Since(u.TouchedAt), err)
		}
	}
}

// A file name that was never uploaded isn't an avatar, except for a channel that has it
// already.
func TestAvatarsAreUploads(t *testing.T) {
	d, files := deskWithMedia(t)
	const old = "from before 1%.png"
	err := files.Database.Write(t.Context(), func(tx *sqlstore.Tx) error {
		return tx.InsertChannel(chat.Channel{CID: chat.CID{Type: chat.Livestream, ID: "old"}, Name: "Old", Avatar: old, CreatedAt: time.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(id, name *string) error {
		_, err := d.CreateOrUpdateChannel(t.Context(), desk.CreateOrUpdateChannel{
			Request: bo, ID: id, Name: "Name", SetAvatar: name != nil, Avatar: name, Type: chat.Livestream})
		return err
	}
	const refused = chat.InvalidArguments
	for _, row := range []struct {
		what     string
		id, name *string
		want     chat.Code // "" for none
	}{
		{"an upload is taken", new("news"), new(uploaded(t, files, 3)), ""},
		{"an upload that never was isn't", new("news"), new(strings.Repeat("c", 42) + ".png"), refused},
		{"nor any other name", new("news"), new("a.png"), refused},
		{"nor for a channel to be created", nil, new("a.png"), refused},
		{"nor for one to be created under an id", new("next"), new("a.png"), refused},
		{"nor what another channel has", new("news"), new(old), refused},
		{"the file type is told first", new("old"), new("a.gif"), chat.FileTypeNotSupported},
		{"a channel keeps an old one when it is renamed", new("old"), nil, ""},
		{"and when it is given again", new("old"), new(old), ""},
		{"but not another one", new("old"), new("from before 1.png"), refused},
		{"once replaced", new("old"), new(uploaded(t, files, 4)), ""},
		{"it is gone", new("old"), new(old), refused},
	} {
		err := put(row.id, row.name)
		e, _ := errors.AsType[*chat.Error](err)
		if (err == nil) != (row.want == "") || err != nil && (e == nil || e.Code != row.want || e.Field != "avatarFilename") {
			t.Errorf("%s: %v", row.what, err)
		}
	}
}

// A message tells what is known about the pictures that were uploaded here, and nothing
// about others.
func TestMessagesTellOfUploads(t *testing.T) {
	d, files := deskWithMedia(t)
	large, small := uploaded(t, files, 400), uploaded(t, files, 8)
	here := "https://chat.example/media/"
	thumb := here + strings.Replace(large, ".png", "-small.jpg", 1)
	for _, row := range []struct {
		what, address string
		thumb         string
		side          int
	}{
		{"a large picture has a thumbnail", here + large, thumb, 400},
		{"a query changes nothing", here + large + "?v=2#x", thumb, 400},
		{"a small picture is its own", here + small, here + small, 8},
		{"the same name elsewhere says nothing", "https://elsewhere.example/media/" + large, "", 0},
		{"nor under another path here", "https://chat.example/other/" + large, "", 0},
		{"nor with another extension", here + strings.Replace(large, ".png", ".jpg", 1), "", 0},
		{"a thumbnail has none of its own", thumb, "", 0},
		{"what was never uploaded has none", here + strings.Repeat("c", 42) + ".png", "", 0},
		{"what isn't ours has none", "https://elsewhere.example/a.png", "", 0},
	} {
		t.Run(row.what, func(t *testing.T) {
			m, err := d.Post(t.Context(), desk.Post{Request: bo, CID: "livestream:news", Attachments: []desk.Attachment{{AssetURL: row.address}}})
			if err != nil {
				t.Fatal(err)
			}
			if a := m.ShownAttachments()[0]; a.ThumbURL != row.thumb || a.Width != row.side || a.Height != row.side || a.AssetURL != row.address {
				t.Errorf("%+v", a)
			}
		})
	}
}

// uploaded stores a picture and returns its name.
func uploaded(t *testing.T, files *media.Store, side int) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "a.png")
	if err == nil {
		err = png.Encode(part, image.NewGray(image.Rect(0, 0, side, side)))
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = form.Close()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/media", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	files.Uploads(func(*http.Request) (string, error) { return "clerk", nil }).ServeHTTP(w, r)
	_, name, _ := strings.Cut(w.Body.String(), `"filename":"`)
	name, _, ok := strings.Cut(name, `"`)
	if w.Code != http.StatusCreated || !ok {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return name
}

// deskWithMedia is a desk with a channel, and where its uploads are.
func deskWithMedia(t *testing.T) (*desk.Desk, *media.Store) {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(dir, "chat.db")})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://chat.example/media", Logger: logger})
	files := media.New(media.Options{Database: store, Location: filepath.Join(dir, "media"), Spool: dir,
		BaseURL: "https://chat.example/media", OnlyUploads: true, Logger: logger})
	t.Cleanup(func() {
		e.Close()
		_ = files.Close()
		_ = store.Close()
	})
	d := desk.New(desk.Options{Provider: e, Media: files})
	if _, err := d.CreateOrUpdateChannel(t.Context(), news(bo)); err != nil {
		t.Fatal(err)
	}
	return d, files
}
