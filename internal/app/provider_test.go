package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const streamSecret = "the secret of a Stream app, for tests alone"

// Users are imported into the chat that is configured.
func TestImportIntoHostedStream(t *testing.T) {
	t.Parallel()
	far := start(t, t.TempDir(), "--api-key", "a-stream-key", "--api-secret", streamSecret)
	file := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(file, []byte("id,name,role\nann,Ann,MODERATOR\nbob,Bob,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	load := []string{"users", "import", file, "--data", t.TempDir(), "--provider", "stream", "--stream-base-url", far.url, "--stream-api-key", "a-stream-key"}
	if _, stderr, code := run(t, nil, load...); code == 0 || !strings.Contains(stderr, "STREAM_API_SECRET") {
		t.Errorf("without a secret: %d %s", code, stderr)
	}
	for range 2 {
		stdout, stderr, code := run(t, nil, append(load, "--stream-api-secret", streamSecret)...)
		if code != 0 || !strings.Contains(stdout, "Users imported: 2") {
			t.Fatalf("got %d, %s%s", code, stdout, stderr)
		}
	}
	var users struct {
		Nodes []struct{ ID, Name, Role string }
	}
	far.must("chatUsers", &users, `{ chatUsers { nodes { id name role } } }`, nil)
	if got := fmt.Sprint(users.Nodes); got != "[{ann Ann MODERATOR} {bob Bob USER}]" {
		t.Errorf("Stream has %s", got)
	}
}

// A server with --provider stream works with another Backchannel as its Stream.
func TestHostedStream(t *testing.T) {
	t.Parallel()
	far := start(t, t.TempDir(), "--api-key", "a-stream-key", "--api-secret", streamSecret)
	near := start(t, t.TempDir(), "--provider", "stream", "--log-level", "debug", "--stream-base-url", far.url,
		"--stream-api-key", "a-stream-key", "--stream-api-secret", streamSecret, "--media-base-url", "https://media.example.com")
	if status, text := near.get("/readyz"); status != http.StatusOK {
		t.Errorf("ready: %d %s", status, text)
	}

	far.must("upsertChatUsers", new(any), `mutation { upsertChatUsers(input: {users: [{id: "alice", name: "Alice"}]}) { users { id } } }`, nil)
	near.must("createOrUpdateChannel", new(bool), `mutation { createOrUpdateChannel(input: {name: "Announcements", avatarFilename: "a b.png"}) }`, nil)
	near.must("createOrUpdateChannel", new(bool), `mutation { createOrUpdateChannel(input: {name: "Announcements"}) }`, nil)
	near.must("createOrUpdateChannel", new(bool), `mutation { createOrUpdateChannel(input: {id: "deals", type: Team, name: "Deals"}) }`, nil)
	near.must("sendMessageToChannel", new(bool), `mutation { sendMessageToChannel(input: {channelId: "announcements", text: "a private word",
		mentionedUsersIds: ["alice"], attachments: [{title: "A video", assetUrl: "https://media.example.com/a.mp4"}]}) }`, nil)
	near.must("setRoleToUsersOnChat", new(bool), `mutation { setRoleToUsersOnChat(input: {userId: "alice", role: MODERATOR}) }`, nil)
	near.must("deleteChannels", new(bool), `mutation { deleteChannels(input: {cids: ["team:deals", "team:never-was"]}) }`, nil)

	var list []struct{ CID, Name, Avatar string }
	near.must("allChannels", &list, `{ allChannels { cid name avatar } }`, nil)
	want := "[{livestream:announcements Announcements https://media.example.com/a%20b.png} {livestream:announcements-2 Announcements }]"
	if got := fmt.Sprint(list); got != want {
		t.Errorf("listed: %s, want %s", got, want)
	}
	var messages struct {
		Nodes []struct {
			Text           string
			Sender         struct{ ID string }
			MentionedUsers []struct{ ID, Role string }
			Attachments    []struct{ Type, AssetURL string }
		}
	}
	const history = `{ messages(cid: "livestream:announcements") { nodes { text sender { id } mentionedUsers { id role } attachments { type assetUrl } } } }`
	wantHistory := "[{a private word {clerk} [{alice MODERATOR}] [{video https://media.example.com/a.mp4}]}]"
	for name, s := range map[string]*server{"here": near, "at Stream": far} {
		s.must("messages", &messages, history, nil)
		if got := fmt.Sprint(messages.Nodes); !strings.EqualFold(got, wantHistory) {
			t.Errorf("the messages %s: %s, want %s", name, got, wantHistory)
		}
	}

	for document, code := range map[string]string{
		`mutation { sendMessageToChannel(input: {channelId: "nowhere", text: "hello"}) }`:                                                                 "NOT_FOUND",
		`mutation { sendMessageToChannel(input: {channelId: "announcements", text: "hi", mentionedUsersIds: ["nobody"]}) }`:                               "INVALID_ARGUMENTS",
		`mutation { sendMessageToChannel(input: {channelId: "announcements", text: "hi", attachments: [{title: "", assetUrl: "https://e.com/a.exe"}]}) }`: "FILE_TYPE_NOT_SUPPORTED",
		`mutation { setRoleToUsersOnChat(input: {userId: "nobody", role: ADMIN}) }`:                                                                       "NOT_FOUND",
		`mutation { muteUser(input: {userId: "alice"}) { userId } }`:                                                                                      "UNSUPPORTED",
	} {
		a, err := near.ask(document, nil)
		if err != nil || len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != code {
			t.Errorf("%s: %v, %v, want %s", document, err, a.Errors, code)
		}
	}

	// A page of several parts is answered even if Stream doesn't tell one of them.
	page, err := near.ask(`{ overview { channels messages messagesPerHour { messages } server { requests } }
		provider { name supports listStaleness } allChannels { id } }`, nil)
	overview, _ := page.Data["overview"]
	if err != nil || len(page.Errors) != 0 || !strings.Contains(string(overview), `"messages":null,"messagesPerHour":null`) {
		t.Errorf("the page: %v, %v, %s", err, page.Errors, overview)
	}

	far.kill()
	if status, text := near.get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready without Stream: %d %s", status, text)
	}
	a, err := near.ask(`mutation { createOrUpdateChannel(input: {id: "late", name: "Late"}) }`, nil)
	if err != nil || len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UNAVAILABLE" {
		t.Errorf("without Stream: %v %v", err, a.Errors)
	}
	begun := time.Now()
	for range 20 {
		if a, err := near.ask(`mutation { createOrUpdateChannel(input: {id: "late", name: "Late"}) }`, nil); err != nil || len(a.Errors) != 1 {
			t.Errorf("without Stream: %v %v", err, a.Errors)
		}
	}
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("20 answers without Stream took %v", took)
	}
	near.kill()
	for _, hidden := range []string{streamSecret, "a-stream-key", "a private word", "eyJ"} {
		if strings.Contains(near.log.String(), hidden) {
			t.Errorf("the log tells %q:\n%s", hidden, near.log)
		}
	}
}

