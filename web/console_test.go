package web_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"backchannel/web"
)

func newConsole(t *testing.T, o web.ConsoleOptions) http.Handler {
	t.Helper()
	console, err := web.Console(o)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /console/", http.StripPrefix("/console/", console))
	return mux
}

func TestConsoleServesThePageAtEveryScreensAddress(t *testing.T) {
	server := newConsole(t, web.ConsoleOptions{})
	for _, path := range []string{
		"/console/",
		"/console/channels",
		"/console/channels/livestream:announcements",
		"/console/channels/team:script.js",
		"/console/users/import",
		"/console/signed-in?code=1&state=2",
	} {
		w := do(t, server, "GET", path, nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<div id="root">`) {
			t.Errorf("%s: status = %d %.40q, want the page", path, w.Code, w.Body)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control = %q, want no-cache", path, got)
		}
	}
}

func TestConsoleServesFiles(t *testing.T) {
	server := newConsole(t, web.ConsoleOptions{})
	for path, contentType := range map[string]string{
		"/console/console.js":               "text/javascript; charset=utf-8",
		"/console/console.css":              "text/css; charset=utf-8",
		"/console/icon.svg":                 "image/svg+xml",
		"/console/THIRD_PARTY_LICENSES.txt": "text/plain; charset=utf-8",
	} {
		w := do(t, server, "GET", path, nil)
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != contentType {
			t.Errorf("%s: status = %d, Content-Type = %q, want 200 and %q", path, w.Code, got, contentType)
		}
		again := do(t, server, "GET", path, http.Header{"If-None-Match": {w.Header().Get("ETag")}})
		if again.Code != http.StatusNotModified {
			t.Errorf("%s: status = %d for the same ETag, want 304", path, again.Code)
		}
	}
	// A page in the place of a script that went with an older build would hide what is wrong.
	if w := do(t, server, "GET", "/console/gone.js", nil); w.Code != http.StatusNotFound {
		t.Errorf("a file that isn't there: status = %d, want 404", w.Code)
	}
}

func TestConsolePolicy(t *testing.T) {
	oidc := &web.OIDC{Issuer: "https://id.example.com/realms/shop", ClientID: "console", Scope: "openid",
		Origins: func() []string { return []string{"https://id.example.com", "https://token.example.com"} }}
	tests := map[string]struct {
		options web.ConsoleOptions
		connect string
	}{
		"without an issuer it asks nobody else": {web.ConsoleOptions{}, "connect-src 'self'"},
		"with an issuer it asks its hosts":      {web.ConsoleOptions{OIDC: oidc}, "connect-src 'self' https://id.example.com https://token.example.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := newConsole(t, test.options)
			for _, path := range []string{"/console/", "/console/channels", "/console/console.js", "/console/config.json", "/console/gone.js"} {
				header := do(t, server, "GET", path, nil).Header()
				directives := strings.Split(header.Get("Content-Security-Policy"), "; ")
				for _, want := range []string{test.connect, "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
					if !slices.Contains(directives, want) {
						t.Errorf("%s: the policy lacks %q: %q", path, want, directives)
					}
				}
				if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" ||
					header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
					t.Errorf("%s: headers are %v", path, header)
				}
			}
		})
	}
}

func TestConsoleShowsPicturesOfNamedHostsOnly(t *testing.T) {
	hosts := []string{"cdn.example.com", "*.IMG.example.com", "http://127.0.0.1:8000", "https://cdn.example.com"}
	server := newConsole(t, web.ConsoleOptions{PicturesFrom: hosts})
	policy := strings.Split(do(t, server, "GET", "/console/", nil).Header().Get("Content-Security-Policy"), "; ")
	from := "'self' data: blob: https://cdn.example.com https://*.img.example.com http://127.0.0.1:8000"
	for _, want := range []string{"img-src " + from, "media-src " + from} {
		if !slices.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %q", want, policy)
		}
	}
	want := `{"dev":false,"pictures":{"bytes":0,"jpegPixels":0,"pngPixels":0},"picturesFrom":["https://cdn.example.com","https://*.img.example.com","http://127.0.0.1:8000"]}`
	if got := do(t, server, "GET", "/console/config.json", nil).Body.String(); got != want {
		t.Errorf("config.json is %s, want %s", got, want)
	}
}

func TestConsoleRefusesWhatIsNoHost(t *testing.T) {
	for _, host := range []string{
		"", "*", "https:", "https://", "a b", "a;script-src *", "'unsafe-inline'", "data:", "https://cdn.example.com/path", "ftp://cdn.example.com",
		"*.*.example.com", "user@example.com", "example.com, other.com", "-", "https://cdn.example.com:x",
	} {
		if _, err := web.Console(web.ConsoleOptions{PicturesFrom: []string{host}}); err == nil {
			t.Errorf("%q is taken", host)
		}
	}
}

func TestConsoleConfig(t *testing.T) {
	oidc := &web.OIDC{Issuer: "https://id.example.com", ClientID: "console", Scope: "openid profile", Audience: "chat", Token: "access",
		Origins: func() []string { return nil }}
	tests := map[string]struct {
		options web.ConsoleOptions
		want    string
	}{
		"nothing":     {web.ConsoleOptions{}, `{"dev":false,"pictures":{"bytes":0,"jpegPixels":0,"pngPixels":0},"picturesFrom":[]}`},
		"development": {web.ConsoleOptions{Dev: true}, `{"dev":true,"pictures":{"bytes":0,"jpegPixels":0,"pngPixels":0},"picturesFrom":[]}`},
		"an issuer": {web.ConsoleOptions{OIDC: oidc},
			`{"dev":false,"oidc":{"issuer":"https://id.example.com","clientId":"console","scope":"openid profile","audience":"chat","token":"access"},"pictures":{"bytes":0,"jpegPixels":0,"pngPixels":0},"picturesFrom":[]}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := do(t, newConsole(t, test.options), "GET", "/console/config.json", nil)
			if got := w.Body.String(); got != test.want || !json.Valid(w.Body.Bytes()) {
				t.Errorf("config.json is %s, want %s", got, test.want)
			}
			if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("its headers are %v", w.Header())
			}
		})
	}
}

