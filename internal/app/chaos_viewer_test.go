package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// follower is a viewer of a channel that goes on at another server when one fails it, or
// is silent although clients send all the time.
type follower struct {
	*chaos
	channel, at int
	seen        int64
	goal        atomic.Int64 // where it may end; 0 while that isn't known
	fault       error
}

func (f *follower) follow(end <-chan struct{}) {
	for f.fault == nil {
		if goal := f.goal.Load(); goal > 0 && f.seen >= goal {
			return
		}
		select {
		case <-end:
			return
		default:
		}
		f.listen()
		f.at++
	}
}

// listen reads events from one server until that fails.
func (f *follower) listen() {
	ctx, cancel := context.WithCancel(f.t.Context())
	defer cancel()
	silence := time.AfterFunc(3*time.Second, cancel)
	defer silence.Stop()
	body, _ := json.Marshal(map[string]any{"query": `subscription($c: String!, $after: Seq) { channelEvents(cid: $c, after: $after) { seq type } }`,
		"variables": map[string]any{"c": "livestream:" + room(f.channel), "after": f.seen}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.nodes[f.at%chaosNodes].url()+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		f.fault = err
		return
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "text/event-stream", "Authorization": "Bearer " + f.token,
	} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		time.Sleep(50 * time.Millisecond)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		line := lines.Text()
		if strings.Contains(line, `"REFETCH"`) {
			f.fault = fmt.Errorf("after %d: %s", f.seen, line)
			return
		}
		id, found := strings.CutPrefix(line, "id:")
		if !found {
			continue
		}
		seq, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
		if err != nil || seq != f.seen+1 {
			f.fault = fmt.Errorf("after %d comes %q", f.seen, line)
			return
		}
		f.seen = seq
		silence.Reset(3 * time.Second)
		if f.seen == f.goal.Load() {
			return
		}
	}
}
