package app_test

import (
	"bytes"
	"encoding/json"
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

// An avatar goes the whole way: uploaded, given to a channel, shown where the
// channel says, and there again after a power cut.
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
		"announcement-avatar.png":        "", // the documented example
		strings.Repeat("b", 42) + ".png": "INVALID_ARGUMENTS",
	} {
		a, err := s.ask(setAvatar, map[string]any{"name": given})
		if err != nil || (len(a.Errors) == 0) != (want == "") || want != "" && a.Errors[0].Extensions["code"] != want {
			t.Errorf("%s: %v %v, want %q", given, a.Errors, err, want)
		}
		if want != "" && a.Errors[0].Extensions["field"] != "input.avatarFilename" {
			t.Errorf("the field is %v", a.Errors[0].Extensions["field"])
		}
	}
	s.kill()
	s = start(t, data, "--avatars", "uploaded")
	s.must("createOrUpdateChannel", &done, setAvatar, map[string]any{"name": name})
	if a, err := s.ask(setAvatar, map[string]any{"name": "announcement-avatar.png"}); err != nil || len(a.Errors) != 1 {
		t.Errorf("with --avatars uploaded, a name that isn't an upload's: %v %v", a.Errors, err)
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