// A browser that is told that its page is the same goes on with the page's old policy.
func TestAPageWithAnotherPolicyIsAnotherPage(t *testing.T) {
	origins := []string{"https://id.example.com"}
	server := newConsole(t, web.ConsoleOptions{OIDC: &web.OIDC{Origins: func() []string { return origins }}})
	ask := func(tag string) int {
		return do(t, server, "GET", "/console/channels", http.Header{"If-None-Match": {tag}}).Code
	}
	tag := do(t, server, "GET", "/console/channels", nil).Header().Get("ETag")
	if got := ask(tag); got != http.StatusNotModified {
		t.Errorf("the same policy: status = %d, want 304", got)
	}
	origins = append(origins, "https://token.example.com")
	if got := ask(tag); got != http.StatusOK {
		t.Errorf("another policy: status = %d, want 200", got)
	}
}

func TestConsoleWithoutSlashIsRedirected(t *testing.T) {
	w := do(t, newConsole(t, web.ConsoleOptions{}), "GET", "/console", nil)
	// A fragment in Location would replace the one that holds the token.
	if location := w.Header().Get("Location"); w.Code/100 != 3 || location != "/console/" {
		t.Errorf("status = %d to %q, want a redirect to /console/", w.Code, location)
	}
}

func TestConsoleIsCompressedForWhoTakesIt(t *testing.T) {
	server := newConsole(t, web.ConsoleOptions{})
	plain := do(t, server, "GET", "/console/console.js", nil)
	tests := map[string]struct {
		header http.Header
		gzip   bool
	}{
		"a browser":                 {http.Header{"Accept-Encoding": {"br, gzip, deflate"}}, true},
		"one that would rather not": {http.Header{"Accept-Encoding": {"gzip;q=0.5"}}, true},
		"nothing said":              {nil, false},
		"refused":                   {http.Header{"Accept-Encoding": {"gzip; q=0"}}, false},
		"refused at length":         {http.Header{"Accept-Encoding": {"br, gzip;q=0.000"}}, false},
		"another coding":            {http.Header{"Accept-Encoding": {"gzippy"}}, false},
		"a part":                    {http.Header{"Accept-Encoding": {"gzip"}, "Range": {"bytes=0-9"}}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := do(t, server, "GET", "/console/console.js", test.header)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != test.gzip {
				t.Fatalf("Content-Encoding = %q", w.Header().Get("Content-Encoding"))
			}
			if w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary = %q", w.Header().Get("Vary"))
			}
			if !test.gzip {
				return
			}
			if w.Header().Get("ETag") == plain.Header().Get("ETag") || w.Body.Len()*2 > plain.Body.Len() {
				t.Errorf("ETag %s, %d bytes of %d", w.Header().Get("ETag"), w.Body.Len(), plain.Body.Len())
			}
			again := do(t, server, "GET", "/console/console.js", http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {w.Header().Get("ETag")}})
			if again.Code != http.StatusNotModified {
				t.Errorf("the same ETag: status = %d, want 304", again.Code)
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if content, err := io.ReadAll(z); err != nil || string(content) != plain.Body.String() {
				t.Errorf("unpacked it is something else: %d bytes, %v", len(content), err)
			}
		})
	}
}
