package transport_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

const typename = `{"query":"{__typename}"}`

// Each row is what the endpoint answers to one HTTP request.
func TestHTTP(t *testing.T) {
	h := apitest.Open(t, transport.Options{Origins: mustOrigins(t, "", "https://crm.example")})
	const (
		ok      = `{"data":{"__typename":"Query"}}`
		invalid = "INVALID_ARGUMENTS"
		parse   = "GRAPHQL_PARSE_FAILED"
		unknown = "GRAPHQL_VALIDATION_FAILED"
	)
	for _, row := range []struct {
		name   string
		method string // POST if empty
		query  string // of the URL
		body   string
		header map[string]string
		status int
		want   string // the code, or the whole answer
	}{
		{name: "a query by POST", body: typename, status: 200, want: ok},
		{name: "a query by GET", method: "GET", query: "query={__typename}", status: 200, want: ok},
		{name: "GET with variables", method: "GET", query: `query=query($a:Boolean!){__typename@include(if:$a)}&variables={"a":true}&operationName=&extensions=`, status: 200, want: ok},
		{name: "a mutation by GET", method: "GET", query: "query=mutation{__typename}", status: 405, want: invalid},
		{name: "GET without a query", method: "GET", status: 400, want: invalid},
		{name: "GET with two queries", method: "GET", query: "query={a}&query={b}", status: 400, want: invalid},
		{name: "GET with a broken escape", method: "GET", query: "query=%zz", status: 400, want: parse},
		{name: "GET with broken variables", method: "GET", query: "query={__typename}&variables={", status: 400, want: invalid},
		{name: "GET with two values as variables", method: "GET", query: "query={__typename}&variables={}{}", status: 400, want: invalid},
		{name: "PUT", method: "PUT", body: typename, status: 405, want: invalid},
		{name: "DELETE", method: "DELETE", status: 405, want: invalid},
		{name: "HEAD", method: "HEAD", status: 405, want: ""},
		{name: "OPTIONS that is no preflight", method: "OPTIONS", status: 405, want: invalid},

		{name: "no content type", body: typename, header: map[string]string{"Content-Type": ""}, status: 415, want: invalid},
		{name: "text", body: typename, header: map[string]string{"Content-Type": "text/plain"}, status: 415, want: invalid},
		{name: "a form", body: "query={__typename}", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 415, want: invalid},
		{name: "another charset", body: typename, header: map[string]string{"Content-Type": "application/json; charset=utf-16"}, status: 415, want: invalid},
		{name: "utf-8 named", body: typename, header: map[string]string{"Content-Type": `application/json; charset="UTF-8"`}, status: 200, want: ok},
		{name: "a compressed body", body: typename, header: map[string]string{"Content-Encoding": "gzip"}, status: 415, want: invalid},

		{name: "no body", status: 415, want: invalid},
		{name: "an empty body", body: " ", status: 400, want: parse},
		{name: "no JSON", body: "query", status: 400, want: parse},
		{name: "half a body", body: `{"query":"{__typen`, status: 400, want: parse},
		{name: "more after the object", body: typename + typename, status: 400, want: parse},
		{name: "no UTF-8", body: "{\"query\":\"{__typename} #\xff\"}", status: 400, want: parse},
		{name: "a batch", body: "[" + typename + "]", status: 400, want: invalid},
		{name: "null", body: "null", status: 400, want: invalid},
		{name: "a string", body: `"{__typename}"`, status: 400, want: invalid},
		{name: "no query", body: "{}", status: 400, want: invalid},
		{name: "query in another case", body: `{"Query":"{__typename}"}`, status: 400, want: invalid},
		{name: "a number as query", body: `{"query":1}`, status: 400, want: invalid},
		{name: "a list as variables", body: `{"query":"{__typename}","variables":[]}`, status: 400, want: invalid},
		{name: "a string as variables", body: `{"query":"{__typename}","variables":"{}"}`, status: 400, want: invalid},
		{name: "a number as operationName", body: `{"query":"{__typename}","operationName":1}`, status: 400, want: invalid},
		{name: "a string as extensions", body: `{"query":"{__typename}","extensions":"x"}`, status: 400, want: invalid},
		{name: "nulls", body: `{"query":"{__typename}","operationName":null,"variables":null,"extensions":null}`, status: 200, want: ok},
		{name: "extensions and more", body: `{"query":"{__typename}","extensions":{"clientLibrary":{"name":"x"}},"id":7}`, status: 200, want: ok},
		{name: "a body of 1 MiB", body: padded(transport.MaxBody), status: 200, want: ok},
		{name: "a body of 1 MiB and a byte", body: padded(transport.MaxBody + 1), status: 413, want: invalid},

		{name: "half a character", body: `{"query":"{__typename}","variables":{"a":"\ud83d"}}`, status: 400, want: parse},
		{name: "half a character in a document", body: `{"query":"{__type(name:\"\\ud83d\"){name}}"}`, status: 200, want: parse},
		{name: "both halves", body: `{"query":"{__typename @include(if:true)} #\ud83d\ude00"}`, status: 200, want: ok},
		{name: "a byte order mark", body: "\ufeff" + typename, status: 200, want: ok},
		{name: "two byte order marks", body: "\ufeff\ufeff" + typename, status: 400, want: parse},
		{name: "a persisted query", body: `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`, status: 200, want: "PERSISTED_QUERY_NOT_SUPPORTED"},
		{name: "a persisted query, for the newer media type", body: `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`, header: map[string]string{"Accept": "application/graphql-response+json"}, status: 200, want: "PERSISTED_QUERY_NOT_SUPPORTED"},
		{name: "a persisted query by GET", method: "GET", query: `operationName=A&extensions={"persistedQuery":{"version":1,"sha256Hash":"x"}}`, status: 200, want: "PERSISTED_QUERY_NOT_SUPPORTED"},
		{name: "a persisted query with its text", body: `{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`, status: 200, want: ok},

		{name: "a syntax error", body: `{"query":"{"}`, status: 200, want: parse},
		{name: "a syntax error, for the newer media type", body: `{"query":"{"}`, header: map[string]string{"Accept": "application/graphql-response+json"}, status: 400, want: parse},
		{name: "no operation", body: `{"query":"fragment F on Query{__typename}"}`, status: 200, want: unknown},
		{name: "an unknown operation", body: `{"query":"query A{__typename}","operationName":"B"}`, status: 200, want: unknown},
		{name: "two operations and no name", body: `{"query":"query A{__typename} query B{__typename}"}`, status: 200, want: unknown},
		{name: "a subscription", body: `{"query":"subscription{x}"}`, status: 200, want: unknown},
		{name: "@defer", body: `{"query":"{...@defer{__typename}}"}`, status: 200, want: unknown},

		{name: "an unacceptable Accept", body: typename, header: map[string]string{"Accept": "text/html"}, status: 406, want: invalid},
		{name: "a browser's page of our own", body: typename, header: map[string]string{"Sec-Fetch-Site": "same-origin"}, status: 200, want: ok},
		{name: "a foreign page", body: typename, header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, status: 403, want: "UNAUTHORIZED"},
		{name: "a foreign page, old browser", body: typename, header: map[string]string{"Origin": "https://evil.example"}, status: 403, want: "UNAUTHORIZED"},
		{name: "a page without an origin", body: typename, header: map[string]string{"Origin": "null"}, status: 403, want: "UNAUTHORIZED"},
		{name: "a foreign page's GET", method: "GET", query: "query={__typename}", header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403, want: "UNAUTHORIZED"},
		{name: "a typed address", method: "GET", query: "query={__typename}", header: map[string]string{"Sec-Fetch-Site": "none"}, status: 200, want: ok},
		{name: "an allowed page", body: typename, header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://crm.example"}, status: 200, want: ok},
		{name: "nearly an allowed page", body: typename, header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://crm.example.evil.example"}, status: 403, want: "UNAUTHORIZED"},
		{name: "a foreign preflight", method: "OPTIONS", header: map[string]string{"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}, status: 403, want: "UNAUTHORIZED"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := &apitest.Server{TB: t, URL: h.URL}
			method := row.method
			if method == "" {
				method = http.MethodPost
			}
			target := h.URL
			if row.query != "" {
				target += "?" + strings.NewReplacer(" ", "%20", "{", "%7B", "}", "%7D", `"`, "%22", "$", "%24").Replace(row.query)
			}
			got := h.Send(method, target, row.body, row.header)
			if got.Status != row.status {
				t.Fatalf("answered %d, want %d: %.300s", got.Status, row.status, got.Text)
			}
			if strings.HasPrefix(row.want, "{") || row.want == "" {
				if got.Text != row.want {
					t.Errorf("answered %s, want %s", got.Text, row.want)
				}
				return
			}
			wantRefusal(t, got, row.want)
			if media := got.Header.Get("Content-Type"); !strings.HasPrefix(media, "application/") || !strings.HasSuffix(media, "json; charset=utf-8") {
				t.Errorf("the content type is %q", media)
			}
		})
	}
}

// padded is a request of an exact length.
func padded(n int) string { return typename + strings.Repeat(" ", n-len(typename)) }

// wantRefusal checks an answer that is one error and no data.
func wantRefusal(t testing.TB, got apitest.Reply, code string) {
	t.Helper()
	if len(got.Errors) != 1 || got.Errors[0].Code() != code || got.Errors[0].Message == "" {
		t.Errorf("want one error with the code %s: %.300s", code, got.Text)
	}
	if strings.Contains(got.Text, `"data"`) {
		t.Errorf("a refused request has no data: %.300s", got.Text)
	}
	if !strings.Contains(got.Text, `"locations":[`) {
		t.Errorf("no locations: %.300s", got.Text)
	}
}

func TestHeaders(t *testing.T) {
	h := apitest.Open(t, transport.Options{Origins: mustOrigins(t, "", "https://crm.example")})
	allowed := map[string]string{"Origin": "https://crm.example", "Sec-Fetch-Site": "cross-site"}

	got := h.Send("POST", h.URL, typename, allowed).Header
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://crm.example", "Access-Control-Expose-Headers": "X-Request-Id, Retry-After",
		"Vary": "Origin", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Access-Control-Allow-Credentials": "", "Content-Type": "application/json; charset=utf-8",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if got := h.Send("POST", h.URL, typename, nil).Header; got.Get("Access-Control-Allow-Origin") != "" || got.Get("Vary") != "Origin" {
		t.Errorf("without an origin: %v", got)
	}

	allowed["Access-Control-Request-Method"] = "POST"
	allowed["Access-Control-Request-Headers"] = "authorization,last-event-id,traceparent"
	preflight := h.Send("OPTIONS", h.URL, "", allowed)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://crm.example", "Access-Control-Allow-Methods": "GET, POST",
		"Access-Control-Allow-Headers": "authorization,last-event-id,traceparent",
		"Access-Control-Max-Age":       "600", "Vary": "Origin",
	} {
		if got := preflight.Header.Get(name); preflight.Status != 204 || got != want {
			t.Errorf("preflight %d: %s is %q, want %q", preflight.Status, name, got, want)
		}
	}

	if got := h.Send("PUT", h.URL, "", nil).Header.Get("Allow"); got != "GET, POST" {
		t.Errorf("PUT: Allow is %q", got)
	}
	query := "?query=" + url.QueryEscape("mutation{__typename}")
	if got := h.Send("GET", h.URL+query, "", nil).Header.Get("Allow"); got != "POST" {
		t.Errorf("a mutation by GET: Allow is %q", got)
	}
}