func TestHostedStreamNeedsItsApp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args []string
		says string
	}{
		{nil, "STREAM_API_KEY and STREAM_API_SECRET"},
		{[]string{"--stream-api-key", "k"}, "STREAM_API_KEY and STREAM_API_SECRET"},
		{[]string{"--stream-api-key", "k", "--stream-api-secret", "s", "--stream-base-url", "chat"}, "STREAM_BASE_URL"},
		{[]string{"--stream-api-key", "k", "--stream-api-secret", "s", "--stream-list-staleness=-1s"}, "STREAM_LIST_STALENESS"},
		{[]string{"--stream-api-key", "k", "--stream-api-secret", "s", "--stream-role-admin", "user"}, "three different roles"},
		{[]string{"--stream-api-key", "k", "--stream-api-secret", "s", "--api-key", "k", "--api-secret", "s"}, "BACKCHANNEL_API_KEY"},
	} {
		_, errs, code := run(t, nil, append([]string{"serve", "--provider", "stream", "--data", t.TempDir(), "--addr", "127.0.0.1:0",
			"--jwt-secret", secret}, row.args...)...)
		if code == 0 || !strings.Contains(errs, row.says) || strings.Contains(errs, `"s"`) {
			t.Errorf("%q: ended with %d, saying %s; want %q in it", row.args, code, errs, row.says)
		}
	}
}

// With --dev the output says which users to import, so that the reference document's second
// example runs.
func TestHostedStreamSaysWhomToImport(t *testing.T) {
	t.Parallel()
	far := start(t, t.TempDir(), "--api-key", "a-stream-key", "--api-secret", streamSecret)
	data := t.TempDir()
	hosted := []string{"--provider", "stream", "--stream-base-url", far.url, "--stream-api-key", "a-stream-key", "--stream-api-secret", streamSecret}
	near := start(t, data, append(hosted, "--dev")...)
	const example = `mutation { sendMessageToChannel(input: {channelId: "announcements", text: "Important announcement for all users!",
		attachments: [{title: "Event Image", assetUrl: "https://example.com/images/event.jpg"}], mentionedUsersIds: ["user1", "user2"]}) }`
	near.must("createOrUpdateChannel", new(bool), `mutation { createOrUpdateChannel(input: {name: "Announcements"}) }`, nil)

	_, rows, said := strings.Cut(near.out.String(), "printf '")
	rows, _, _ = strings.Cut(rows, "' > sample-users.csv")
	if !said || !strings.Contains(near.out.String(), "users import sample-users.csv --provider stream --data "+data+" --stream-base-url "+far.url+"\n") {
		t.Fatalf("printed: %s", near.out)
	}
	file := filepath.Join(t.TempDir(), "sample-users.csv")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(rows, `\n`, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if stdout, stderr, code := run(t, nil, append([]string{"users", "import", file, "--data", data}, hosted...)...); code != 0 {
		t.Fatalf("got %d, %s%s", code, stdout, stderr)
	}
	near.must("sendMessageToChannel", new(bool), example, nil)
}
