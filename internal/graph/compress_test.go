package graph

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/desk"
)

func TestAnswersAreCompressed(t *testing.T) {
	h := open(t, Options{})
	for i := range 20 {
		h.mustSave(fmt.Sprint("room ", i))
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
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url, strings.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+h.token)
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

func (h *house) mustSave(name string) {
	h.Helper()
	if got := h.ask(`mutation($n:String!){createOrUpdateChannel(input:{name:$n})}`, map[string]any{"n": name}); len(got.Errors) > 0 {
		h.Fatal(got.text)
	}
}

func TestTokensAreKnownBeforeTheAnswer(t *testing.T) {
	s := New(Options{Desk: desk.New(desk.Options{Provider: newEngine(t)}), Verifier: newVerifier(t)})
	for document, want := range map[string]bool{
		`mutation{createUserToken(input:{userId:"a"}){token}}`:                                       true,
		`mutation{x:createUserToken(input:{userId:"a"}){token}}`:                                     true,
		`mutation{...F} fragment F on Mutation{...{createUserToken(input:{userId:"a"}){expiresAt}}}`: true,
		`mutation{createUserToken(input:{userId:"a"})@skip(if:true){token} a:__typename}`:            false,
		`mutation{deleteChannels(input:{cids:["team:a"]})}`:                                          false,
		`{allChannels{id}}`: false,
	} {
		oc, errs := s.runner.CreateOperationContext(t.Context(), &graphql.RawParams{Query: document})
		if len(errs) > 0 {
			t.Fatalf("%s: %v", document, errs)
		}
		if got := carriesTokens(oc); got != want {
			t.Errorf("%s: carries tokens: %v", document, got)
		}
	}
}

// Whatever field of the schema gives a secret must be known as one.
func TestFieldsWithSecretsAreListed(t *testing.T) {
	schema := servedSchema()
	secret := regexp.MustCompile(`(?i)token|secret|password|credential`)
	var holds func(def *ast.Definition, seen map[string]bool) bool
	holds = func(def *ast.Definition, seen map[string]bool) bool {
		if def == nil || seen[def.Name] || strings.HasPrefix(def.Name, "__") {
			return false
		}
		seen[def.Name] = true
		for _, f := range def.Fields {
			if secret.MatchString(f.Name) && schema.Types[f.Type.Name()].Kind == ast.Scalar || holds(schema.Types[f.Type.Name()], seen) {
				return true
			}
		}
		return false
	}
	found := 0
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, f := range root.Fields {
			gives := secret.MatchString(f.Name) && schema.Types[f.Type.Name()].Kind == ast.Scalar && f.Type.Name() != "Boolean" ||
				holds(schema.Types[f.Type.Name()], map[string]bool{})
			if gives {
				found++
			}
			if gives != (root == schema.Mutation && tokenFields[f.Name]) {
				t.Errorf("%s.%s gives a secret: %v", root.Name, f.Name, gives)
			}
		}
	}
	if found == 0 {
		t.Error("no field gives a secret, not even createUserToken")
	}
}
