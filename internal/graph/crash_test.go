package graph_test

import (
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to read what a crash leaves

	"backchannel/internal/apitest"
	"backchannel/internal/chat"
	"backchannel/internal/graph"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

var everyStep = flag.Bool("every-step", false, "crash before each statement, and not only around records and commits")

// about are the mutations that need what another one made: what is done before, and what
// then is done. The others are in staff.
var about = map[string]func(s *apitest.Server) string{
	"undo": func(s *apitest.Server) string {
		return `undo(input:{change:"` + made(s, `deleteChannels(input:{cids:["livestream:news"]})`) + `"}){change{id}}`
	},
	"eraseNow": func(s *apitest.Server) string {
		s.MustAsk(`mutation{createOrUpdateChannel(input:{id:"news",name:"News"})}`, nil)
		made(s, `deleteChannels(input:{cids:["livestream:news"]})`)
		return fmt.Sprintf(`eraseNow(input:{id:%q,name:"News"}){messages}`, bin(s)[0]["id"])
	},
	"createAnnouncement": func(*apitest.Server) string {
		return `createAnnouncement(input:{text:"closed",channels:{all:true}}){announcement{id}}`
	},
	"updateAnnouncement": func(s *apitest.Server) string {
		return `updateAnnouncement(input:{id:"` + drafted(s, `{all:true}`) + `",text:"other",channels:{all:true}}){announcement{id}}`
	},
	"deleteAnnouncement": func(s *apitest.Server) string {
		return `deleteAnnouncement(input:{id:"` + drafted(s, `{all:true}`) + `"}){id}`
	},
	"sendAnnouncement": func(s *apitest.Server) string {
		return `sendAnnouncement(input:{id:"` + drafted(s, `{all:true}`) + `"}){announcement{id}}`
	},
	"cancelAnnouncement": func(s *apitest.Server) string {
		return `cancelAnnouncement(input:{id:"` + scheduled(s) + `"}){announcement{id}}`
	},
	"editAnnouncement": func(s *apitest.Server) string {
		return `editAnnouncement(input:{id:"` + sent(s) + `",text:"new"}){job{id}}`
	},
	"recallAnnouncement": func(s *apitest.Server) string { return `recallAnnouncement(input:{id:"` + sent(s) + `"}){job{id}}` },
	"retryJob":           func(s *apitest.Server) string { return `retryJob(input:{id:"` + sent(s) + `"}){job{id}}` },
	"stopJob":            func(s *apitest.Server) string { return `stopJob(input:{id:"` + scheduled(s) + `"}){job{id}}` },
	"applyPlan": func(s *apitest.Server) string {
		const plan = `{operation:FREEZE_CHANNELS,channels:{all:true}}`
		digest := at(s.MustAsk(`{plan(input:`+plan+`){digest}}`, nil), "plan.digest")
		return fmt.Sprintf(`applyPlan(input:{plan:%s,digest:%q}){job{id}}`, plan, digest)
	},
	"updateWebhook": func(s *apitest.Server) string {
		return fmt.Sprintf(`updateWebhook(input:{id:%q,events:["user.banned"]}){webhook{id}}`, hook(s))
	},
	"deleteWebhook": func(s *apitest.Server) string { return fmt.Sprintf(`deleteWebhook(input:{id:%q}){id}`, hook(s)) },
	"rotateWebhookSecret": func(s *apitest.Server) string {
		return fmt.Sprintf(`rotateWebhookSecret(input:{id:%q}){secrets{until}}`, hook(s))
	},
	"revealWebhookSecrets": func(s *apitest.Server) string {
		return fmt.Sprintf(`revealWebhookSecrets(input:{id:%q}){secrets{until}}`, hook(s))
	},
	"testWebhook": func(s *apitest.Server) string { return fmt.Sprintf(`testWebhook(input:{id:%q}){status}`, hook(s)) },
	"replayWebhook": func(s *apitest.Server) string {
		return fmt.Sprintf(`replayWebhook(input:{id:%q,since:%q}){webhook{id}}`, hook(s), time.Now().Add(-time.Hour).Format(time.RFC3339))
	},
}

// likeOthers are the mutations that take what is hard to make, and go the way of one that is
// crashed.
var likeOthers = map[string]string{
	"pauseJob":             "stopJob",
	"resumeJob":            "stopJob",
	"retryWebhookDelivery": "updateWebhook", // there must be one that was tried for a day
}

// outside are the mutations that have their effect outside the database, after their record:
// whoever repeats one gets another token, and the record of it.
var outside = []string{"createUserToken", "revealWebhookSecrets", "testWebhook"}

// hook creates a webhook that no event reaches.
func hook(s *apitest.Server) string {
	return anyOf(at(s.MustAsk(`mutation{createWebhook(input:{url:"http://127.0.0.1:9/",enabled:false}){webhook{id}}}`, nil), "createWebhook.webhook.id"))
}

func scheduled(s *apitest.Server) string {
	id := drafted(s, `{all:true}`)
	s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+id+`",localTime:"2099-01-01T08:00",zone:"Asia/Tokyo"}){announcement{id}}}`, nil)
	return id
}

