package main

import (
	"errors"
	"flag"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestContentLength(t *testing.T) {
	for _, row := range []struct {
		name, head string
		want       int
		fails      bool
	}{
		{name: "is read", head: "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 37\r\n\r\n", want: 37},
		{name: "must be there", head: "HTTP/1.1 200 OK\r\nDate: x\r\n\r\n", fails: true},
		{name: "does not excuse a failure", head: "HTTP/1.1 500 Oops\r\nContent-Length: 37\r\n\r\n", fails: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := contentLength([]byte(row.head))
			if got != row.want || (err != nil) != row.fails {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
}

func TestWelcomeIsRead(t *testing.T) {
	want := endpoint{URL: "http://127.0.0.1:4711/graphql", Token: "ey.J0.x"}
	got, err := readWelcome(strings.NewReader(`
Backchannel is running in development mode.

  GraphQL   http://127.0.0.1:4711/graphql
  Explorer  http://127.0.0.1:4711/explorer/#token=ey.J0.x
  BO token  ey.J0.x
            good for 24 hours
`))
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := readWelcome(strings.NewReader("  GraphQL   http://127.0.0.1:4711/graphql\n")); err == nil {
		t.Error("a welcome without a token is taken")
	}
}

func TestResidentMemoryIsRead(t *testing.T) {
	got, err := residentMB([]byte("VmPeak:\t  999999 kB\nVmRSS:\t   20000 kB\nRssAnon:\t 1 kB\n"))
	if err != nil || math.Abs(got-20.48) > 1e-9 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := residentMB([]byte("VmPeak:\t 1 kB\n")); err == nil {
		t.Error("a status without VmRSS is taken")
	}
}

func TestPlainEnvironmentHasNoneOfOurSettings(t *testing.T) {
	got := plainEnvironment([]string{"PATH=/bin", "BACKCHANNEL_DATABASE_URL=postgres://x", "GOGC=400", "OTEL_TRACES_SAMPLER=always_on"})
	if want := []string{"PATH=/bin", "GOGC=400"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOptions(t *testing.T) {
	o, err := parseOptions([]string{"-only", "send", "-rounds", "5", "-duration", "1s"})
	if want := (options{Only: "send", Rounds: 5, Duration: time.Second}); err != nil || o != want {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, bad := range [][]string{{"-only", "nothing"}, {"-rounds", "0"}, {"-duration", "-1s"}, {"more"}} {
		if _, err := parseOptions(bad); err == nil || errors.Is(err, flag.ErrHelp) {
			t.Errorf("%q gives the error %v", bad, err)
		}
	}
}

func TestConnectionPosts(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in sendRequest
		if r.Header.Get("Authorization") != "Bearer secret" || r.ContentLength != 2 {
			http.Error(w, "the request is not as it should be", http.StatusBadRequest)
			return
		}
		in.Query = long
		answer(w, in)
	}))
	defer server.Close()
	at := endpoint{URL: server.URL + "/", Token: "secret"}
	want, err := once(t.Context(), at, []byte("{}"))
	if err != nil || len(want) < len(long) {
		t.Fatalf("got %d bytes, %v", len(want), err)
	}
	for _, row := range []struct {
		name  string
		at    endpoint
		want  string
		fails bool
	}{
		{name: "and takes the right answer", at: at, want: string(want)},
		{name: "and refuses another answer", at: at, want: `{"data":null}`, fails: true},
		{name: "and refuses an error", at: endpoint{URL: server.URL + "/"}, want: string(want), fails: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			seen, err := postFor(t.Context(), row.at, [][]byte{[]byte("{}"), []byte("{}")}, []byte(row.want), 200*time.Millisecond)
			if (err != nil) != row.fails || !row.fails && seen.Count == 0 {
				t.Errorf("got %+v, %v", seen, err)
			}
		})
	}
}
