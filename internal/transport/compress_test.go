package transport_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

func TestAnswersAreCompressed(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	for i := range 20 {
		mustSave(h, fmt.Sprint("room ", i))
	}
	const (
		many  = `{"query":"{allChannels{id cid type name}}"}`
		token = `{"query":"mutation{ALIAS:createUserToken(input:{userId:\"a\"}){token}}"}`
	)
	for _, row := range []struct {
		what, body, accept string
		want               bool
	}{
		{"a long answer", many, "gzip", true},
		{"a browser's wish", many, "gzip, deflate, br, zstd", true},
		{"a weight", many, "br;q=1, GZIP;q=0.2", true},
		{"anything", many, "*", true},
		{"no wish", many, "", false},
		{"another encoding", many, "br", false},
		{"a refusal", many, "gzip;q=0, *", false},
		{"no encoding", many, "identity", false},
		{"a short answer", typename, "gzip", false},
		{"a token", strings.Replace(token, "ALIAS", strings.Repeat("x", 1200), 1), "gzip", false},
		{"long errors", `{"query":"{` + strings.Repeat(strings.Repeat("x", 200)+" ", 10) + `}"}`, "gzip", true},
	} {
		t.Run(row.what, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL, strings.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+h.Token)
			if row.accept != "" {
				req.Header.Set("Accept-Encoding", row.accept)
			}
			resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			compressed := resp.Header.Get("Content-Encoding") == "gzip"
			if compressed != row.want {
				t.Errorf("compressed: %v", compressed)
			}
			if vary := strings.Join(resp.Header.Values("Vary"), ","); !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("Vary is %q", vary)
			}
			var body io.Reader = resp.Body
			if compressed {
				if body, err = gzip.NewReader(resp.Body); err != nil {
					t.Fatal(err)
				}
			}
			text, err := io.ReadAll(body)
			if err != nil || !strings.HasSuffix(string(text), "}") || row.body == many && strings.Count(string(text), `"cid"`) != 20 {
				t.Errorf("%v: %s", err, text)
			}
		})
	}
}

func mustSave(h *apitest.Server, name string) {
	h.Helper()
	if got := h.Ask(`mutation($n:String!){createOrUpdateChannel(input:{name:$n})}`, map[string]any{"n": name}); len(got.Errors) > 0 {
		h.Fatal(got.Text)
	}
}

func TestTokensAreKnownBeforeTheAnswer(t *testing.T) {
	s := graph.New(transport.Options{Desk: desk.New(desk.Options{Provider: apitest.NewEngine(t)}), Verifier: apitest.NewVerifier(t)})
	for document, want := range map[string]bool{
		`mutation{createUserToken(input:{userId:"a"}){token}}`:                                       true,
		`mutation{x:createUserToken(input:{userId:"a"}){token}}`:                                     true,
		`mutation{...F} fragment F on Mutation{...{createUserToken(input:{userId:"a"}){expiresAt}}}`: true,
		`mutation{createUserToken(input:{userId:"a"})@skip(if:true){token} a:__typename}`:            false,
		`mutation{deleteChannels(input:{cids:["team:a"]})}`:                                          false,
		`{allChannels{id}}`: false,
	} {
		oc, errs := s.Operation(t.Context(), document, nil)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", document, errs)
		}
		if got := s.CarriesSecrets(oc); got != want {
			t.Errorf("%s: carries tokens: %v", document, got)
		}
	}
}
