package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestForwardingHeaders(t *testing.T) {
	t.Parallel()
	trusted, err := parseProxies([]string{"10.0.0.0/8", " 192.168.1.1", "fd00::/8", ""})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		who, remote, forwardedFor, host string
		wantRemote, wantHost            string
	}{
		{"nobody says anything", "10.0.0.1:5", "", "", "10.0.0.1:5", "inside"},
		{"a trusted proxy", "10.0.0.1:5", "203.0.113.7", "chat.example", "203.0.113.7:0", "chat.example"},
		{"a trusted proxy by its address", "192.168.1.1:5", "203.0.113.7", "", "203.0.113.7:0", "inside"},
		{"its neighbour", "192.168.1.2:5", "203.0.113.7", "chat.example", "192.168.1.2:5", "inside"},
		{"a stranger", "203.0.113.9:5", "203.0.113.7", "chat.example", "203.0.113.9:5", "inside"},
		{"two trusted proxies", "10.0.0.1:5", "203.0.113.7, 10.0.0.2", "", "203.0.113.7:0", "inside"},
		{"a client that invents a hop", "10.0.0.1:5", "198.51.100.1, 203.0.113.7", "evil.example, chat.example", "203.0.113.7:0", "chat.example"},
		{"a hop with a port", "10.0.0.1:5", "203.0.113.7:4711", "", "203.0.113.7:0", "inside"},
		{"a hop that is none", "10.0.0.1:5", "unknown", "", "10.0.0.1:5", "inside"},
		{"IPv6", "[fd00::1]:5", "2001:db8::7", "chat.example", "[2001:db8::7]:0", "chat.example"},
		{"IPv4 within IPv6", "[::ffff:10.0.0.1]:5", "203.0.113.7", "", "203.0.113.7:0", "inside"},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://inside/", nil)
		r.RemoteAddr = row.remote
		r.Header.Set(forwardedProto, "https")
		if row.forwardedFor != "" {
			r.Header.Set(forwardedFor, row.forwardedFor)
		}
		if row.host != "" {
			r.Header.Set(forwardedHost, row.host)
		}
		trusted.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.RemoteAddr != row.wantRemote || r.Host != row.wantHost {
				t.Errorf("%s: got %s for %s, want %s for %s", row.who, r.RemoteAddr, r.Host, row.wantRemote, row.wantHost)
			}
			from, ok := addressOf(row.remote)
			if told := r.Header.Get(forwardedProto) != ""; told != (ok && trusted.trust(from)) {
				t.Errorf("%s: the scheme is told: %v", row.who, told)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	}
	for _, bad := range []string{"proxy.example", "10.0.0.0/33", "10.0.0", "*"} {
		if _, err := parseProxies([]string{bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
