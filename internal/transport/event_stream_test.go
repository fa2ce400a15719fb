package transport_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

const spoken = `{"query":"subscription($cid:String!,$after:Seq){channelEvents(cid:$cid,after:$after){seq message{text}}}","variables":`

// followed is a stream that closes with the test, or before.
type followed struct {
	io.ReadCloser
	Status int
	Header http.Header
}

// follow opens a stream. Header lines are "name: value".
func (l *live) follow(token, body string, header ...string) followed {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), patience)
	l.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", transport.EventStream)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		if name != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = resp.Body.Close() })
	return followed{ReadCloser: resp.Body, Status: resp.StatusCode, Header: resp.Header}
}

// events reads a stream's next events, without its comments.
func events(t testing.TB, r *bufio.Reader, n int) string {
	t.Helper()
	var all strings.Builder
	for n > 0 {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %s", err, all.String())
		}
		if strings.HasPrefix(line, ":") {
			_, _ = r.ReadString('\n')
			continue
		}
		if all.WriteString(line); line == "\n" {
			n--
		}
	}
	return all.String()
}

func next(seq, text string) string {
	return "event: next\nid: " + seq + "\ndata: {\"data\":{\"channelEvents\":{\"seq\":" + seq + ",\"message\":{\"text\":\"" + text + "\"}}}}\n\n"
}

func TestStreamResumes(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	for _, text := range []string{"a", "b", "c"} {
		l.Say(cid, text)
	}
	variables := `{"cid":"` + cid + `","after":0}}`
	for last, want := range map[string]string{
		"":  next("1", "a") + next("2", "b") + next("3", "c"),
		"2": next("3", "c"),
	} {
		resp := l.follow(l.Token, spoken+variables, "Last-Event-ID: "+last)
		if got := events(t, bufio.NewReader(resp), strings.Count(want, "\n\n")); got != want {
			t.Errorf("after %q: got %s", last, got)
		}
		if resp.Header.Get("X-Request-Id") == "" || resp.Header.Get("Cache-Control") != "no-store, no-transform" {
			t.Errorf("the headers are %v", resp.Header)
		}
	}
}

// A stream that ends for a temporary reason ends without "complete", which would tell the
// client not to reconnect.
func TestStreamEnds(t *testing.T) {
	const completed = "event: complete\ndata: \n\n"
	for name, row := range map[string]struct {
		lifetime time.Duration // of the token
		end      func(l *live, cid string)
		last     string
	}{
		"the server stops":                   {time.Hour, func(l *live, _ string) { l.stop() }, next("1", "a")},
		"the token expires":                  {6 * time.Second, func(*live, string) {}, ":the token has expired\n\n"},
		"the channel is gone":                {time.Hour, func(l *live, cid string) { l.delete(cid) }, completed},
		"the user is banned":                 {time.Hour, func(l *live, _ string) { l.ban("anna") }, completed},
		"the user is banned, of the channel": {time.Hour, func(l *live, cid string) { l.banFrom("anna", cid) }, completed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openLive(t, func(x *transport.LiveLimits) { x.Sweep = 20 * time.Millisecond })
			cid := l.Channel("news")
			l.Say(cid, "a")
			l.User("anna")
			token := apitest.Mint(l, auth.Grant{Subject: "anna", TTL: row.lifetime})
			resp := l.follow(token, spoken+`{"cid":"`+cid+`","after":0}}`)
			r := bufio.NewReader(resp)
			got := events(t, r, 1)
			eventually(t, func() bool { return l.members() == 1 })
			row.end(l, cid)
			rest, err := io.ReadAll(r)
			if got += string(rest); err != nil || !strings.HasSuffix(got, row.last) {
				t.Errorf("%v after %s", err, got)
			}
			eventually(t, func() bool { return l.members() == 0 })
		})
	}
}

func (l *live) delete(cid string) {
	l.MustAsk(`mutation($c:String!){deleteChannels(input:{cids:[$c]})}`, map[string]any{"c": cid})
}

func (l *live) ban(user string) {
	l.MustAsk(`mutation($u:String!){banUser(input:{userId:$u}){userId}}`, map[string]any{"u": user})
}

