package transport

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func mustOrigins(t testing.TB, public string, allowed ...string) *Origins {
	t.Helper()
	o, err := NewOrigins(public, allowed, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOriginsAreReadAsBrowsersWriteThem(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://crm.example":           "https://crm.example",
		" https://crm.example/ ":        "https://crm.example",
		"HTTPS://CRM.Example":           "https://crm.example",
		"https://crm.example:443":       "https://crm.example",
		"http://crm.example:80/":        "http://crm.example",
		"https://crm.example:8443":      "https://crm.example:8443",
		"https://crm.example:08443":     "https://crm.example:8443",
		"https://crm.example:":          "https://crm.example",
		"http://crm.example:443":        "http://crm.example:443",
		"http://localhost:3000":         "http://localhost:3000",
		"http://my_app.local":           "http://my_app.local",
		"https://bücher.example":        "https://xn--bcher-kva.example",
		"https://BÜCHER.example":        "https://xn--bcher-kva.example",
		"https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
		"http://[2001:DB8:0::1]:8080":   "http://[2001:db8::1]:8080",
		"capacitor://localhost":         "capacitor://localhost",
		"chrome-extension://abcdef":     "chrome-extension://abcdef",
	} {
		if got, err := normalOrigin(given); err != nil || got != want {
			t.Errorf("%q is read as %q %v, want %q", given, got, err, want)
		}
	}
}

// An origin that no browser sends would be a setting without effect.
func TestOriginsThatNeverMatchAreRefused(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"*", "https://*", "https://*.example", "null", "crm.example", "crm.example:8080", "localhost:3000", "//crm.example",
		"https:crm.example", "https:/crm.example", "https://", "https:///", "https://crm.example/app", "https://crm.example//",
		"https://crm.example?", "https://crm.example?a=b", "https://crm.example#", "https://anna@crm.example", "https://anna:secret@crm.example",
		"https://crm.example:0", "https://crm.example:99999", "https://crm.example:https", "https://crm example",
		"https://127.1", "https://1.2.3.400", "file:///index.html", "file://host", "https://[::1", "https://crm.example;https://other.example",
	} {
		if o, err := NewOrigins("", []string{given}, nil); err == nil {
			t.Errorf("%q is taken as %v", given, o.allowed)
		} else if !strings.Contains(err.Error(), fmt.Sprintf("%q", given)) {
			t.Errorf("%q: the error doesn't name it: %v", given, err)
		}
	}
	if o, err := NewOrigins("", []string{"", " "}, nil); err != nil || len(o.allowed) != 0 {
		t.Errorf("nothing is taken as %v, %v", o, err)
	}
}

func TestWhoMayCallFromABrowser(t *testing.T) {
	t.Parallel()
	o := mustOrigins(t, "https://Chat.example:443/", "https://crm.example")
	for _, row := range []struct {
		who, origin, host, site string
		may                     bool
	}{
		{"no browser", "", "10.0.0.5:8080", "", true},
		{"a page of the public address behind a proxy that changes Host", "https://chat.example", "10.0.0.5:8080", "", true},
		{"the same with the browser's word", "https://chat.example", "10.0.0.5:8080", "same-origin", true},
		{"a page of the address that was called", "http://10.0.0.5:8080", "10.0.0.5:8080", "", true},
		{"a page where the proxy names its port", "https://other.example", "other.example:443", "", true},
		{"a page of an allowed origin", "https://crm.example", "10.0.0.5:8080", "cross-site", true},
		{"a page of the public host by another scheme", "http://chat.example", "10.0.0.5:8080", "", false},
		{"a page of another port", "https://chat.example:8443", "10.0.0.5:8080", "", false},
		{"a page whose host begins alike", "https://chat.example.evil.example", "10.0.0.5:8080", "", false},
		{"a page without an origin", "null", "10.0.0.5:8080", "", false},
		{"an address in the browser's bar", "", "10.0.0.5:8080", "none", true},
		{"an image of a foreign page", "", "10.0.0.5:8080", "cross-site", false},
	} {
		r := &http.Request{Method: http.MethodGet, Host: row.host, Header: http.Header{}}
		for name, value := range map[string]string{"Origin": row.origin, "Sec-Fetch-Site": row.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := o.check(r) == nil; got != row.may {
			t.Errorf("%s: may %v", row.who, got)
		}
	}
}
