package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"backchannel/web"
)

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

func TestFilesRevalidate(t *testing.T) {
	server := newConsole(t, web.ConsoleOptions{})
	etag := do(t, server, "GET", "/console/console.js", nil).Header().Get("ETag")
	if etag == "" {
		t.Fatal("no ETag")
	}
	w := do(t, server, "GET", "/console/console.js", http.Header{"If-None-Match": {etag}})
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("same ETag: status = %d with %d bytes, want 304 with none", w.Code, w.Body.Len())
	}
	w = do(t, server, "GET", "/console/console.js", http.Header{"If-None-Match": {`"another"`}})
	if w.Code != http.StatusOK {
		t.Errorf("another ETag: status = %d, want 200", w.Code)
	}
	if other := do(t, server, "GET", "/console/", nil).Header().Get("ETag"); other == etag {
		t.Error("two files share an ETag")
	}
}

func TestHeadHasNoBody(t *testing.T) {
	w := do(t, newConsole(t, web.ConsoleOptions{}), "HEAD", "/console/", nil)
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("status = %d with %d bytes, want 200 with none", w.Code, w.Body.Len())
	}
}

func TestNothingButThePageIsServed(t *testing.T) {
	server := newConsole(t, web.ConsoleOptions{})
	for _, path := range []string{"/console/%2e%2e/%2e%2e/embed.go", "/console/dist/console/console.js", "/console/embed.go"} {
		if body := do(t, server, "GET", path, nil).Body.String(); strings.Contains(body, "package web") || strings.Contains(body, "THIRD_PARTY") {
			t.Errorf("%s: %.60q", path, body)
		}
	}
}

func TestThePageLoadsOnlyItsOwnFiles(t *testing.T) {
	server := newConsole(t, web.ConsoleOptions{})
	page := do(t, server, "GET", "/console/", nil).Body.String()

	for _, script := range regexp.MustCompile(`(?s)<script\b([^>]*)>(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(script[1], "src=") || strings.TrimSpace(script[2]) != "" {
			t.Errorf("inline script: %s", script[0])
		}
	}
	if inline := regexp.MustCompile(`(?i)\son[a-z]+\s*=|javascript:`).FindString(page); inline != "" {
		t.Errorf("inline code: %q", inline)
	}
	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(references) < 3 {
		t.Fatalf("%d references, want script, style and icon", len(references))
	}
	foreign := regexp.MustCompile(`@import|@font-face|url\(["']?(?:https?:)?//[^)]*`)
	if foreign.MatchString(page) {
		t.Errorf("the page's own styles load %q", foreign.FindString(page))
	}
	for _, reference := range references {
		if !strings.HasPrefix(reference[1], "/console/") {
			t.Errorf("%q is not one of the page's own", reference[1])
			continue
		}
		w := do(t, server, "GET", reference[1], nil)
		if w.Code != http.StatusOK {
			t.Errorf("%q: status = %d, want 200", reference[1], w.Code)
		}
		if strings.HasSuffix(reference[1], ".css") && foreign.MatchString(w.Body.String()) {
			t.Errorf("%s loads %q", reference[1], foreign.FindString(w.Body.String()))
		}
	}
}
