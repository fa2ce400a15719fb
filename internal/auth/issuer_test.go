package auth_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/auth"
)

func TestIssuerIsNoAddress(t *testing.T) {
	for _, issuer := range []string{"", "id.example.com", "ftp://id.example.com", "https://", "https://a b", "//id.example.com", "https://id.example.com;script-src"} {
		if _, err := auth.OpenIssuer(t.Context(), issuer, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%q is taken", issuer)
		}
	}
}

func TestOriginsOfAnIssuer(t *testing.T) {
	const own = "OWN"
	tests := map[string]struct {
		metadata string
		want     []string
	}{
		"all on one host":                          {`{"token_endpoint": "OWN/token", "revocation_endpoint": "OWN/revoke"}`, []string{own}},
		"the token endpoint is on another":         {`{"token_endpoint": "https://Token.example.com/oauth"}`, []string{own, "https://token.example.com"}},
		"each on another":                          {`{"token_endpoint": "https://a.example.com/t", "revocation_endpoint": "https://b.example.com:8443/r"}`, []string{own, "https://a.example.com", "https://b.example.com:8443"}},
		"pages that are gone to don't count":       {`{"token_endpoint": "OWN/token", "authorization_endpoint": "https://login.example.com", "end_session_endpoint": "https://out.example.com"}`, []string{own}},
		"what could change the policy is left out": {`{"token_endpoint": "OWN/token", "revocation_endpoint": "https://x.example.com; script-src *"}`, []string{own}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Pointer[string]
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Store(&r.URL.Path)
				_, _ = fmt.Fprint(w, strings.ReplaceAll(test.metadata, own, "http://"+r.Host))
			}))
			defer server.Close()
			issuer, err := auth.OpenIssuer(t.Context(), server.URL+"/realms/shop/", slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(test.want)
			want[0] = server.URL
			eventually(t, func() bool { return asked.Load() != nil && slices.Equal(issuer.Origins(), want) })
			if path := *asked.Load(); path != "/realms/shop/.well-known/openid-configuration" {
				t.Errorf("asked for %s", path)
			}
		})
	}
}

func TestAnIssuerThatIsAwayIsSaidSo(t *testing.T) {
	for name, metadata := range map[string]string{"no JSON": "<html>", "no endpoint": "{}", "too large": `{"x": "` + strings.Repeat("x", 1<<20) + `"}`} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, metadata) }))
			defer server.Close()
			logged := make(chan string, 1)
			issuer, err := auth.OpenIssuer(t.Context(), server.URL, slog.New(slog.NewTextHandler(lineTo(logged), nil)))
			if err != nil {
				t.Fatal(err)
			}
			select {
			case line := <-logged:
				if !strings.Contains(line, "level=WARN") || !strings.Contains(line, server.URL) {
					t.Errorf("logged %s", line)
				}
			case <-time.After(time.Minute):
				t.Fatal("nothing is logged")
			}
			if got := issuer.Origins(); !slices.Equal(got, []string{server.URL}) {
				t.Errorf("origins are %q", got)
			}
		})
	}
}

type lineTo chan string

func (l lineTo) Write(line []byte) (int, error) {
	select {
	case l <- string(bytes.TrimSpace(line)):
	default:
	}
	return len(line), nil
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatal("it doesn't hold after a minute")
}
