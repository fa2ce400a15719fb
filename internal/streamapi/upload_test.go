package streamapi_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
)

// upload sends a file and the form's other parts.
func (c *client) upload(path, name string, content []byte, form map[string]string) (int, object) {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, text := range form {
		_ = w.WriteField(field, text)
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	return c.post("POST", path, w.FormDataContentType(), &body)
}

// A server that is killed after a file's row was deleted, and before the file, leaves it to the
// sweeper.
func TestCrashWhileAFileIsDeleted(t *testing.T) {
	t.Parallel()
	path, left := filepath.Join(t.TempDir(), "chat.db"), t.TempDir()
	var c *client
	var armed atomic.Bool
	c = newClientOn(t, sqlstore.Options{Path: path, Step: func(text string) {
		if text != "" || !armed.CompareAndSwap(true, false) {
			return
		}
		if err := errors.Join(os.CopyFS(filepath.Join(left, "files"), os.DirFS(c.media.Location)),
			os.CopyFS(filepath.Join(left, "data"), os.DirFS(filepath.Dir(path)))); err != nil {
			t.Error(err)
		}
	}})
	c.users("ann")
	c.channelOf("a", "ann")
	_, answer := c.upload("/api/v2/chat/channels/messaging/a/image", "a.png", pngOf(500), fromAnn)
	armed.Store(true)
	c.ok("DELETE", "/api/v2/chat/channels/messaging/a/image?url="+url.QueryEscape(at(t, answer, "file").(string)), nil)

	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(left, "data", "chat.db")})
	if err != nil {
		t.Fatal(err)
	}
	files := media.New(media.Options{Database: store, Location: filepath.Join(left, "files"), Spool: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		_ = files.Close()
		_ = store.Close()
	})
	for age, want := range []int{2, 0} { // the picture and its thumbnail
		names := filepath.Join(files.Location, "chat", "*")
		there, err := filepath.Glob(names)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range there {
			then := time.Now().Add(-time.Duration(age) * 2 * time.Hour)
			if err := os.Chtimes(file, then, then); err != nil {
				t.Fatal(err)
			}
		}
		if err := files.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if there, _ = filepath.Glob(names); len(there) != want {
			t.Errorf("after %d hours the sweeper leaves %v, want %d", 2*age, there, want)
		}
	}
}

// file fetches a file without a token.
func (c *client) file(address string) (int, http.Header, []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, content
}

func pngOf(side int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// textIn is a PNG with a comment behind its header.
func textIn(picture []byte) []byte {
	text := []byte("tEXtComment\x00secret")
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(text)-4)), text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(text))
	return slices.Concat(picture[:33], chunk, picture[33:])
}

var fromAnn = map[string]string{"user": `{"id":"ann"}`}

func (c *client) channelOfAnn(id string) string {
	c.t.Helper()
	c.ok("POST", "/api/v2/chat/channels/messaging/"+id+"/query", object{"data": object{"created_by_id": "ann"}})
	return "/api/v2/chat/channels/messaging/" + id
}

