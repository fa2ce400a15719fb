package streamapi_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // to read what a crash leaves

	"backchannel/internal/apitest"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi"
)

// severalTransactions are requests that take several transactions, in an order in which each has
// an effect.
var severalTransactions = []struct {
	name, method, path string
	body               object
}{
	{"a ban with messages", "POST", "/api/v2/moderation/ban", object{"target_user_id": "dan", "banned_by_id": "ann", "delete_messages": "soft"}},
	{"a deactivation with messages", "POST", "/api/v2/users/deactivate", object{"user_ids": []string{"eve", "fay"}, "mark_messages_deleted": true, "created_by_id": "ann"}},
	{"a reactivation with messages", "POST", "/api/v2/users/reactivate", object{"user_ids": []string{"eve", "fay"}, "restore_messages": true, "created_by_id": "ann"}},
	{"inviting to channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("inviteMembers", "gus", "hal")},
	{"adding to channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("addMembers", "ida", "jon")},
	{"making moderators", "PUT", "/api/v2/chat/channels/batch", ofBoth("addModerators", "ida", "jon")},
	{"making members", "PUT", "/api/v2/chat/channels/batch", ofBoth("demoteModerators", "ida", "jon")},
	{"giving roles", "PUT", "/api/v2/chat/channels/batch", object{"operation": "assignRoles", "filter": both, "members": []object{{"user_id": "ida", "channel_role": "channel_moderator"}}}},
	{"hiding channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("hide", "ida", "jon")},
	{"showing channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("show", "ida", "jon")},
	{"archiving channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("archive", "ida", "jon")},
	{"no longer archiving channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("unarchive", "ida", "jon")},
	{"removing from channels", "PUT", "/api/v2/chat/channels/batch", ofBoth("removeMembers", "ida", "jon")},
	{"changing channels", "PUT", "/api/v2/chat/channels/batch", object{"operation": "updateData", "filter": both, "data": object{"frozen": true}}},
	{"a ban in one channel with permanent deletion of messages", "POST", "/api/v2/moderation/ban", object{"target_user_id": "eve", "channel_cid": "messaging:b", "banned_by_id": "ann", "delete_messages": "hard"}},
	{"a deletion of users", "POST", "/api/v2/users/delete", object{"user_ids": []string{"eve", "fay"}, "user": "hard", "messages": "hard", "conversations": "hard"}},
}

var both = object{"cid": object{"$in": []string{"messaging:a", "messaging:b"}}}

// ofBoth is a batch that changes members of both channels.
func ofBoth(operation string, users ...string) object {
	members := make([]object, len(users))
	for i, user := range users {
		members[i] = object{"user_id": user}
	}
	return object{"operation": operation, "filter": both, "members": members}
}

// A server that is killed at any step of a change leaves its effect with its one record, or
// neither; the next server finishes what takes several transactions, under the same record.
func TestCrashInEveryChangeByAServer(t *testing.T) {
	t.Parallel()
	i := &images{t: t, path: filepath.Join(t.TempDir(), "chat.db")}
	i.c = newClientOn(t, sqlstore.Options{Path: i.path, Step: i.step})
	complete := i.c.forCrashes()
	i.last = tablesAt(t, i.path)
	for _, row := range severalTransactions {
		taken, want := i.crashIn(row.name, row.method, row.path, row.body, true)
		taken = slices.DeleteFunc(taken, func(at snapshot) bool { return at.records == 0 })
		if len(taken) < 2 {
			t.Errorf("%s has %d images with a record", row.name, len(taken))
			continue
		}
		i.finished(row.name, taken[0], want)
		i.finished(row.name, taken[1+rand.IntN(len(taken)-1)], want)
	}
	for _, row := range changes {
		method, _, _ := strings.Cut(row.route, " ")
		taken, want := i.crashIn(row.route, method, complete.Replace(row.path), row.body, false)
		for _, at := range taken {
			if at.records > 0 && !equal(effects(tablesAt(t, at.path)), effects(want)) { // it takes several transactions
				i.finished(row.route, at, want)
			}
		}
	}
}

// forCrashes makes what changes and severalTransactions are about, and returns what completes their
// paths.
func (c *client) forCrashes() *strings.Replacer {
	c.t.Helper()
	complete := c.forChanges()
	c.users("dan", "eve", "fay", "gus", "hal", "ida", "jon")
	c.channelOf("b", "ann", "eve")
	for _, user := range []string{"dan", "eve", "fay"} {
		for _, channel := range []string{"a", "b"} {
			c.say(channel, user, "hello")
		}
	}
	return complete
}

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
	const crashes = 4
	some := rand.Perm(len(requests))[:crashes]
	for i, r := range requests {
		if !slices.Contains(some, i) || c.dieIn(db, url, r.name, r.method, r.path, r.body) == 0 {
			var body any
			if r.body != nil {
				body = r.body
			}
			c.ok(r.method, r.path, body)
		}
	}
}

// dieIn makes a request of a server that dies meanwhile, has another server finish it, and returns the
// number of records that it left.
func (c *client) dieIn(db *sql.DB, url, name, method, path string, body object) int {
	c.t.Helper()
	step := []string{apitest.RecordStep, "COMMIT", ""}[rand.IntN(3)]
	before := apitest.Tables(c.t, db)
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
	left := apitest.Tables(c.t, db)
	records, same := len(left["changes"])-len(before["changes"]), equal(effects(before), effects(left))
	if stored := step == ""; stored != (records == 1) || records != 0 && records != 1 || same != (records == 0) {
		c.t.Errorf("%s: a crash at %q leaves %d records, and an effect: %t", name, step, records, !same)
	}
	leave() // else it would wait for the database
	close(halt.Thaw)
	if err := c.chat.FinishUnfinished(c.t.Context(), time.Now().Add(time.Hour)); err != nil {
		c.t.Errorf("%s: finishing it after a crash at %q: %v", name, step, err)
	}
	end := apitest.Tables(c.t, db)
	if n := len(end["changes"]) - len(before["changes"]); n != records || len(end["unfinished"]) > 0 {
		c.t.Errorf("%s: finished after a crash at %q, it has %d records, and left is %v", name, step, n, end["unfinished"])
	}
	return records
}

// images copies the files of a database at steps of its writes: a process that is killed then
// leaves these.
type images struct {
	t    *testing.T
	path string
	c    *client
	last map[string][]string // the tables after the last request

	mu    sync.Mutex
	steps []string // their beginnings; "" is only the step after a commit
	taken []snapshot
}

type snapshot struct {
	step, path string
	records    int // since the request
}

func (i *images) step(text string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !slices.ContainsFunc(i.steps, func(step string) bool { return text == step || step != "" && strings.HasPrefix(text, step) }) {
		return
	}
	to := filepath.Join(i.t.TempDir(), "chat.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(i.path + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, content, 0o600)
		}
		if err != nil {
			i.t.Error(err)
		}
	}
	i.taken = append(i.taken, snapshot{step: text, path: to})
}

func (i *images) arm(steps ...string) (taken []snapshot) {
	i.mu.Lock()
	defer i.mu.Unlock()
	taken, i.steps, i.taken = i.taken, steps, nil
	return taken
}

// crashIn makes a request, checks what crashes at all of its steps or at one of them would leave,
// and returns these images and the tables after it.
func (i *images) crashIn(name, method, path string, body object, all bool) ([]snapshot, map[string][]string) {
	i.t.Helper()
	before, steps := i.last, []string{apitest.RecordStep, "COMMIT", ""}
	if !all { // of those before a commit one is enough
		steps = []string{steps[rand.IntN(2)], ""}
	}
	i.arm(steps...)
	var sent any
	if body != nil {
		sent = body
	}
	i.c.ok(method, path, sent)
	taken, want := i.arm(), tablesAt(i.t, i.path)
	i.last = want
	if n := len(want["changes"]) - len(before["changes"]); n != 1 {
		i.t.Errorf("%s leaves %d records", name, n)
	}
	for k := range taken {
		at := &taken[k]
		left := tablesAt(i.t, at.path)
		at.records = len(left["changes"]) - len(before["changes"])
		same := equal(effects(before), effects(left))
		if at.records < 0 || at.records > 1 || same != (at.records == 0) {
			i.t.Errorf("%s: a crash at %q leaves %d records, and an effect: %t", name, at.step, at.records, !same)
		}
	}
	return taken, want
}

// finished starts a server on what a crash left, which finishes the request.
func (i *images) finished(name string, at snapshot, want map[string][]string) {
	i.t.Helper()
	store, err := sqlstore.Open(i.t.Context(), sqlstore.Options{Path: at.path})
	if err != nil {
		i.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	logger := slog.New(slog.DiscardHandler)
	e := engine.New(engine.Options{Store: store, Logger: logger, Idle: true, Alone: true})
	defer e.Close()
	if _, err := streamapi.New(streamapi.Options{Engine: e, Key: testKey, Secret: testSecret, Logger: logger}); err != nil {
		i.t.Fatal(err)
	}
	if err := e.FinishUnfinished(i.t.Context(), time.Now().Add(time.Hour)); err != nil {
		i.t.Errorf("%s: finishing it after a crash at %q: %v", name, at.step, err)
	}
	end := tablesAt(i.t, at.path)
	for table := range want {
		if got, want := alike(end[table]), alike(want[table]); table != "tasks" && !slices.Equal(got, want) {
			i.t.Errorf("%s: finished after a crash at %q, %s has\n%s\nwithout a crash\n%s", name, at.step, table, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if left := end["unfinished"]; len(left) > 0 {
		i.t.Errorf("%s: left is %v", name, left)
	}
}

// effects are the tables without those of records, of answers, and of what is left to do.
func effects(all map[string][]string) map[string][]string {
	all = maps.Clone(all)
	for _, table := range []string{"changes", "change_targets", "counters", "tasks", "unfinished"} {
		delete(all, table)
	}
	return all
}

func equal(a, b map[string][]string) bool { return maps.EqualFunc(a, b, slices.Equal[[]string]) }

func tablesAt(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	return apitest.Tables(t, db)
}

// chance are the parts of a row that another run has otherwise: times and ids.
var chance = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b1[0-9]{15}\b`)

// alike are rows without what is left to chance.
func alike(rows []string) (list []string) {
	for _, row := range rows {
		list = append(list, chance.ReplaceAllString(row, "~"))
	}
	slices.Sort(list)
	return list
}
