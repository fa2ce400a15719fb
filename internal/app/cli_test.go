package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		does   string
		env    []string
		args   []string
		code   int
		stdout string // what must stand in it
		stderr string
	}{
		{"teaches when called with nothing", nil, nil, 0, "backchannel serve --dev", ""},
		{"helps", nil, []string{"--help"}, 0, "users import", ""},
		{"helps with a command", nil, []string{"serve", "--help"}, 0, "$BACKCHANNEL_JWT_SECRET", ""},
		{"says its version", nil, []string{"version"}, 0, "backchannel ", ""},
		{"refuses an unknown command", nil, []string{"serf"}, 2, "", "--help"},
		{"refuses an unknown flag", nil, []string{"serve", "--prot", "1"}, 2, "", "unknown flag --prot"},
		{"refuses to serve without anything to check tokens with, and names the variables", nil, []string{"serve"}, 1, "", "BACKCHANNEL_JWT_SECRET (--jwt-secret) or BACKCHANNEL_JWKS (--jwks)"},
		{"says what is wrong with a JWKS", nil, []string{"serve", "--jwks", "/no/such/file"}, 1, "", "/no/such/file"},
		{"refuses a wrong media URL", nil, []string{"serve", "--dev", "--media-base-url", "media"}, 1, "", "BACKCHANNEL_MEDIA_BASE_URL"},
		{"refuses a public address with a path", nil, []string{"serve", "--dev", "--public-url", "https://crm.example/chat"}, 1, "", "BACKCHANNEL_PUBLIC_URL"},
		{"refuses a public address without a scheme", nil, []string{"serve", "--dev", "--public-url", "chat.example"}, 1, "", "BACKCHANNEL_PUBLIC_URL"},
		{"refuses an origin that can never match", nil, []string{"serve", "--dev", "--allowed-origins", "https://crm.example, crm.example"}, 1, "", "BACKCHANNEL_ALLOWED_ORIGINS"},
		{"refuses a proxy that is no address", nil, []string{"serve", "--dev", "--trusted-proxies", "proxy"}, 1, "", "BACKCHANNEL_TRUSTED_PROXIES"},
		{"refuses an unknown place of uploads", nil, []string{"serve", "--dev", "--media", "ftp://files"}, 1, "", "BACKCHANNEL_MEDIA"},
		{"refuses films of no size", nil, []string{"serve", "--dev", "--max-video", "0"}, 1, "", "BACKCHANNEL_MAX_VIDEO"},
		{"refuses to sweep uploads at once", nil, []string{"serve", "--dev", "--media-grace", "1m"}, 1, "", "BACKCHANNEL_MEDIA_GRACE"},
		{"refuses a wrong service user", nil, []string{"serve", "--dev", "--service-user", "a b"}, 1, "", "BACKCHANNEL_SERVICE_USER"},
		{"refuses a wrong log format", nil, []string{"serve", "--dev", "--log-format", "xml"}, 2, "", "--log-format"},
		{"refuses a wrong address", nil, []string{"serve", "--dev", "--addr", "nowhere"}, 1, "", "BACKCHANNEL_ADDR"},
		{"refuses a database that is away without telling its password", nil, []string{"serve", "--dev", "--addr", "127.0.0.1:0", "--database-url", "postgres://joe:hush@127.0.0.1:1/x"}, 1, "", "BACKCHANNEL_DATABASE_URL"},
		{"reads settings from the environment", []string{"BACKCHANNEL_JWT_SECRET=" + secret}, []string{"token", "--sub", "a"}, 0, "eyJ", ""},
		{"makes no token without a secret", nil, []string{"token", "--sub", "a"}, 1, "", "BACKCHANNEL_JWT_SECRET"},
		{"makes no token without a user", nil, []string{"token"}, 2, "", "--sub"},
		{"makes no token for no time", nil, []string{"token", "--sub", "a", "--ttl", "0s", "--jwt-secret", secret}, 1, "", "TTL"},
		{"migrates", nil, []string{"migrate"}, 0, "up to date", ""},
	} {
		t.Run(row.does, func(t *testing.T) {
			t.Parallel()
			env := append([]string{"BACKCHANNEL_DATA=" + t.TempDir()}, row.env...)
			stdout, stderr, code := run(t, env, row.args...)
			if code != row.code || !strings.Contains(stdout, row.stdout) || !strings.Contains(stderr, row.stderr) {
				t.Errorf("got %d, stdout:\n%s\nstderr:\n%s\nwant %d, %q, %q", code, stdout, stderr, row.code, row.stdout, row.stderr)
			}
			if strings.Contains(stdout+stderr, "hush") {
				t.Errorf("the password is shown: %s%s", stdout, stderr)
			}
		})
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, file, text string
		says             string // on success, or the fault
		good             bool
	}{
		{"a CSV with a header", "u.csv", "id,name,role\nann,Ann,ADMIN\nbob,Bob,USER\ncid,Cid,MODERATOR\n", "Users imported: 3", true},
		{"a CSV without", "u.csv", "ann,Ann,ADMIN\nbob,Bob\n", "Users imported: 2", true},
		{"a CSV with columns in another order, a BOM, quotes and CRLF", "U.CSV", "\ufeffName,ID\r\n\"Muster, Anna\",ann\r\n", "Users imported: 1", true},
		{"a CSV with small roles and blanks", "u.csv", "id, name, role\nann , Ann , moderator\n", "Users imported: 1", true},
		{"JSON", "u.json", `[{"id":"ann","name":"Ann","role":"ADMIN"},{"id":"bob","name":"Bob"}]`, "Users imported: 2", true},
		{"an empty list", "u.json", `[]`, "Users imported: 0", true},
		{"a role that isn't one", "u.csv", "id,name,role\nann,Ann,KING\n", "line 2: A role is USER, ADMIN or MODERATOR", false},
		{"an id that isn't one", "u.csv", "id,name,role\nann,Ann,USER\na n n,Ann,USER\n", "line 3: A user id is", false},
		{"no name", "u.json", `[{"id":"ann","role":"USER"}]`, "object 1: The name must not be empty", false},
		{"the same id twice", "u.csv", "ann,Ann\nbob,Bob\nann,Anna\n", "line 3: the user ann stands in line 1 already", false},
		{"a column that isn't known", "u.csv", "id,name,email\nann,Ann,a@b\n", `"email"`, false},
		{"a field that isn't known", "u.json", `[{"id":"ann","name":"Ann","admin":true}]`, "admin", false},
		{"too many columns", "u.csv", "ann,Ann,USER,x\n", "4 columns", false},
		{"an object for a list", "u.json", `{"id":"ann"}`, "a JSON list", false},
		{"something behind the list", "u.json", `[] []`, "behind", false},
		{"broken quotes", "u.csv", "\"ann,Ann\n", "line", false},
		{"an 8-bit code page", "u.csv", "id,name\nann,Ann\nbob,Bj\xf6rn\n", "line 3: it is not UTF-8", false},
		{"half a character", "u.json", `[{"id":"ann","name":"\ud83d"}]`, "lone surrogate", false},
		{"another kind of file", "u.txt", "ann,Ann\n", ".csv or .json", false},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file := filepath.Join(folder, row.file)
			if err := os.WriteFile(file, []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			stdout, stderr, code := run(t, nil, "users", "import", file, "--data", folder)
			if (code == 0) != row.good || !strings.Contains(stdout+stderr, row.says) {
				t.Errorf("got %d, %s%s, want %q", code, stdout, stderr, row.says)
			}
		})
	}
}

func TestImportBesideARunningServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, data)
	var text strings.Builder
	text.WriteString("id,name,role\nann,Ann,MODERATOR\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "user-%d,Somebody,USER\n", i)
	}
	file := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, nil, "users", "import", file, "--data", data); code != 0 {
		t.Fatal(stderr)
	}
	var users struct {
		Nodes []struct{ ID, Name, Role string }
	}
	s.must("chatUsers", &users, `{ chatUsers(search: "ann") { nodes { id name role } } }`, nil)
	if len(users.Nodes) != 1 || users.Nodes[0].Role != "MODERATOR" {
		t.Errorf("the running server sees %v", users.Nodes)
	}
}