func TestRequestID(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	for given, kept := range map[string]bool{
		"": false, "abc-123": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false,
		"with space": false, "ümlaut": false,
	} {
		got := h.Send("POST", h.URL, typename, map[string]string{"X-Request-Id": given}).Header.Get("X-Request-Id")
		if kept && got != given || !kept && len(got) != 16 {
			t.Errorf("given %q, answered %q", given, got)
		}
	}
	first := h.Send("GET", h.URL, "", nil).Header.Get("X-Request-Id")
	if second := h.Send("GET", h.URL, "", nil).Header.Get("X-Request-Id"); first == second {
		t.Errorf("two requests have the id %q", first)
	}
}

const createA = `mutation{createOrUpdateChannel(input:{id:"a",name:"A"})}`

func TestIdempotencyKey(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	two := `mutation($no:Boolean=false){createOrUpdateChannel(input:{id:"a",name:"A"}) deleteChannels(input:{cids:["livestream:x"]})@include(if:$no)}`
	for _, row := range []struct {
		name, query string
		keys        []string
		code        string // "" for success
	}{
		{"one mutation", createA, []string{"k1"}, ""},
		{"the same again", createA, []string{"k1"}, ""},
		{"another input", strings.ReplaceAll(createA, "A", "B"), []string{"k1"}, "CONFLICT"},
		{"one of two after @include", two, []string{"k2"}, ""},
		{"two mutations", strings.ReplaceAll(two, "=false", "=true"), []string{"k3"}, "INVALID_ARGUMENTS"},
		{"a query", "{allChannels{id}}", []string{"k4"}, ""},
		{"no mutation", "mutation{__typename}", []string{"k5"}, ""},
		{"__typename beside one", strings.ReplaceAll(createA, "{create", "{__typename create"), []string{"k6"}, ""},
		{"an empty key", createA, []string{""}, "INVALID_ARGUMENTS"},
		{"two keys", createA, []string{"k7", "k7"}, "INVALID_ARGUMENTS"},
		{"a key with a space", createA, []string{"k 8"}, "INVALID_ARGUMENTS"},
	} {
		req := &http.Request{Method: http.MethodPost, Header: http.Header{
			"Idempotency-Key": row.keys, "Authorization": {"Bearer " + h.Token}, "Content-Type": {"application/json"}}}
		got := h.Raw(req, `{"query":`+apitest.Quote(row.query)+`}`)
		switch {
		case row.code == "" && len(got.Errors) > 0,
			row.code != "" && (len(got.Errors) != 1 || got.Errors[0].Code() != row.code):
			t.Errorf("%s: want %q, got %s", row.name, row.code, got.Text)
		case row.code == "INVALID_ARGUMENTS" && got.Errors[0].Field() != "Idempotency-Key":
			t.Errorf("%s: the field is %q", row.name, got.Errors[0].Field())
		}
	}
}

