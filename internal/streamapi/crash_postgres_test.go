package streamapi_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A server on PostgreSQL that stands still at a step of a change, and loses its connections, leaves
// what one leaves that is killed there. Another server finishes it, under the same record.
func TestCrashInChangesByAServerOnPostgreSQL(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t)
	c := newClientOn(t, sqlstore.Options{URL: url})
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	type request struct {
		name, method, path string
		body               object
	}
	var requests []request
	complete := c.forCrashes()
	for _, row := range severalTransactions {
		requests = append(requests, request{row.name, row.method, row.path, row.body})
	}
	for _, row := range changes {
		method, _, _ := strings.Cut(row.route, " ")
		requests = append(requests, request{row.route, method, complete.Replace(row.path), row.body})
	}
	const deaths = 4
	some := rand.Perm(len(requests))[:deaths]
	for i, r := range requests {
		if slices.Contains(some, i) && c.dieIn(db, url, r.name, r.method, r.path, r.body) == 1 {
			continue
		}
		var body any
		if r.body != nil {
			body = r.body
		}
		c.ok(r.method, r.path, body)
	}
}

// dieIn makes a request of a server that dies meanwhile, has another server finish it, and returns the
// number of records that it left.
func (c *client) dieIn(db *sql.DB, url, name, method, path string, body object) int {
	c.t.Helper()
	step := []string{apitest.RecordStep, "COMMIT", ""}[rand.IntN(3)]
	before := apitest.Dump(c.t, db, byThemselves...)
	relay, halt := pgtest.OpenRelay(c.t, url, 0), apitest.NewHalt(step)
	dying := newClientOn(c.t, halt.On(relay.URL))
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, leave := context.WithCancel(c.t.Context())
	defer leave()
	request := dying.request(ctx, method, path, "application/json", bytes.NewReader(text))
	go func() {
		if resp, err := http.DefaultClient.Do(request); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-halt.Reached
	c.t.Cleanup(relay.Sever()) // so that it needn't wait for the database when it closes
	records, effect := apitest.Changed(before, apitest.Dump(c.t, db, byThemselves...), unfinished...)
	if stored := step == ""; stored != (records == 1) || records != 0 && records != 1 || effect != (records == 1) {
		c.t.Errorf("%s: a crash at %q leaves %d records, and an effect: %t", name, step, records, effect)
	}
	leave() // else it would wait for the database
	close(halt.Thaw)
	if err := c.chat.FinishUnfinished(c.t.Context(), time.Now().Add(time.Hour)); err != nil {
		c.t.Errorf("%s: finishing it after a crash at %q: %v", name, step, err)
	}
	end := apitest.Dump(c.t, db, byThemselves...)
	if n := len(end["changes"]) - len(before["changes"]); n != records || len(end["unfinished"]) > 0 {
		c.t.Errorf("%s: finished after a crash at %q, it has %d records, and left is %v", name, step, n, end["unfinished"])
	}
	return records
}
