package graph

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"backchannel/internal/auth"
)

const spoken = `{"query":"subscription($cid:String!,$after:Seq){channelEvents(cid:$cid,after:$after){seq message{text}}}","variables":`

// followed is a stream that closes with the test, or before.
type followed struct {
	io.ReadCloser
	status int
	header http.Header
}

// follow opens a stream. Header lines are "name: value".
func (l *live) follow(token, body string, header ...string) followed {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), patience)
	l.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", eventStream)
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
	return followed{ReadCloser: resp.Body, status: resp.StatusCode, header: resp.Header}
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
	cid := l.channel("news")
	for _, text := range []string{"a", "b", "c"} {
		l.say(cid, text)
	}
	variables := `{"cid":"` + cid + `","after":0}}`
	for last, want := range map[string]string{
		"":  next("1", "a") + next("2", "b") + next("3", "c"),
		"2": next("3", "c"),
	} {
		resp := l.follow(l.token, spoken+variables, "Last-Event-ID: "+last)
		if got := events(t, bufio.NewReader(resp), strings.Count(want, "\n\n")); got != want {
			t.Errorf("after %q: got %s", last, got)
		}
		if resp.header.Get("X-Request-Id") == "" || resp.header.Get("Cache-Control") != "no-store, no-transform" {
			t.Errorf("the headers are %v", resp.header)
		}
	}
}

// A stream that ends for a reason that passes ends without "complete", which would
// tell the client not to come back.
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
			l := openLive(t, func(x *liveLimits) { x.sweep = 20 * time.Millisecond })
			cid := l.channel("news")
			l.say(cid, "a")
			l.user("anna")
			token := mint(l, auth.Grant{Subject: "anna", TTL: row.lifetime})
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
	l.mustAsk(`mutation($c:String!){deleteChannels(input:{cids:[$c]})}`, map[string]any{"c": cid})
}

func (l *live) ban(user string) {
	l.mustAsk(`mutation($u:String!){banUser(input:{userId:$u}){userId}}`, map[string]any{"u": user})
}

func (l *live) banFrom(user, cid string) {
	l.mustAsk(`mutation($u:String!,$c:String!){banUser(input:{userId:$u,cid:$c}){userId}}`, map[string]any{"u": user, "c": cid})
}

// What stands against a stream is told in it, as the protocol has it, or refused
// like any HTTP request.
func TestStreamRefusals(t *testing.T) {
	l := openLive(t, func(x *liveLimits) { x.perUser = 1 })
	cid := l.channel("news")
	subscribe := spoken + `{"cid":"` + cid + `"}}`
	busy := l.user("busy")
	l.follow(busy, subscribe)
	eventually(t, func() bool { return l.members() == 1 })
	for _, row := range []struct {
		name, token, body, header string
		status                    int
		want                      string // part of the answer
	}{
		{"a query", l.token, typename, "", 200, "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\n"},
		{"a mutation", l.token, `{"query":"mutation{deleteChannels(input:{cids:[]})}"}`, "", 200, "event: next\ndata: {"},
		{"a syntax error", l.token, `{"query":"{"}`, "", 200, "GRAPHQL_PARSE_FAILED"},
		{"an unknown field", l.token, `{"query":"subscription{x}"}`, "", 200, "GRAPHQL_VALIDATION_FAILED"},
		{"no field", l.token, `{"query":"subscription{__typename}"}`, "", 200, "GRAPHQL_VALIDATION_FAILED"},
		{"no channel", l.token, spoken + `{"cid":"livestream:x"}}`, "", 200, `"code":"NOT_FOUND"`},
		{"a cid that is none", l.token, spoken + `{"cid":"x"}}`, "", 200, `"code":"INVALID_ARGUMENTS"`},
		{"a channel of others", l.user("anna"), spoken + `{"cid":"team:x"}}`, "", 200, `"code":"UNAUTHORIZED"`},
		{"the back office's", l.user("anna"), `{"query":"subscription{backofficeEvents{seq}}"}`, "", 200, `"path":["backofficeEvents"]`},
		{"no token", "", subscribe, "", 200, `"code":"UNAUTHORIZED"`},
		{"an end that was never reached", l.token, subscribe, "Last-Event-ID: 999", 200, `"code":"REFETCH"`},
		{"an event id that is none", l.token, subscribe, "Last-Event-ID: x", 400, `"field":"Last-Event-ID"`},
		{"too many connections", busy, subscribe, "", 429, "RATE_LIMITED"},
		{"another site", l.token, subscribe, "Origin: https://evil.example", 403, "UNAUTHORIZED"},
		{"a subscription as JSON", l.token, subscribe, "Accept: application/json", 406, "text/event-stream"},
		{"a subscription as anything", l.token, subscribe, "Accept: */*", 406, "text/event-stream"},
		{"a query as either", l.token, typename, "Accept: text/event-stream, application/json", 200, `{"data":{"__typename":"Query"}}`},
	} {
		resp := l.follow(row.token, row.body, row.header)
		text, err := io.ReadAll(resp)
		if err != nil || resp.status != row.status || !strings.Contains(string(text), row.want) {
			t.Errorf("%s: answered %d %s %v", row.name, resp.status, text, err)
		}
		if strings.HasPrefix(resp.header.Get("Content-Type"), eventStream) && !strings.HasSuffix(string(text), "event: complete\ndata: \n\n") {
			t.Errorf("%s: no end: %s", row.name, text)
		}
		eventually(t, func() bool { return len(l.server.live.list()) == 1 }) // the connection of the row counts no more
	}
}

func TestStreamStaysOpen(t *testing.T) {
	l := openLive(t, func(x *liveLimits) { x.beat, x.sweep = 30*time.Millisecond, 10*time.Millisecond })
	resp := l.follow(l.token, spoken+`{"cid":"`+l.channel("news")+`"}}`)
	r := bufio.NewReader(resp)
	for range 6 {
		if line, err := r.ReadString('\n'); err != nil || line != ":\n" && line != "\n" {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	_ = resp.Close()
	eventually(t, func() bool { return len(l.server.live.list()) == 0 && l.server.groups.Len() == 0 })
}
