package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// upload sends a file with a token and headers.
func (s *server) upload(name string, content []byte, header map[string]string) (status int, got http.Header, answer map[string]any) {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/media", &body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+s.token)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, answer
}

func picture(side int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const setAvatar = `mutation($name: String) { createOrUpdateChannel(input: {id: "news", name: "News", avatarFilename: $name}) }`

// An avatar is uploaded, given to a channel, shown at the channel's address, and still
// there after a power cut.
func TestAvatar(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, data)
	status, _, file := s.upload("me.png", picture(400), nil)
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, file)
	}
	name, _ := file["filename"].(string)
	var done bool
	s.must("createOrUpdateChannel", &done, setAvatar, map[string]any{"name": name})
	show := func() {
		t.Helper()
		var channel struct{ Avatar string }
		s.must("channel", &channel, `{ channel(cid: "livestream:news") { avatar } }`, nil)
		path, ours := strings.CutPrefix(channel.Avatar, s.url)
		if status, text := s.get(path); !ours || status != http.StatusOK || !strings.Contains(text, "\x89PNG") {
			t.Errorf("the avatar at %s is %d", channel.Avatar, status)
		}
	}
	show()
	s.kill()
	s = start(t, data)
	show()

	for given, want := range map[string]string{
		"%00.png": "INVALID_ARGUMENTS",
		"me.gif":  "FILE_TYPE_NOT_SUPPORTED",
		"me.mp4":  "FILE_TYPE_NOT_SUPPORTED",
	} {
		s.refused(want, given)
	}
	show()
	s.kill()

	s = start(t, data, "--avatars", "uploaded")
	for _, given := range []string{
		"announcement-avatar.png", // only --dev adds it
		strings.Repeat("b", 42) + ".png",
		strings.TrimSuffix(name, "png") + "jpg",
		"me.png", // the file's name before the upload
	} {
		s.refused("INVALID_ARGUMENTS", given)
	}
	show()
}

// refused expects an avatar's name to be refused with a code.
func (s *server) refused(code, name string) {
	s.t.Helper()
	a, err := s.ask(setAvatar, map[string]any{"name": name})
	switch {
	case err != nil || len(a.Errors) != 1:
		s.t.Errorf("the avatar %q: %v %v, want %s", name, a.Errors, err, code)
	case a.Errors[0].Extensions["code"] != code || a.Errors[0].Extensions["field"] != "input.avatarFilename":
		s.t.Errorf("the avatar %q: %v, want %s", name, a.Errors[0], code)
	case code == "INVALID_ARGUMENTS" && name != "%00.png" && !strings.Contains(a.Errors[0].Message, "POST /media"):
		s.t.Errorf("the avatar %q: %q doesn't say what to do", name, a.Errors[0].Message)
	}
}

// Which avatar names are accepted depends on which server has them. A channel keeps its
// own.
func TestAvatarNames(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://pictures.example/"
	for _, provider := range []string{"engine", "stream"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			data, flags := t.TempDir(), []string(nil)
			if provider == "stream" {
				far := start(t, t.TempDir(), "--api-key", "a-stream-key", "--api-secret", streamSecret)
				flags = []string{"--provider", "stream", "--stream-base-url", far.url, "--stream-api-key", "a-stream-key", "--stream-api-secret", streamSecret}
			}
			put := func(s *server, name any) {
				t.Helper()
				s.must("createOrUpdateChannel", new(bool), setAvatar, map[string]any{"name": name})
			}
			avatar := func(s *server, want string) {
				t.Helper()
				var channel struct{ Avatar string }
				s.must("channel", &channel, `{ channel(cid: "livestream:news") { avatar } }`, nil)
				if channel.Avatar != want {
					t.Errorf("the avatar is at %s, want %s", channel.Avatar, want)
				}
			}
			s := start(t, data, append(flags, "--avatar-base-url", elsewhere)...)
			put(s, "announcement-avatar.png") // the reference document's example
			avatar(s, elsewhere+"announcement-avatar.png")
			put(s, strings.Repeat("b", 42)+".png") // looks like an upload
			put(s, "old 1.png")
			avatar(s, elsewhere+"old%201.png")
			s.kill()

			s = start(t, data, append(flags, "--avatar-base-url", elsewhere, "--avatars", "uploaded")...)
			s.refused("INVALID_ARGUMENTS", "theirs.png")
			put(s, "old 1.png") // a channel keeps the one it has
			s.must("createOrUpdateChannel", new(bool), `mutation { createOrUpdateChannel(input: {id: "news", name: "Renamed"}) }`, nil)
			avatar(s, elsewhere+"old%201.png")
			put(s, nil)
			s.refused("INVALID_ARGUMENTS", "old 1.png")
			s.kill()

			s = start(t, data, append(flags, "--media-base-url", "https://files.example/m")...)
			put(s, "theirs.png")
			avatar(s, "https://files.example/m/theirs.png") // the media address, if it isn't set
			_, _, file := s.upload("me.png", picture(9), nil)
			put(s, file["filename"])
			avatar(s, "https://files.example/m/"+file["filename"].(string))
			s.kill()
			s = start(t, data, append(flags, "--media", "off")...)
			put(s, "another.png")
			avatar(s, s.url+"/media/another.png")
		})
	}
}