// sent makes an announcement that one channel has, and one hasn't.
func sent(s *apitest.Server) string {
	id := drafted(s, `{cids:["livestream:news","livestream:gone"]}`)
	s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+id+`"}){announcement{id}}}`, nil)
	over(s, id)
	return id
}

// A crash at any point of any mutation of the staff leaves its effect with its one record, or
// neither. A repeat with the same key does what is left to do, and nothing twice.
func TestCrashInEveryMutation(t *testing.T) {
	t.Parallel()
	for _, field := range graph.Schema(nil, &graph.Resolver{}).Executable.Schema().Mutation.Fields {
		name := field.Name
		_, inStaff := staff[name]
		if about[name] == nil && !inStaff && !strings.HasPrefix(name, "__") && !slices.Contains(leavesNone, name) && likeOthers[name] == "" {
			t.Errorf("%s has no row: say what it needs", name)
		}
	}
	c := &crashes{Images: apitest.Images{TB: t, Path: filepath.Join(t.TempDir(), "chat.db")}}
	c.office = openOfficeOn(t, sqlstore.Options{Path: c.Path, Step: c.Step})
	names := crashing()
	repeated := rand.Perm(len(names))[:3]
	for i, name := range names {
		t.Run(name, func(t *testing.T) { c.crashIn(t, name, *everyStep || slices.Contains(repeated, i)) })
	}
}

// crashing are the mutations that tests crash in, in an order in which each has an effect.
func crashing() []string {
	const last = "eraseNow" // it makes what it removes
	return slices.Concat(slices.DeleteFunc(slices.Sorted(maps.Keys(about)), func(name string) bool { return name == last }), removingLast(), []string{last})
}

// What a server on PostgreSQL leaves, if it stands still at a step and loses its connections,
// is what it leaves if it is killed. Another server takes the repeat.
func TestCrashInMutationsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t)
	s := openOfficeOn(t, sqlstore.Options{URL: url})
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, name := range crashing() {
		t.Run(name, func(t *testing.T) { dieIn(t, s, db, url, name) })
	}
}

func dieIn(t *testing.T, s *apitest.Server, db *sql.DB, url, name string) {
	mutation, isOutside, step := prepared(s, name), slices.Contains(outside, name), aroundRecords[rand.IntN(len(aroundRecords))]
	before := apitest.Dump(t, db, byThemselves...)
	relay, halt := pgtest.OpenRelay(t, url, 0), apitest.NewHalt(step)
	dying := openOn(t, halt.On(relay.URL))
	dying.Token = s.Token
	var asking sync.WaitGroup
	asking.Go(func() { ask(dying, mutation, name) })
	<-halt.Reached
	mend := relay.Sever()
	left := apitest.Dump(t, db, byThemselves...)
	passTime(t, db)
	records, effect := apitest.Changed(before, left)
	if stored := step == ""; records < 0 || records > 1 || stored != (records == 1) || effect != (records == 1) && !isOutside {
		t.Errorf("a crash at %q leaves %d records, and an effect: %t", step, records, effect)
	}
	for range 2 {
		keyed(s, mutation, name)
		if n := len(apitest.Dump(t, db, byThemselves...)["changes"]) - len(before["changes"]); n != 1 && !isOutside {
			t.Errorf("after a crash at %q a repeat leaves %d records", step, n)
		}
	}
	mend()
	close(halt.Thaw)
	asking.Wait()
}

// prepared returns a mutation, after what it needs was done.
func prepared(s *apitest.Server, name string) string {
	if prepare := about[name]; prepare != nil {
		return prepare(s)
	}
	return mutationOf(name)
}

