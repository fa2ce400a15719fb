package transport_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

// FuzzHandler sends any HTTP request. The answer is never a failure of ours. It is JSON,
// each of its errors is complete, and it never repeats a body that wasn't understood.
func FuzzHandler(f *testing.F) {
	for _, body := range []string{
		typename, "", "null", "[]", `{"query":1}`, `{"query":"{","variables":{"a":[{}]}}`, "{\"query\":\"\xff\"}",
		`{"query":"mutation($v:[String!]!){deleteChannels(input:{cids:$v})}","variables":{"v":["team:a",1]}}`,
		`{"query":"query($a:Boolean=true){allChannels@skip(if:$a){id}}","variables":{"a":null}}`,
		`{"query":"{...F} fragment F on Query{...F allChannels{...G}}"}`,
		`{"query":"{__schema{types{fields{type{ofType{name}}}}}}","operationName":"A","extensions":{}}`,
		`{"query":"mutation A{createOrUpdateChannel(input:{name:\"A\",type:Team})}"}`,
		`{"query":"{channels(first:1e9,search:\"\\u0000\",after:\"Y2E\"){nodes{id}edges{cursor}pageInfo{endCursor}}}"}`,
		`{"query":"query A{__typename} subscription B{x} mutation C{y}","operationName":"C"}`,
	} {
		f.Add("POST", "application/json", "*/*", "", body, "key", true)
		f.Add("GET", "", "application/graphql-response+json", "query="+url.QueryEscape(body), "", "", false)
	}
	f.Add("OPTIONS", "text/plain; charset=x", "a/b;q=2", "query=%zz;", "x", " ", true)
	o := transport.Options{Desk: desk.New(desk.Options{Provider: apitest.NewEngine(f)}), Verifier: apitest.NewVerifier(f)}
	handler := graph.New(o)
	token := apitest.Mint(f, auth.Grant{Subject: "alice", Roles: []string{"BO"}})

	f.Fuzz(func(t *testing.T, method, contentType, accept, query, body, key string, known bool) {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		if known {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		checkAnswer(t, w)
		if text := strings.TrimSpace(body); !json.Valid([]byte(body)) && len(text) > 20 && strings.Contains(w.Body.String(), text) {
			t.Errorf("the answer repeats the body: %s", w.Body)
		}
	})
}

func checkAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	var got struct {
		Errors []map[string]json.RawMessage
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("answered %d with no JSON: %v: %s", w.Code, err, w.Body)
	}
	if w.Code != http.StatusOK && len(got.Errors) == 0 {
		t.Errorf("answered %d without an error: %s", w.Code, w.Body)
	}
	for _, e := range got.Errors {
		var extensions struct{ Code string }
		if err := json.Unmarshal(e["extensions"], &extensions); err != nil || extensions.Code == "" || extensions.Code == "INTERNAL" {
			t.Errorf("the code is %q: %s", extensions.Code, w.Body)
		}
		if len(e["message"]) <= len(`""`) || len(e["locations"]) < len(`[]`) {
			t.Errorf("an error is incomplete: %s", w.Body)
		}
	}
}