func TestTwoTokensAreNone(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	req := &http.Request{Method: http.MethodPost, Header: http.Header{
		"Authorization": {"Bearer " + h.Token, "Bearer " + h.Token}, "Content-Type": {"application/json"}}}
	if got := h.Raw(req, `{"query":"{allChannels{id}}"}`); got.Errors[0].Code() != "UNAUTHORIZED" {
		t.Error(got.Text)
	}
}

func TestIntrospection(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	stranger := apitest.Mint(t, auth.Grant{Subject: "bob", Roles: []string{"boss"}})
	for _, query := range []string{`{a:__schema{queryType{name}}}`, `{a:__type(name:"Query"){name}}`} {
		for name, token := range map[string]string{"nobody": "", "another role": stranger} {
			got := h.AskAs(token, query, nil)
			if got.Status != 200 || len(got.Errors) != 1 || got.Errors[0].Code() != "UNAUTHORIZED" ||
				len(got.Errors[0].Locations) != 1 || len(got.Errors[0].Path) != 1 || got.Errors[0].Path[0] != "a" {
				t.Errorf("%s asks %s: %s", name, query, got.Text)
			}
		}
		if got := h.Ask(query, nil); len(got.Errors) > 0 {
			t.Errorf("the back office asks %s: %s", query, got.Text)
		}
		if got := apitest.Open(t, transport.Options{Dev: true}).AskAs("", query, nil); len(got.Errors) > 0 {
			t.Errorf("in dev, nobody asks %s: %s", query, got.Text)
		}
	}
	if got := h.AskAs("", "{__typename}", nil); got.Text != `{"data":{"__typename":"Query"}}` {
		t.Errorf("__typename is open: %s", got.Text)
	}
}