// mutationOf is a mutation of staff's table.
func mutationOf(name string) string {
	schema, selection := graph.Schema(nil, &graph.Resolver{}).Executable.Schema(), ""
	if schema.Types[schema.Mutation.Fields.ForName(name).Type.Name()].IsCompositeType() {
		selection = "{__typename}"
	}
	return name + `(input:{` + staff[name].input + `})` + selection
}

// aroundRecords begin the steps between effect and record, before the commit, and after it.
var aroundRecords = []string{apitest.RecordStep, "COMMIT", ""}

func openOn(t *testing.T, where sqlstore.Options) *apitest.Server {
	t.Helper()
	return serve(t, func(logger *slog.Logger) chat.Provider { return apitest.NewLoggingEngine(t, where, logger) })
}

// crashes are the images of an office's database.
type crashes struct {
	apitest.Images
	office *apitest.Server
}

func (c *crashes) crashIn(t *testing.T, name string, repeats bool) {
	mutation := prepared(c.office, name)
	before, isOutside := apitest.DumpFile(t, c.Path, byThemselves...), slices.Contains(outside, name)
	steps := aroundRecords
	if *everyStep {
		steps = nil
	}
	taken := c.During(func() { keyed(c.office, mutation, name) }, steps...)
	want := apitest.DumpFile(t, c.Path, byThemselves...)
	if len(want["changes"]) != len(before["changes"])+1 {
		t.Fatalf("without a crash it leaves %d records", len(want["changes"])-len(before["changes"]))
	}
	var kinds [2][]apitest.Image // without the record, and with it
	for _, at := range taken {
		left := apitest.DumpFile(t, at.Path, byThemselves...)
		records, effect := apitest.Changed(before, left)
		if records < 0 || records > 1 || effect != (records == 1) && !isOutside {
			t.Fatalf("a crash at %q leaves %d records, and an effect: %t", at.Step, records, effect)
		}
		kinds[records] = append(kinds[records], at)
	}
	if len(kinds[0]) == 0 || len(kinds[1]) == 0 {
		t.Fatalf("of %d crashes %d left no record", len(taken), len(kinds[0]))
	}
	if !*everyStep { // one is enough
		some := kinds[rand.IntN(2)]
		taken = some[rand.IntN(len(some)):][:1]
	}
	for _, at := range taken {
		if !repeats || isOutside && slices.Contains(kinds[1], at) {
			break
		}
		db, err := sql.Open("sqlite", at.Path)
		if err != nil {
			t.Fatal(err)
		}
		passTime(t, db)
		_ = db.Close()
		again := openOn(t, sqlstore.Options{Path: at.Path})
		again.Token = c.office.Token
		keyed(again, mutation, name)
		apitest.SameTables(t, fmt.Sprintf("repeated after a crash at %q", at.Step), apitest.DumpFile(t, at.Path, byThemselves...), want)
	}
}

// ask runs a mutation with a key.
func ask(s *apitest.Server, mutation, key string) apitest.Reply {
	return s.Send(http.MethodPost, s.URL, `{"query":`+apitest.Quote("mutation{"+mutation+"}")+`}`,
		map[string]string{"Authorization": "Bearer " + s.Token, "Idempotency-Key": key})
}

// keyed runs a mutation with a key, and waits for the jobs that it made.
func keyed(s *apitest.Server, mutation, key string) {
	s.Helper()
	got := ask(s, mutation, key)
	if len(got.Errors) > 0 || len(got.Extensions.Changes) != 1 {
		s.Fatalf("%s answered %s with the changes %v", mutation, got.Text, got.Extensions.Changes)
	}
	for _, j := range at(s.MustAsk(`{jobs{nodes{id state}}}`, nil), "jobs.nodes").([]any) {
		if state := at(j.(map[string]any), "state"); state != "SCHEDULED" && state != "DRAFT" {
			over(s, anyOf(at(j.(map[string]any), "id")))
		}
	}
}

// byThemselves are the tables that servers write by themselves.
var byThemselves = []string{"leases", "webhook_positions", "webhook_deliveries"}

// passTime does what a quarter of a minute does to the leases of a server that is gone.
func passTime(t *testing.T, db *sql.DB) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), `UPDATE leases SET until = 0`); err != nil {
		t.Fatal(err)
	}
}
