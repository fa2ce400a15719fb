package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// preview sends a file of users and returns the lines of the answer.
func (s *server) preview(token, query, file string, header map[string]string) (status int, lines []string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/users/preview"+query, strings.NewReader(file))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for in := bufio.NewScanner(resp.Body); in.Scan(); {
		lines = append(lines, in.Text())
	}
	return resp.StatusCode, lines
}

func TestPreviewOfAFileOfUsers(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	var stored struct{}
	s.must("upsertChatUsers", &stored, `mutation { upsertChatUsers(input: {users: [{id: "ann", name: "Ann", role: MODERATOR}, {id: "bob", name: "Bob"}]}) { __typename } }`, nil)

	status, lines := s.preview(s.token, "", "Role;ID;Name;Mail\r\nmoderator;ann;Ann;a@b\r\nadmin;bob;Bobby;\r\n;new;Zoë;\r\n;b d;Ben;\r\n", nil)
	if status != http.StatusOK || len(lines) != 5 {
		t.Fatal(status, lines)
	}
	var head struct {
		Encoding          string
		Guessed, Headless bool
		Rows              int
		Encodings         []string
	}
	if err := json.Unmarshal([]byte(lines[0]), &head); err != nil || head.Encoding != "utf-8" || head.Guessed || head.Headless || head.Rows != 4 || len(head.Encodings) < 20 {
		t.Errorf("%s: %+v, %v", lines[0], head, err)
	}
	for i, want := range []string{
		`{"line":2,"id":"ann","name":"Ann","role":"MODERATOR","effects":["UNCHANGED"],"before":{"name":"Ann","role":"MODERATOR"}}`,
		`{"line":3,"id":"bob","name":"Bobby","role":"ADMIN","effects":["RENAMED","ROLE"],"before":{"name":"Bob","role":"USER"}}`,
		`{"line":4,"id":"new","name":"Zoë","effects":["NEW"]}`,
		`{"line":5,"id":"b d","name":"Ben","fault":{"line":5,"column":2,"field":"id","reason":"BAD_ID",`,
	} {
		if !strings.HasPrefix(lines[i+1], want) {
			t.Errorf("row %d is\n%s, want\n%s", i, lines[i+1], want)
		}
	}

	latin := "id,name\nbob,Bj\xf8rn \xde\xf3r\n"
	for _, row := range []struct{ languages, query, want, name string }{
		{"", "", `"encoding":"windows-1252","guessed":true,"example":{"line":2,"name":"Bjørn Þór"}`, "Bjørn Þór"},
		{"cs-CZ,cs;q=0.9,en;q=0.8", "", `"encoding":"windows-1250","guessed":true,"example":{"line":2,"name":"Bjřrn Ţór"}`, "Bjřrn Ţór"},
		{"", "?encoding=macintosh", `"encoding":"macintosh","guessed":false`, "Bj¯rn ﬁÛr"},
	} {
		if _, lines := s.preview(s.token, row.query, latin, map[string]string{"Accept-Language": row.languages}); len(lines) != 2 || !strings.Contains(lines[0], row.want) || !strings.Contains(lines[1], row.name) {
			t.Errorf("for %q: %s", row.languages, lines)
		}
	}
	// The client decompresses what it asked to be compressed. One that asks by itself gets it as it is.
	if _, lines := s.preview(s.token, "", "id,name\nbob,Bob\n", map[string]string{"Accept-Encoding": "gzip"}); len(lines) == 0 || !strings.HasPrefix(lines[0], "\x1f\x8b") {
		t.Errorf("a client that accepts gzip gets %q", lines)
	}
	if _, lines := s.preview(s.token, "", "id,name\nbob,Bob\n", map[string]string{"Accept-Encoding": "identity"}); len(lines) != 2 {
		t.Errorf("a client that doesn't gets %q", lines)
	}
	var users struct{ Nodes []struct{ Name string } }
	if s.must("chatUsers", &users, `{ chatUsers(ids: ["ann", "bob", "new"]) { nodes { name } } }`, nil); fmt.Sprint(users.Nodes) != "[{Ann} {Bob}]" {
		t.Errorf("a preview changed the users: %v", users.Nodes)
	}
}

func TestPreviewRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	plain, _, _ := run(t, []string{"BACKCHANNEL_JWT_SECRET=" + secret}, "token", "--sub", "ann")
	for _, row := range []struct {
		what, token, query, file string
		status                   int
		want                     []string
	}{
		{"a stranger", "", "", "id,name\na,A", http.StatusUnauthorized, []string{`"code":"UNAUTHORIZED"`}},
		{"a plain user", strings.TrimSpace(plain), "", "id,name\na,A", http.StatusUnauthorized, []string{`"code":"UNAUTHORIZED"`}},
		{"a large file", s.token, "", "id,name\n" + strings.Repeat("a,A\n", 6<<20), http.StatusRequestEntityTooLarge, []string{`"reason":"TOO_LARGE"`, `"limit":20971520`}},
		{"a long list", s.token, "", "id,name\n" + strings.Repeat("a,A\n", 100_001), http.StatusBadRequest, []string{`"reason":"TOO_MANY_ROWS"`, `"limit":100000`, `"line":100002`}},
		{"a header without id", s.token, "", "\nname,role\nA,USER", http.StatusBadRequest, []string{`"reason":"HEADER_WITHOUT_ID"`, `"line":2`, `"value":"name, role"`}},
		{"an encoding that isn't one", s.token, "?encoding=utf-7", "id,name\na,A", http.StatusBadRequest, []string{`"reason":"UNKNOWN_ENCODING"`}},
		{"nothing", s.token, "", "", http.StatusBadRequest, []string{`"reason":"NO_USERS"`}},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			status, lines := s.preview(row.token, row.query, row.file, nil)
			if status != row.status {
				t.Errorf("answered %d: %s", status, lines)
			}
			for _, want := range row.want {
				if !strings.Contains(strings.Join(lines, "\n"), want) {
					t.Errorf("%s lacks %s", lines, want)
				}
			}
		})
	}
}
