package streamapi_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to read what a crash leaves

	"backchannel/internal/apitest"
	"backchannel/internal/engine"
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
	i := &crashes{Images: apitest.Images{TB: t, Path: filepath.Join(t.TempDir(), "chat.db")}}
	i.c = newClientOn(t, sqlstore.Options{Path: i.Path, Step: i.Step})
	complete := i.c.forCrashes()
	i.last = tablesAt(t, i.Path)
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
			if _, more := apitest.Changed(tablesAt(t, at.Path), want, unfinished...); at.records > 0 && more { // it takes several transactions
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

// crashes are the images of the database that a client's requests change.
type crashes struct {
	apitest.Images
	c    *client
	last map[string][]string // the tables after the last request
}

type snapshot struct {
	apitest.Image
	records int // since the request
}

// crashIn makes a request, checks what crashes at all of its steps or at one of them would leave,
// and returns these images and the tables after it.
func (i *crashes) crashIn(name, method, path string, body object, all bool) (list []snapshot, want map[string][]string) {
	i.Helper()
	before, steps := i.last, []string{apitest.RecordStep, "COMMIT", ""}
	if !all { // of those before a commit one is enough
		steps = []string{steps[rand.IntN(2)], ""}
	}
	var sent any
	if body != nil {
		sent = body
	}
	taken := i.During(func() { i.c.ok(method, path, sent) }, steps...)
	want = tablesAt(i, i.Path)
	i.last = want
	if n := len(want["changes"]) - len(before["changes"]); n != 1 {
		i.Errorf("%s leaves %d records", name, n)
	}
	for _, at := range taken {
		records, effect := apitest.Changed(before, tablesAt(i, at.Path), unfinished...)
		list = append(list, snapshot{at, records})
		if records < 0 || records > 1 || effect != (records == 1) {
			i.Errorf("%s: a crash at %q leaves %d records, and an effect: %t", name, at.Step, records, effect)
		}
	}
	return list, want
}

// finished starts a server on what a crash left, which finishes the request.
func (i *crashes) finished(name string, at snapshot, want map[string][]string) {
	i.Helper()
	store, err := sqlstore.Open(i.Context(), sqlstore.Options{Path: at.Path})
	if err != nil {
		i.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	logger := slog.New(slog.DiscardHandler)
	e := engine.New(engine.Options{Store: store, Logger: logger, Idle: true, Alone: true})
	defer e.Close()
	if _, err := streamapi.New(streamapi.Options{Engine: e, Key: testKey, Secret: testSecret, Logger: logger}); err != nil {
		i.Fatal(err)
	}
	if err := e.FinishUnfinished(i.Context(), time.Now().Add(time.Hour)); err != nil {
		i.Errorf("%s: finishing it after a crash at %q: %v", name, at.Step, err)
	}
	end := tablesAt(i, at.Path)
	end["tasks"] = want["tasks"] // the request that made it is gone
	apitest.SameTables(i, fmt.Sprintf("%s: finished after a crash at %q", name, at.Step), end, want)
	if left := end["unfinished"]; len(left) > 0 {
		i.Errorf("%s: left is %v", name, left)
	}
}

// byThemselves are the tables that servers write by themselves.
var byThemselves = []string{"leases", "webhook_positions", "webhook_deliveries"}

// unfinished are the tables of what is left to do, and of its answers.
var unfinished = []string{"tasks", "unfinished"}

// tablesAt returns the rows of all tables except those that servers write by themselves.
func tablesAt(t testing.TB, path string) map[string][]string {
	t.Helper()
	return apitest.DumpFile(t, path, byThemselves...)
}
