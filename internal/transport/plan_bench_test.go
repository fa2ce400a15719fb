package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

// BenchmarkAllChannels answers 10,000 channels over the handler, and beside it
// the same bytes from encoding/json. Compare cpu-ns/op: gqlgen's own way uses
// both cores.
func BenchmarkAllChannels(b *testing.B) {
	var channels []chat.Channel
	for i := range 10_000 {
		channels = append(channels, channel(fmt.Sprintf("channel-%d", i), fmt.Sprintf("Channel %d", i), "https://media.example/avatar.png"))
	}
	o := transport.Options{Desk: desk.New(desk.Options{}), Verifier: apitest.NewVerifier(b)}
	endpoint := serve(o, stub{Resolver: &graph.Resolver{Desk: o.Desk}, list: func(context.Context) ([]chat.Channel, error) { return channels, nil }})
	token := apitest.Mint(b, auth.Grant{Subject: "alice", Roles: []string{"BO"}})
	request := func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{allChannels{id cid type name avatar}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	b.Run("graphql", func(b *testing.B) { measure(b, endpoint, request) })
	b.Run("encoding-json", func(b *testing.B) { measure(b, plainList(channels), request) })
}

// plainList is the least that a JSON API does, with rows made in advance.
func plainList(channels []chat.Channel) http.Handler {
	type row struct {
		ID     string  `json:"id"`
		CID    string  `json:"cid"`
		Type   string  `json:"type"`
		Name   string  `json:"name"`
		Avatar *string `json:"avatar"`
	}
	rows := make([]row, len(channels))
	for i, c := range channels {
		rows[i] = row{ID: c.ID(), CID: c.CID.String(), Type: string(c.Type()), Name: c.Name, Avatar: &c.Avatar}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Query string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"allChannels": rows}})
	})
}

func measure(b *testing.B, h http.Handler, request func() *http.Request) {
	b.ReportAllocs()
	before, size := cpuTime(b), 0
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request())
		size = w.Body.Len()
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(size), "bytes")
}

// cpuTime is what the process has used of all cores.
func cpuTime(b testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