// The reference document's example runs unchanged on a fresh server for development.
func TestDevelopmentHasTheExamplesPicture(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for range 2 {
		s := start(t, data, "--dev")
		if !strings.Contains(s.out.String(), "announcement-avatar.png") {
			t.Errorf("nobody is told of the picture:\n%s", s.out)
		}
		s.must("createOrUpdateChannel", new(bool),
			`mutation CreateChannel($input: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $input) }`,
			map[string]any{"input": map[string]any{"name": "Announcements", "avatarFilename": "announcement-avatar.png", "type": "Livestream"}})
		s.kill()
	}
	s := start(t, data) // a chat that began in development keeps it
	var list []struct{ Avatar string }
	s.must("allChannels", &list, `{ allChannels { avatar } }`, nil)
	path, ours := strings.CutPrefix(list[0].Avatar, s.url)
	if status, text := s.get(path); !ours || status != http.StatusOK || !strings.Contains(text, "\x89PNG") {
		t.Errorf("%s is %d %.40q", list[0].Avatar, status, text)
	}
}

// Messages keep the address of an upload, so it must not be one that only this machine
// knows.
func TestAddressOfUploads(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what   string
		args   []string
		status int
		url    string // how the file's address begins
	}{
		{"on this machine", nil, http.StatusCreated, "http://127.0.0.1:"},
		{"by the public address", []string{"--public-url", "https://chat.example/"}, http.StatusCreated, "https://chat.example/media/"},
		{"by the media address", []string{"--public-url", "https://chat.example", "--media-base-url", "https://cdn.example/m"}, http.StatusCreated, "https://cdn.example/m/"},
		{"everywhere, by the public address", []string{"--addr", "0.0.0.0:0", "--public-url", "https://chat.example"}, http.StatusCreated, "https://chat.example/media/"},
		{"everywhere, by the media address", []string{"--addr", "0.0.0.0:0", "--media-base-url", "https://cdn.example"}, http.StatusCreated, "https://cdn.example/"},
		{"everywhere, by no address", []string{"--addr", "0.0.0.0:0", "--api-key", "key", "--api-secret", secret}, http.StatusNotImplemented, ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s := start(t, t.TempDir(), row.args...)
			s.url = strings.Replace(s.url, "[::]", "127.0.0.1", 1)
			status, _, answer := s.upload("a.png", picture(4), nil)
			if url, _ := answer["url"].(string); status != row.status || !strings.HasPrefix(url, row.url) {
				t.Fatalf("got %d %v, want %d %s…", status, answer, row.status, row.url)
			}
			if status != http.StatusCreated {
				if text := fmt.Sprint(answer); !strings.Contains(text, "--public-url") || !strings.Contains(text, "UNSUPPORTED") {
					t.Errorf("the answer doesn't say what to set: %s", text)
				}
			}
		})
	}
}

func TestWhoMayUpload(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--allowed-origins", "https://crm.example")
	for who, header := range map[string]map[string]string{
		"nobody":              {"Authorization": ""},
		"a bad token":         {"Authorization": "Bearer x"},
		"a customer":          {"Authorization": "Bearer " + token(t, "ann")},
		"a foreign page":      {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
		"a page of the CRM's": {"Origin": "https://crm.example", "Sec-Fetch-Site": "cross-site"},
	} {
		status, got, answer := s.upload("a.png", picture(4), header)
		want := http.StatusUnauthorized
		switch who {
		case "a foreign page":
			want = http.StatusForbidden
		case "a page of the CRM's":
			want = http.StatusCreated
		}
		if status != want {
			t.Errorf("%s: %d %v, want %d", who, status, answer, want)
		}
		if strings.HasPrefix(who, "a page") && got.Get("Access-Control-Allow-Origin") != "https://crm.example" {
			t.Errorf("%s may not read the answer", who)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.url+"/media", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://crm.example")
	req.Header.Set("Access-Control-Request-Method", "POST")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("the browser's question is answered %s", resp.Status)
	}

	off := start(t, t.TempDir(), "--media", "off")
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost, off.url+"/media", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err = client.Do(req); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("with --media off an upload is answered %s", resp.Status)
	}
}

// A server that is killed in the middle of an upload leaves nothing of it.
func TestKilledWhileUploading(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, data)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "POST /media HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+s.token+
		"\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n"+
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"+
		strings.Repeat("x", 1<<20))
	incoming := filepath.Join(data, "incoming")
	for until := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(incoming); err == nil {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the upload was not begun")
		}
	}
	s.kill()
	for _, dir := range []string{incoming, filepath.Join(data, "media")} {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			t.Errorf("left in %s: %v", dir, entries)
		}
	}
}