// Each row is a file and what it is served as.
func TestUploadedFiles(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann")
		channel := c.channelOfAnn("one")
		const download = "application/octet-stream"
		for _, row := range []struct {
			name, path, file string
			content          []byte
			extension, as    string
		}{
			{"a text", channel + "/file", "notes.txt", []byte("hello"), ".txt", download},
			{"a page", channel + "/file", "a.html", []byte("<html><script>alert(1)</script>"), ".html", download},
			{"a drawing", channel + "/image", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), ".svg", download},
			{"a page that calls itself a picture", channel + "/image", "a.jpg", []byte("<html><script>alert(1)</script>"), ".bin", download},
			{"a page that calls itself a video", channel + "/file", "a.MP4", []byte("<html><script>alert(1)</script>"), ".bin", download},
			{"a name without an extension", channel + "/file", "README", []byte("hello"), ".bin", download},
			{"an extension to frighten", channel + "/file", "a.<b>", []byte("hello"), ".bin", download},
			{"a PDF", channel + "/file", "a.PDF", []byte("%PDF-1.4\n"), ".pdf", download},
			{"a picture", channel + "/image", "a.png", pngOf(9), ".png", "image/png"},
			{"a picture by another name", channel + "/image", "a.txt", pngOf(9), ".png", "image/png"},
			{"a GIF", channel + "/image", "a.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ".gif", "image/gif"},
			{"a sound", channel + "/file", "a.wav", []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), ".wav", "audio/wav"},
			{"a file of no channel", "/api/v2/uploads/file", "notes.txt", []byte("hello"), ".txt", download},
			{"a picture of no channel", "/api/v2/uploads/image", "a.png", pngOf(9), ".png", "image/png"},
		} {
			status, answer := c.upload(row.path, row.file, row.content, fromAnn)
			address, _ := answer["file"].(string)
			if status != http.StatusOK || !strings.HasPrefix(address, c.url+"/media/chat/") || !strings.HasSuffix(address, row.extension) {
				t.Errorf("%s: %d %v", row.name, status, answer)
				continue
			}
			status, header, content := c.file(address)
			if status != http.StatusOK || header.Get("Content-Type") != row.as || header.Get("X-Content-Type-Options") != "nosniff" ||
				strings.HasPrefix(header.Get("Content-Disposition"), "attachment") != (row.as == download) {
				t.Errorf("%s is served as %d %v", row.name, status, header)
			}
			if !bytes.Equal(content, row.content) {
				t.Errorf("%s comes back as %q", row.name, content)
			}
		}
	})
}

func TestUploadedPictures(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	channel := c.channelOfAnn("one")
	told := textIn(pngOf(400))
	_, answer := c.upload(channel+"/image", "a.png", told, fromAnn)
	if _, _, content := c.file(at(t, answer, "file").(string)); !bytes.HasPrefix(content, []byte("\x89PNG")) || bytes.Contains(content, []byte("secret")) {
		t.Errorf("a picture keeps what isn't needed to show it: %d bytes", len(content))
	}
	if status, header, _ := c.file(at(t, answer, "thumb_url").(string)); status != http.StatusOK || header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the thumbnail is %d %v", status, header)
	}
	_, answer = c.upload(channel+"/file", "a.png", told, fromAnn)
	if _, _, content := c.file(at(t, answer, "file").(string)); !bytes.Equal(content, told) {
		t.Error("a file is changed")
	}
}

// Each row is an upload that is refused.
func TestRefusedUploads(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	channel := c.channelOfAnn("one")
	text := []byte("hello")
	c.ok("PATCH", "/api/v2/app", object{
		"file_upload_config":  object{"size_limit": 100, "blocked_file_extensions": []string{"exe"}},
		"image_upload_config": object{"allowed_mime_types": []string{"image/png"}},
	})
	silent := c.channelOfAnn("silent")
	c.ok("PATCH", silent, object{"set": object{"config_overrides": object{"uploads": false}}})
	for _, row := range []struct {
		name, path, file string
		content          []byte
		form             map[string]string
		status, code     int
	}{
		{"too large", channel + "/file", "a.txt", bytes.Repeat(text, 21), fromAnn, 413, 22},
		{"of a blocked extension", channel + "/file", "a.EXE", text, fromAnn, 400, 4},
		{"of a type that isn't allowed", channel + "/image", "a.png", text, fromAnn, 400, 4},
		{"a picture that is cut off", channel + "/image", "a.png", pngOf(9)[:40], fromAnn, 400, 4},
		{"empty", channel + "/file", "a.txt", nil, fromAnn, 400, 4},
		{"from nobody", channel + "/file", "a.txt", text, nil, 400, 4},
		{"from somebody with a bad id", channel + "/file", "a.txt", text, map[string]string{"user": `{"id":"a b"}`}, 400, 4},
		{"from a user that isn't JSON", channel + "/file", "a.txt", text, map[string]string{"user": "ann"}, 400, 4},
		{"from somebody told at length", channel + "/file", "a.txt", text, map[string]string{"user": `{"id":"ann","x":"` + strings.Repeat("x", 9_000) + `"}`}, 400, 4},
		{"in sizes that nobody makes", channel + "/image", "a.png", pngOf(9), map[string]string{"user": `{"id":"ann"}`, "upload_sizes": `[{"width":100}]`}, 400, 4},
		{"where uploads are off", silent + "/file", "a.txt", text, fromAnn, 400, 19},
		{"to a channel that isn't there", "/api/v2/chat/channels/messaging/two/file", "a.txt", text, fromAnn, 404, 16},
	} {
		if status, answer := c.upload(row.path, row.file, row.content, row.form); status != row.status || answer["code"] != float64(row.code) {
			t.Errorf("%s: %d %v; want %d, code %d", row.name, status, answer, row.status, row.code)
		}
	}
	c.refused("POST", channel+"/file", object{"file": "a.txt"}, 400, 4)
	if status, answer := c.withToken("x").upload(channel+"/file", "a.txt", text, fromAnn); status != 401 {
		t.Errorf("with a bad token: %d %v", status, answer)
	}
}

