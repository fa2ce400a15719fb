package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
)

// testServer is a media store behind a real HTTP server, over a real database.
type testServer struct {
	testing.TB
	*media.Store
	database *sqlstore.Store
	folder   string // of the files
	spool    string
	url      string
}

func open(t testing.TB, change ...func(*media.Options)) *testServer {
	t.Helper()
	dir := t.TempDir()
	h := &testServer{TB: t, folder: filepath.Join(dir, "media"), spool: filepath.Join(dir, "spool")}
	var err error
	if h.database, err = sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(dir, "chat.db")}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	h.url = "http://" + server.Listener.Addr().String() + "/media"
	o := media.Options{
		Database: h.database, Location: h.folder, Spool: h.spool, BaseURL: h.url + "/",
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&o)
	}
	h.Store = media.New(o)
	mux := http.NewServeMux()
	mux.Handle("POST /media", h.Uploads(func(r *http.Request) (string, error) {
		user, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return "", chat.Denied(errors.New("no token"))
		}
		return user, nil
	}))
	mux.HandleFunc("GET /media/{name}", h.ServeFile)
	server.Config.Handler = mux
	server.Config.ReadTimeout = time.Second // far shorter than an upload may take
	server.Config.WriteTimeout = time.Second
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := errors.Join(h.Close(), h.database.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// answer is the server's answer.
type answer struct {
	status       int
	header       http.Header
	body         []byte
	Filename     string
	URL          string
	Kind         string
	ContentType  string
	Size         int64
	Width        int
	Height       int
	ThumbnailURL string
	Errors       []struct {
		Message    string
		Extensions struct {
			Code, Field, Found string
			Reason             chat.Reason
			Limit              int64
		}
	}
}

func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

func (h *testServer) do(req *http.Request) (a answer) {
	h.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		h.Fatal(err)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") && req.Method != http.MethodHead {
		if err := json.Unmarshal(a.body, &a); err != nil {
			h.Fatalf("%v: %s", err, a.body)
		}
	}
	return a
}

func (h *testServer) request(method, url string, body io.Reader) *http.Request {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), method, url, body)
	if err != nil {
		h.Fatal(err)
	}
	return req
}

// upload sends a file as alice.
func (h *testServer) upload(name string, content []byte) answer {
	h.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		h.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req := h.request(http.MethodPost, h.url, &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer alice")
	return h.do(req)
}

func (h *testServer) get(url string) answer {
	h.Helper()
	return h.do(h.request(http.MethodGet, url, nil))
}

// mustUpload sends a good file.
func (h *testServer) mustUpload(name string, content []byte) answer {
	h.Helper()
	a := h.upload(name, content)
	if a.status != http.StatusCreated {
		h.Fatalf("uploading %s: %d %s", name, a.status, a.body)
	}
	return a
}

// stored lists all files, including those of uploads under way.
func (h *testServer) stored() (names []string) {
	h.Helper()
	for _, dir := range []string{h.folder, h.spool} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			h.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return names
}
