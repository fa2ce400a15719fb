package auth_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

// The servers of these tests are outside the bubble and answer over real connections. Only
// the verifier's clock is synthetic.

func ecToken(kid string) string {
	return sign(jwt.SigningMethodES256, keys().ec, object{"kid": kid}, object{"sub": "alice", "roles": "BO"})
}

func ecKey(kid string) object { return jwk(kid, keys().ec.Public(), nil) }

func verifies(t *testing.T, v *auth.Verifier, token string, want bool, when string) {
	t.Helper()
	if _, err := v.Verify(token); (err == nil) != want {
		t.Errorf("%s: %v", when, err)
	}
}

func TestRemovedKeyStopsWithinAMinute(t *testing.T) {
	server := newKeyServer(t, keySet(ecKey("old"), ecKey("other")))
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{JWKS: server.URL})
		verifies(t, v, ecToken("old"), true, "at first")
		verifies(t, v, ecToken("old"), true, "from the cache")
		server.Content.Store(keySet(ecKey("other")))
		time.Sleep(time.Minute)
		verifies(t, v, ecToken("old"), false, "a minute after its removal")
		verifies(t, v, ecToken("other"), true, "the other key")
	})
}

func TestRemovedKeyStopsWithinAMinuteDespiteAFailure(t *testing.T) {
	server := newKeyServer(t, keySet(ecKey("old")))
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{JWKS: server.URL})
		token := ecToken("old")
		verifies(t, v, token, true, "at first")
		removed := time.Now()
		server.Content.Store("")
		for server.Fetches.Load() < 2 { // the one at the start, and the first refresh
			time.Sleep(time.Second)
		}
		verifies(t, v, token, true, "while the server fails")
		server.Content.Store(keySet())
		time.Sleep(time.Until(removed.Add(time.Minute)))
		verifies(t, v, token, false, "a minute after its removal")
	})
}

func TestUnknownKeyIsFetchedAtOnce(t *testing.T) {
	server := newKeyServer(t, keySet(ecKey("old")))
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{JWKS: server.URL})
		time.Sleep(6 * time.Second)
		server.Content.Store(keySet(ecKey("old"), ecKey("new")))
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { verifies(t, v, ecToken("new"), true, "right after the rotation") })
		}
		all.Wait()
		if n := server.Fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want one at the start and one for all callers", n)
		}
	})
}

func TestUnknownKeysDoNotFloodTheServer(t *testing.T) {
	server := newKeyServer(t, keySet(ecKey("old")))
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{JWKS: server.URL})
		for range 60 * 10 {
			verifies(t, v, ecToken("unknown"), false, "an unknown key")
			time.Sleep(time.Second / 10)
		}
		if n := server.Fetches.Load(); n > 1+3+12 {
			t.Errorf("%d fetches within a minute, more than one at the start, one in 20 s, and one in 5 s", n)
		}
	})
}

func TestLastGoodKeysStay(t *testing.T) {
	server := newKeyServer(t, keySet(ecKey("old")))
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		v := newVerifier(t, auth.Config{JWKS: server.URL, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for _, broken := range []string{"", "<html>", "{}", `{"keys": null}`, `{"keys": [` + strings.Repeat(" ", 1<<20) + `]}`} {
			server.Content.Store(broken)
			time.Sleep(time.Minute)
			verifies(t, v, ecToken("old"), true, "while the server answers nonsense")
			_, err := v.Verify(ecToken("new"))
			if err == nil || !strings.Contains(err.Error(), "reading it again failed") {
				t.Errorf("an unknown key's error hides the failed refresh: %v", err)
			}
		}
		server.Content.Store(keySet(ecKey("old")))
		time.Sleep(time.Minute)
		synctest.Wait()
		if first, rest, _ := strings.Cut(log.String(), "\n"); !strings.Contains(first, "can't be read any more") ||
			!strings.Contains(rest, "keys are read") || strings.Count(rest, "\n") != 1 {
			t.Errorf("the log has\n%s", log.String())
		}
	})
}

func TestRefreshEndsWithTheContext(t *testing.T) {
	server := newKeyServer(t, keySet(ecKey("old")))
	synctest.Test(t, func(t *testing.T) {
		newVerifier(t, auth.Config{JWKS: server.URL})
	}) // synctest panics if a goroutine is left; t.Context ends before
}

// The issuer may start after us. Until its keys are there, none of its tokens is valid, and
// the verifier isn't ready.
func TestIssuerThatComesLater(t *testing.T) {
	server := newKeyServer(t, "")
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{JWKS: server.URL})
		verifies(t, v, ecToken("first"), false, "before the keys can be read")
		if v.Ready() == nil {
			t.Error("ready without keys")
		}
		server.Content.Store(keySet(ecKey("first")))
		time.Sleep(3 * time.Second)
		verifies(t, v, ecToken("first"), true, "once they can")
		if err := v.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
}

func TestSlowServerIsGivenUp(t *testing.T) {
	if testing.Short() {
		t.Skip("waits five real seconds: a hanging connection holds the synthetic clock")
	}
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	start := time.Now()
	v, err := auth.New(t.Context(), auth.Config{JWKS: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Ready(); err == nil || !strings.Contains(err.Error(), server.URL) {
		t.Errorf("ready: %v", err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestKeyFileIsReadOnce(t *testing.T) {
	path := keyFile(t, keySet(ecKey("old")))
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{JWKS: path})
		if err := os.WriteFile(path, []byte(keySet(ecKey("new"))), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		verifies(t, v, ecToken("old"), true, "the key of the start")
		verifies(t, v, ecToken("new"), false, "a key that came later")
	})
}
