package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/pgtest"
)

// toldService is a service to which a webhook delivers messages.
type toldService struct {
	*httptest.Server
	mu    sync.Mutex
	ids   map[string]int      // calls of each id
	texts map[string][]string // cid → texts, in the order in which they were first accepted
}

type messageTold struct {
	CID     string
	Message struct{ Text string }
}

func newToldService(t *testing.T) *toldService {
	s := &toldService{ids: map[string]int{}, texts: map[string][]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e struct {
			Data        messageTold
			messageTold // of Stream's
		}
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		m, id := e.Data, r.Header.Get("Webhook-Id")
		if m.CID == "" {
			m, id = e.messageTold, r.Header.Get("X-Webhook-Id")
		}
		cid, text := m.CID, m.Message.Text
		if !slices.Contains(s.texts[cid], text) {
			s.texts[cid] = append(s.texts[cid], text)
		}
		s.ids[id]++
	}))
	t.Cleanup(s.Close)
	return s
}

// await waits until the service was told of all that was said, in order in each channel.
func (s *toldService) await(t *testing.T, said map[string][]string) {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		got, ids := fmt.Sprint(s.texts), len(s.ids)
		s.mu.Unlock()
		if got == fmt.Sprint(said) {
			want := 0
			for _, texts := range said {
				want += len(texts)
			}
			if ids != want {
				t.Errorf("%d ids for %d events", ids, want)
			}
			return
		}
		if time.Now().After(until) {
			t.Fatalf("said %v\ntold %s", said, got)
		}
	}
}

// say sends messages to some channels.
func say(s *server, said map[string][]string, round string) {
	for i := range 15 {
		channel, text := room(i%3), fmt.Sprint(round, " ", i)
		s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": channel, "text": text})
		said["livestream:"+channel] = append(said["livestream:"+channel], text)
	}
}

func hookFor(s *server, address string) {
	for i := range 3 {
		s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": room(i), "name": room(i)})
	}
	s.must("createWebhook", new(any), `mutation($url: String!) { createWebhook(input: {url: $url, events: ["message.new"]}) { webhook { id } } }`,
		map[string]any{"url": address})
}

// streamHook has Stream's API tell an address of messages.
func streamHook(t *testing.T, s *server, address string) {
	t.Helper()
	server, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"server": true}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"event_hooks":[{"hook_type":"webhook","enabled":true,"webhook_url":%q,"event_types":["message.n*"]}]}`, address)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, s.url+"/api/v2/app?api_key=dev", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", server)
	req.Header.Set("Stream-Auth-Type", "jwt")
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		answer, _ := io.ReadAll(resp.Body)
		t.Fatalf("%d %s", resp.StatusCode, answer)
	}
}

// A server that is killed as soon as it acknowledged messages loses no delivery, neither of
// a webhook nor of a hook of Stream's API.
func TestKilledServerLosesNoDelivery(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	service, streams, said := newToldService(t), newToldService(t), map[string][]string{}
	s := start(t, data, "--dev")
	hookFor(s, service.URL)
	streamHook(t, s, streams.URL)
	for round := range 2 {
		say(s, said, fmt.Sprint("round ", round))
		s.kill()
		s = start(t, data, "--dev")
	}
	service.await(t, said)
	streams.await(t, said)
	var list []struct{ URL string }
	s.must("webhooks", &list, `{ webhooks { url } }`, nil)
	if len(list) != 1 || list[0].URL != service.URL {
		t.Errorf("the API lists %v", list)
	}
}

// Of two servers one stands still and later one is killed. The other goes on, and nothing
// is lost or told in another order.
func TestAnotherServerGoesOnWithDeliveries(t *testing.T) {
	t.Parallel()
	database := pgtest.Open(t)
	service, said := newToldService(t), map[string][]string{}
	a := start(t, t.TempDir(), "--dev", "--database-url", database)
	b := start(t, t.TempDir(), "--dev", "--database-url", database)
	hookFor(a, service.URL)
	say(a, said, "both")
	service.await(t, said)
	if err := a.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	say(b, said, "one stands still")
	service.await(t, said)
	if err := a.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	say(b, said, "both again")
	b.kill()
	say(a, said, "the other is killed")
	service.await(t, said)
}
