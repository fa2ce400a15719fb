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
		stdout string // what it must contain
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
		{"refuses videos of no size", nil, []string{"serve", "--dev", "--max-video", "0"}, 1, "", "BACKCHANNEL_MAX_VIDEO"},
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
		{"a CSV with a header", "u.csv", "id,name,role\nann,Ann,ADMIN\nbob,Bob,USER\ncid,Cid,MODERATOR\n", "Users imported: 3\n", true},
		{"a CSV without, and says so", "u.csv", "ann,Ann,ADMIN\nbob,Bob\n", "Users imported: 2 (no header", true},
		{"a CSV as spreadsheets save it", "U.CSV", "\ufeffName;E-mail;ID\r\n\"Muster; Anna\";a@b;ann\r\n;;\r\n", "Users imported: 1\n", true},
		{"UTF-16", "u.txt", "\xff\xfei\x00d\x00\t\x00n\x00a\x00m\x00e\x00\r\x00\n\x00a\x00\t\x00A\x00", "Users imported: 1\n", true},
		{"JSON", "u.json", `[{"id":"ann","name":"Ann","role":"ADMIN"},{"id":"bob","name":"Bob","more":true}]`, "Users imported: 2\n", true},
		{"a role that isn't one", "u.csv", "id,name,role\nann,Ann,KING\n", "line 2, column 3 (role): A role is USER, ADMIN or MODERATOR", false},
		{"an id that isn't one", "u.csv", "id,name,role\nann,Ann,USER\na n n,Ann,USER\n", "line 3, column 1 (id): The id has the character", false},
		{"several rows in error", "u.csv", "id,name\nann,\nbob,Bob\nann n,Ann\n", "2 of 3 rows can't be imported, and none was:\n  line 2, column 2 (name): The name must not be empty.\n  line 4,", false},
		{"no name", "u.json", `[{"id":"ann","role":"USER"}]`, "line 1 (name): The name must not be empty", false},
		{"the same id twice", "u.csv", "ann,Ann\nbob,Bob\nann,Anna\n", "line 3, column 1 (id): The user ann is in line 1 already", false},
		{"a header without id", "u.csv", "name,role\nAnn,USER\n", `has no column "id"`, false},
		{"a list of nobody", "u.json", `[]`, "There is no user", false},
		{"an 8-bit code page that nobody named", "u.csv", "id,name\nann,Ann\nbob,Bj\xf6rn\n", `perhaps windows-1252, in which line 3 reads "Björn"; if that is right, import it with --encoding windows-1252`, false},
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
			if strings.Contains(stderr, "msg=change") {
				t.Errorf("each batch is logged: %s", stderr)
			}
		})
	}
}

func TestImportOfACodePage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "u.csv")
	if err := os.WriteFile(file, []byte("id;name\r\nrene;Ren\xe9\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if stdout, stderr, code := run(t, nil, "users", "import", file, "--data", folder, "--encoding", "windows-1252"); code != 0 || stdout != "Users imported: 1\n" {
		t.Fatal(stdout, stderr)
	}
	s := start(t, folder)
	var users struct {
		Nodes []struct{ Name string }
	}
	s.must("chatUsers", &users, `{ chatUsers(search: "rene") { nodes { name } } }`, nil)
	if len(users.Nodes) != 1 || users.Nodes[0].Name != "René" {
		t.Errorf("the server has %v", users.Nodes)
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
