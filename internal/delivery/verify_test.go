package delivery_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
)

// verify reports whether a call was signed with a secret in the last five minutes.
func verify(secret string, header http.Header, body []byte) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	at, bad := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64)
	if err != nil || bad != nil || time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%d.%s", header.Get("webhook-id"), at, body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, given := range strings.Fields(header.Get("webhook-signature")) {
		if hmac.Equal([]byte(given), []byte(want)) {
			return true
		}
	}
	return false
}

// The function in docs/webhooks.md verifies a call, and is the one above.
func TestVerifyingAsDocumented(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("verify_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```go\n")
	example, _, _ = strings.Cut(example, "```")
	if example == "" || !strings.Contains(string(own), example) {
		t.Errorf("docs/webhooks.md has another function:\n%s", example)
	}
	o := open(t, inFolder(t))
	var header http.Header
	var body []byte
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	t.Cleanup(service.Close)
	id := o.hook(service.URL, chat.UserFlagged)
	if a, err := o.service.TestWebhook(t.Context(), chat.ChangeWebhook{Operation: o.op(), ID: id}); err != nil || !a.Delivered {
		t.Fatal(a, err)
	}
	secrets, err := o.service.WebhookSecrets(t.Context(), id)
	if err != nil || !verify(secrets[0].Secret, header, body) {
		t.Errorf("%v: a call isn't verified: %v %s", err, header, body)
	}
	if verify(secrets[0].Secret, header, append(body, ' ')) {
		t.Error("a changed call is verified")
	}
	header.Set("Webhook-Timestamp", strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10))
	if verify(secrets[0].Secret, header, body) {
		t.Error("an old call is verified")
	}
}

// docs/webhooks.md and the console list the types of events that there are.
func TestEventsAreListedAlike(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../docs/webhooks.md", "../../web/console/screens/webhooks/events.ts"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		listed := string(text)
		if _, table, found := strings.Cut(listed, "\n| type | `data`"); found {
			listed, _, _ = strings.Cut(table, "\n\n")
		}
		names := map[string]bool{}
		for _, name := range regexp.MustCompile(`[a-z]+\.[a-z]+[`+"`'"+`]`).FindAllString(listed, -1) {
			names[name[:len(name)-1]] = true
		}
		for _, kind := range chat.WebhookEvents {
			if !names[string(kind)] {
				t.Errorf("%s lacks %s", file, kind)
			}
			delete(names, string(kind))
		}
		if len(names) > 0 {
			t.Errorf("%s has %v, which there aren't", file, names)
		}
	}
}