// A file can be deleted only where it was uploaded: in its channel, or in no channel.
func TestDeletedUploads(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann")
		one, two := c.channelOfAnn("one"), c.channelOfAnn("two")
		put := func(channel string) string {
			_, answer := c.upload(channel+"/file", "a.txt", []byte("hello"), fromAnn)
			return at(t, answer, "file").(string)
		}
		gone, same := put(one), put(one) // of one content
		drop := func(channel, address string) string { return channel + "/file?url=" + url.QueryEscape(address) }
		c.refused("DELETE", drop(two, gone), nil, 404, 16)
		c.refused("DELETE", drop("/api/v2/uploads", gone), nil, 404, 16)
		c.refused("DELETE", drop(one, "https://elsewhere.example/a.txt"), nil, 404, 16)
		c.refused("DELETE", drop(one, ""), nil, 404, 16)
		c.ok("DELETE", drop(one, gone), nil)
		c.refused("DELETE", drop(one, gone), nil, 404, 16)
		if status, _, _ := c.file(gone); status != http.StatusNotFound {
			t.Errorf("a deleted file is %d", status)
		}
		if status, _, _ := c.file(same); status != http.StatusOK {
			t.Errorf("another file of the same content is %d", status)
		}
	})
}

// What a message refers to stays; what nothing refers to goes after a day.
func TestSweptUploads(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	channel := c.channelOfAnn("one")
	put := func() string {
		_, answer := c.upload(channel+"/file", "a.txt", []byte("hello"), fromAnn)
		return at(t, answer, "file").(string)
	}
	sent, late, unused := put(), put(), put()
	say := func(address string) {
		c.ok("POST", channel+"/message", object{"message": object{"user_id": "ann", "attachments": []any{object{"type": "file", "asset_url": address}}}})
	}
	say(sent)
	c.age(25 * time.Hour)
	say(late) // held at the last moment
	if err := c.media.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{sent: 200, late: 200, unused: 404} {
		if status, _, _ := c.file(name); status != want {
			t.Errorf("%s is %d, want %d", name, status, want)
		}
	}
	if late, found, err := c.store.Upload(t.Context(), idOf(late)); err != nil || !found || time.Since(late.TouchedAt) > time.Hour {
		t.Errorf("a file that a message is about to refer to isn't held: %v %v", late, err)
	}
}

func idOf(address string) string {
	id, _, _ := strings.Cut(address[strings.LastIndex(address, "/")+1:], ".")
	return id
}

// age has all uploads been touched so long ago.
func (c *client) age(by time.Duration) {
	c.t.Helper()
	list, err := c.store.UntouchedUploads(c.t.Context(), time.Now().Add(time.Hour), "", 1_000)
	if err != nil {
		c.t.Fatal(err)
	}
	err = c.store.Write(c.t.Context(), func(tx *sqlstore.Tx) error {
		for _, u := range list {
			if _, err := tx.TouchUpload(u.ID, time.Now().Add(-by)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