func TestSuggestionsAreForDevelopers(t *testing.T) {
	for _, query := range []string{
		"{allChannel{id}}", "{allChannels}", "{...F} fragment F on Quer{__typename}",
		"mutation{createOrUpdateChannel(input:{nam:1})}", "{allChannels{id(a:1)}}",
	} {
		if got := apitest.Open(t, transport.Options{}).Ask(query, nil); strings.Contains(got.Text, "Did you mean") || len(got.Errors) == 0 {
			t.Errorf("%s: %s", query, got.Text)
		}
	}
	if got := apitest.Open(t, transport.Options{Dev: true}).Ask("{allChannel{id}}", nil); !strings.Contains(got.Text, "Did you mean") {
		t.Errorf("in dev: %s", got.Text)
	}
}

// The answer and the log say what is wrong with the configuration.
func TestARefusedPageIsExplained(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	got := h.Send("POST", h.URL, typename, map[string]string{"Origin": "https://crm.example"})
	if got.Status != http.StatusForbidden || !strings.Contains(got.Text, "https://crm.example") || !strings.Contains(got.Text, "--allowed-origins") {
		t.Errorf("answered %d %s", got.Status, got.Text)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(h.URL, "http://"), "/graphql")
	if log := h.Logged.String(); !strings.Contains(log, `"origin":"https://crm.example"`) || !strings.Contains(log, `"host":"`+host+`"`) {
		t.Errorf("logged: %s", log)
	}
}

func mustOrigins(t testing.TB, public string, allowed ...string) *transport.Origins {
	t.Helper()
	o, err := transport.NewOrigins(public, allowed, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return o
}