func (l *live) banFrom(user, cid string) {
	l.MustAsk(`mutation($u:String!,$c:String!){banUser(input:{userId:$u,cid:$c}){userId}}`, map[string]any{"u": user, "c": cid})
}

// Why a stream is refused is an event of it, as the protocol says, or the answer to the
// HTTP request.
func TestStreamRefusals(t *testing.T) {
	l := openLive(t, func(x *transport.LiveLimits) { x.PerUser = 1 })
	cid := l.Channel("news")
	subscribe := spoken + `{"cid":"` + cid + `"}}`
	busy := l.User("busy")
	l.follow(busy, subscribe)
	eventually(t, func() bool { return l.members() == 1 })
	for _, row := range []struct {
		name, token, body, header string
		status                    int
		want                      string // part of the answer
	}{
		{"a query", l.Token, typename, "", 200, "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\n"},
		{"a mutation", l.Token, `{"query":"mutation{deleteChannels(input:{cids:[]})}"}`, "", 200, "event: next\ndata: {"},
		{"a syntax error", l.Token, `{"query":"{"}`, "", 200, "GRAPHQL_PARSE_FAILED"},
		{"an unknown field", l.Token, `{"query":"subscription{x}"}`, "", 200, "GRAPHQL_VALIDATION_FAILED"},
		{"no field", l.Token, `{"query":"subscription{__typename}"}`, "", 200, "GRAPHQL_VALIDATION_FAILED"},
		{"no channel", l.Token, spoken + `{"cid":"livestream:x"}}`, "", 200, `"code":"NOT_FOUND"`},
		{"a cid that is none", l.Token, spoken + `{"cid":"x"}}`, "", 200, `"code":"INVALID_ARGUMENTS"`},
		{"a channel of others", l.User("anna"), spoken + `{"cid":"team:x"}}`, "", 200, `"code":"UNAUTHORIZED"`},
		{"the back office's", l.User("anna"), `{"query":"subscription{backofficeEvents{seq}}"}`, "", 200, `"path":["backofficeEvents"]`},
		{"no token", "", subscribe, "", 200, `"code":"UNAUTHORIZED"`},
		{"an end that was never reached", l.Token, subscribe, "Last-Event-ID: 999", 200, `"code":"REFETCH"`},
		{"an event id that is none", l.Token, subscribe, "Last-Event-ID: x", 400, `"field":"Last-Event-ID"`},
		{"too many connections", busy, subscribe, "", 429, "RATE_LIMITED"},
		{"another site", l.Token, subscribe, "Origin: https://evil.example", 403, "UNAUTHORIZED"},
		{"a subscription as JSON", l.Token, subscribe, "Accept: application/json", 406, "text/event-stream"},
		{"a subscription as anything", l.Token, subscribe, "Accept: */*", 406, "text/event-stream"},
		{"a query as either", l.Token, typename, "Accept: text/event-stream, application/json", 200, `{"data":{"__typename":"Query"}}`},
	} {
		resp := l.follow(row.token, row.body, row.header)
		text, err := io.ReadAll(resp)
		if err != nil || resp.Status != row.status || !strings.Contains(string(text), row.want) {
			t.Errorf("%s: answered %d %s %v", row.name, resp.Status, text, err)
		}
		if strings.HasPrefix(resp.Header.Get("Content-Type"), transport.EventStream) && !strings.HasSuffix(string(text), "event: complete\ndata: \n\n") {
			t.Errorf("%s: no end: %s", row.name, text)
		}
		eventually(t, func() bool { return l.server.Connections() == 1 }) // the connection of the row counts no more
	}
}

func TestStreamStaysOpen(t *testing.T) {
	l := openLive(t, func(x *transport.LiveLimits) { x.Beat, x.Sweep = 30*time.Millisecond, 10*time.Millisecond })
	resp := l.follow(l.Token, spoken+`{"cid":"`+l.Channel("news")+`"}}`)
	r := bufio.NewReader(resp)
	for range 6 {
		if line, err := r.ReadString('\n'); err != nil || line != ":\n" && line != "\n" {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	_ = resp.Close()
	eventually(t, func() bool { return l.server.Connections() == 0 && l.server.Groups() == 0 })
}
