package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"backchannel/web"
)

// newServer mounts the explorer as the server does.
func newServer(t *testing.T) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /explorer/", http.StripPrefix("/explorer/", web.Explorer()))
	return mux
}

func do(t *testing.T, h http.Handler, method, target string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestExplorerServesFiles(t *testing.T) {
	tests := []struct {
		path, contentType, contains string
	}{
		{"/explorer/", "text/html; charset=utf-8", `<div id="root">`},
		{"/explorer/index.html", "text/html; charset=utf-8", `<div id="root">`},
		{"/explorer/explorer.js", "text/javascript; charset=utf-8", "THIRD_PARTY_LICENSES.txt"},
		{"/explorer/explorer.css", "text/css; charset=utf-8", ".bc-bar"},
		{"/explorer/icon.svg", "image/svg+xml", "<svg"},
		{"/explorer/THIRD_PARTY_LICENSES.txt", "text/plain; charset=utf-8", "\ngraphiql "},
	}
	server := newServer(t)
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			w := do(t, server, "GET", test.path, nil)
			if w.Code != http.StatusOK {
				t.Fatalf("status = %d, want 200", w.Code)
			}
			if got := w.Header().Get("Content-Type"); got != test.contentType {
				t.Errorf("Content-Type = %q, want %q", got, test.contentType)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-cache" {
				t.Errorf("Cache-Control = %q, want no-cache", got)
			}
			if !strings.Contains(w.Body.String(), test.contains) {
				t.Errorf("the body lacks %q", test.contains)
			}
		})
	}
}

func TestExplorerSendsSecurityHeaders(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
			"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Referrer-Policy":        "no-referrer",
		"X-Content-Type-Options": "nosniff",
	}
	server := newServer(t)
	for _, path := range []string{"/explorer/", "/explorer/explorer.js", "/explorer/missing"} {
		header := do(t, server, "GET", path, nil).Header()
		for name, value := range want {
			if got := header.Get(name); got != value {
				t.Errorf("%s: %s = %q, want %q", path, name, got, value)
			}
		}
	}
}

func TestExplorerRevalidates(t *testing.T) {
	server := newServer(t)
	etag := do(t, server, "GET", "/explorer/explorer.js", nil).Header().Get("ETag")
	if etag == "" {
		t.Fatal("no ETag")
	}
	w := do(t, server, "GET", "/explorer/explorer.js", http.Header{"If-None-Match": {etag}})
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("same ETag: status = %d with %d bytes, want 304 with none", w.Code, w.Body.Len())
	}
	w = do(t, server, "GET", "/explorer/explorer.js", http.Header{"If-None-Match": {`"another"`}})
	if w.Code != http.StatusOK {
		t.Errorf("another ETag: status = %d, want 200", w.Code)
	}
	if other := do(t, server, "GET", "/explorer/", nil).Header().Get("ETag"); other == etag {
		t.Error("two files share an ETag")
	}
}

func TestExplorerAnswersHeadWithoutBody(t *testing.T) {
	w := do(t, newServer(t), "HEAD", "/explorer/", nil)
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("status = %d with %d bytes, want 200 with none", w.Code, w.Body.Len())
	}
}

func TestExplorerRefusesUnknownPaths(t *testing.T) {
	server := newServer(t)
	for _, path := range []string{
		"/explorer/missing.js",
		"/explorer/dist/explorer/index.html",
		"/explorer/%2e%2e/%2e%2e/embed.go",
		"/explorer/explorer.js/",
	} {
		if w := do(t, server, "GET", path, nil); w.Code == http.StatusOK {
			t.Errorf("%s: status = 200, want none", path)
		}
	}
	if w := do(t, server, "GET", "/explorer/missing.js", nil); w.Code != http.StatusNotFound {
		t.Errorf("missing file: status = %d, want 404", w.Code)
	}
}

func TestExplorerWithoutSlashIsRedirected(t *testing.T) {
	w := do(t, newServer(t), "GET", "/explorer", nil)
	// A fragment in Location would replace the one that holds the token.
	if location := w.Header().Get("Location"); w.Code/100 != 3 || location != "/explorer/" {
		t.Errorf("status = %d to %q, want a redirect to /explorer/", w.Code, location)
	}
}

func TestExplorerPageLoadsOnlyItsOwnFiles(t *testing.T) {
	server := newServer(t)
	page := do(t, server, "GET", "/explorer/", nil).Body.String()

	for _, script := range regexp.MustCompile(`(?s)<script\b([^>]*)>(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(script[1], "src=") || strings.TrimSpace(script[2]) != "" {
			t.Errorf("inline script: %s", script[0])
		}
	}
	if inline := regexp.MustCompile(`(?i)<style|\son[a-z]+\s*=|javascript:`).FindString(page); inline != "" {
		t.Errorf("inline code: %q", inline)
	}
	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(references) < 3 {
		t.Fatalf("%d references, want script, style and icon", len(references))
	}
	for _, reference := range references {
		name, ok := strings.CutPrefix(reference[1], "./")
		if !ok {
			t.Errorf("%q is not relative to the page", reference[1])
			continue
		}
		if w := do(t, server, "GET", "/explorer/"+name, nil); w.Code != http.StatusOK {
			t.Errorf("%q: status = %d, want 200", reference[1], w.Code)
		}
	}

	style := do(t, server, "GET", "/explorer/explorer.css", nil).Body.String()
	if foreign := regexp.MustCompile(`@import|@font-face|url\(["']?(?:https?:)?//[^)]*`).FindString(style); foreign != "" {
		t.Errorf("the style sheet loads %q", foreign)
	}
}
