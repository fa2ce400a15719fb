package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

const planned = `{digest targets members messages sample{target name} refusals{target code} refusalCount canUndo undoableUntil}`

// openBulk serves an office on SQLite with more channels and users.
func openBulk(t *testing.T) *apitest.Server { return fillBulk(openOffice(t)) }

// fillBulk adds four channels to an office, cold and t0 to t2, and three users.
func fillBulk(s *apitest.Server) *apitest.Server {
	s.Helper()
	s.MustAsk(`mutation{upsertChatUsers(input:{users:[{id:"ben",name:"Ben"},{id:"carl",name:"Carl",role:ADMIN},{id:"dora",name:"Dora",role:ADMIN}]}){users{id}}
		createOrUpdateChannel(input:{id:"cold",name:"Cold"}) freezeChannel(input:{cid:"livestream:cold",frozen:true}){channel{id}}
		addMembers(input:{cid:"livestream:cold",userIds:["anna"]}){cid}
		c:banUser(input:{userId:"carl",reason:"loud"}){userId} d:banUser(input:{userId:"dora",reason:"loud"}){userId}}`, nil)
	if hasMutes(s) {
		s.MustAsk(`mutation{muteUser(input:{userId:"carl",cid:"livestream:cold"}){userId}}`, nil)
	}
	for i := range 3 {
		s.MustAsk(fmt.Sprintf(`mutation{createOrUpdateChannel(input:{id:"t%d",name:"Team %d",type:Team})}`, i, i), nil)
	}
	return s
}

func hasMutes(s *apitest.Server) bool { return slices.Contains(s.Provider.Info().Supports, chat.Mutes) }

// apply has a plan applied, waits until its job is over, and returns the job.
func apply(s *apitest.Server, input string) map[string]any {
	s.Helper()
	digest := at(s.MustAsk(`{plan(input:`+input+`){digest}}`, nil), "plan.digest")
	made := s.MustAsk(fmt.Sprintf(`mutation{applyPlan(input:{plan:%s,digest:%q,reason:"tidy"}){%s}}`, input, digest, job), nil)
	return over(s, anyOf(at(made, "applyPlan.job.id")))
}

// bulkRow is an operation on many targets, and what a query shows before and after it.
type bulkRow struct{ says, input, name, ask, before, after string }

// all is a list that has the same element several times.
func all(n int, element string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+" ", n), " ") + "]"
}

const (
	teams      = `{channels(typeName:"team"){nodes{frozen memberCount}}}`
	cold       = `{channels(search:"cold"){nodes{frozen memberCount}}}`
	some       = `{chatUsers(ids:["anna","ben"]){nodes{role ban{reason}}}}`
	banned     = `{chatUsers(ids:["carl","dora"]){nodes{ban{reason}}}}`
	inCold     = `{restrictions(cid:"livestream:cold"){kind user{id}}}`
	inTeam     = `{restrictions(cid:"team:t0"){kind user{id}}}`
	quiet      = `{chatUsers(ids:["anna","ben"]){nodes{mute{until}}}}`
	everywhere = `{channels{nodes{frozen}}}`
)

// bulkRows leave the office unchanged once they are undone.
var bulkRows = []bulkRow{
	{"freezing by search", `{operation:FREEZE_CHANNELS,channels:{search:"Team"}}`, "freezeChannel", teams,
		all(3, "map[frozen:false memberCount:0]"), all(3, "map[frozen:true memberCount:0]")},
	{"freezing of all", `{operation:FREEZE_CHANNELS,channels:{all:true}}`, "freezeChannel", everywhere,
		"[map[frozen:true] map[frozen:false] map[frozen:false] map[frozen:false] map[frozen:false]]", all(5, "map[frozen:true]")},
	{"thawing by cid", `{operation:UNFREEZE_CHANNELS,channels:{cids:["livestream:cold","team:t0"]}}`, "freezeChannel", cold,
		"[map[frozen:true memberCount:1]]", "[map[frozen:false memberCount:1]]"},
	{"new members by type", `{operation:ADD_MEMBERS,channels:{typeName:"team"},userIds:["ben","anna"]}`, "addMembers", teams,
		all(3, "map[frozen:false memberCount:0]"), all(3, "map[frozen:false memberCount:2]")},
	{"members gone from all", `{operation:REMOVE_MEMBERS,channels:{all:true},userIds:["anna"]}`, "removeMembers", cold,
		"[map[frozen:true memberCount:1]]", "[map[frozen:true memberCount:0]]"},
	{"roles by id", `{operation:SET_ROLES,users:{ids:["ben","anna","ben"]},role:MODERATOR}`, "setRoles", some,
		all(2, "map[ban:<nil> role:USER]"), all(2, "map[ban:<nil> role:MODERATOR]")},
	{"roles of all", `{operation:SET_ROLES,users:{all:true},role:ADMIN}`, "setRoles", some,
		all(2, "map[ban:<nil> role:USER]"), all(2, "map[ban:<nil> role:ADMIN]")},
	{"bans by role", `{operation:BAN_USERS,users:{role:USER}}`, "banUser", some,
		all(2, "map[ban:<nil> role:USER]"), all(2, "map[ban:map[reason:tidy] role:USER]")},
	{"bans in one channel by search", `{operation:BAN_USERS,users:{search:"Ben"},cid:"team:t0"}`, "banUser", inTeam,
		"[]", "[map[kind:BAN user:map[id:ben]]]"},
	{"bans lifted by id", `{operation:UNBAN_USERS,users:{ids:["carl","dora"]}}`, "unbanUser", banned,
		all(2, "map[ban:map[reason:loud]]"), all(2, "map[ban:<nil>]")},
	{"mutes lifted by id", `{operation:UNMUTE_USERS,users:{ids:["carl"]},cid:"livestream:cold"}`, "unmuteUser", inCold,
		"[map[kind:MUTE user:map[id:carl]]]", "[]"},
	{"mutes by search", `{operation:MUTE_USERS,users:{search:"n"},until:"2099-01-01T00:00:00Z"}`, "muteUser", quiet,
		all(2, "map[mute:<nil>]"), all(2, "map[mute:map[until:2099-01-01T00:00:00.000000Z]]")},
	{"deletion by type", `{operation:DELETE_CHANNELS,channels:{typeName:"team"}}`, "deleteChannels", teams,
		all(3, "map[frozen:false memberCount:0]"), "[]"},
}

// lastOver waits until the last job is over, and returns it.
func lastOver(s *apitest.Server) map[string]any {
	s.Helper()
	last := at(s.MustAsk(`{jobs(first:1){nodes{id}}}`, nil), "jobs.nodes").([]any)[0].(map[string]any)
	return over(s, anyOf(last["id"]))
}

// Each operation is planned, applied to all its targets with one change, and undone, over each kind
// of chat. What can't be undone there is said in the plan.
func TestBulkOperations(t *testing.T) {
	t.Parallel()
	eachChat(t, func(s *apitest.Server) {
		for _, row := range bulkRows {
			bulk(s, row)
		}
	})
}

// eachChat runs a test over each kind of chat, with the channels and users of fillBulk.
func eachChat(t *testing.T, test func(s *apitest.Server)) {
	for name, open := range map[string]func(t *testing.T) *apitest.Server{
		"SQLite":     openOffice,
		"PostgreSQL": func(t *testing.T) *apitest.Server { return openOfficeOn(t, sqlstore.Options{URL: pgtest.Open(t)}) },
		"hosted":     openOfficeOnHosted,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(fillBulk(open(t)))
		})
	}
}

func bulk(s *apitest.Server, row bulkRow) {
	s.Helper()
	if mutes := row.name == "muteUser" || row.name == "unmuteUser"; mutes && !hasMutes(s) {
		if got := s.Ask(`{plan(input:`+row.input+`){digest}}`, nil); len(got.Errors) != 1 || got.Errors[0].Code() != "UNSUPPORTED" {
			s.Errorf("%s: planned without mutes: %s", row.says, got.Text)
		}
		return
	}
	state := func() string {
		for _, field := range s.MustAsk(row.ask, nil) {
			if page, is := field.(map[string]any); is {
				field = page["nodes"]
			}
			return fmt.Sprint(field)
		}
		return ""
	}
	if got := state(); got != row.before {
		s.Fatalf("%s: before: %s", row.says, got)
	}
	deletes, bin := row.name == "deleteChannels", s.Provider.Info().BinKept > 0
	p := at(s.MustAsk(`{plan(input:`+row.input+`)`+planned+`}`, nil), "plan").(map[string]any)
	n := len(p["sample"].([]any))
	if fmt.Sprint(p["targets"]) != fmt.Sprint(n) || n == 0 || p["canUndo"] != (bin || !deletes) || (p["undoableUntil"] != nil) != (bin && deletes) {
		s.Errorf("%s: planned: %v", row.says, p)
	}
	j := apply(s, row.input)
	if j["state"] != "DONE" || j["operation"] != row.name || fmt.Sprint(j["done"]) != fmt.Sprint(n) {
		s.Errorf("%s: applied: %v", row.says, j)
	}
	if got := state(); got != row.after {
		s.Errorf("%s: after: %s", row.says, got)
	}
	change := anyOf(j["change"])
	c := at(s.MustAsk(`{change(id:"`+change+`"){operation reason canUndo}}`, nil), "change").(map[string]any)
	if c["operation"] != row.name || c["reason"] != "tidy" || c["canUndo"] != p["canUndo"] {
		s.Errorf("%s: the record: %v", row.says, c)
	}
	undo := s.Ask(`mutation{undo(input:{change:"`+change+`"}){change{id}}}`, nil)
	if p["canUndo"] == false {
		if len(undo.Errors) != 1 || undo.Errors[0].Code() != "UNSUPPORTED" {
			s.Errorf("%s: undone though that can't be: %s", row.says, undo.Text)
		}
		return
	}
	if len(undo.Errors) > 0 {
		s.Fatalf("%s: undone: %s", row.says, undo.Text)
	}
	if u := lastOver(s); u["operation"] != "undo" || u["state"] != "DONE" {
		s.Errorf("%s: undone: %v", row.says, u)
	}
	if got := state(); got != row.before {
		s.Errorf("%s: after the undo: %s", row.says, got)
	}
}

// A plan is applied only to the targets that it had.
func TestPlansOfOtherTargets(t *testing.T) {
	t.Parallel()
	eachChat(t, plansOfOtherTargets)
}

func plansOfOtherTargets(s *apitest.Server) {
	s.Helper()
	const input = `{operation:DELETE_CHANNELS,channels:{typeName:"team"}}`
	digest := at(s.MustAsk(`{plan(input:`+input+`){digest}}`, nil), "plan.digest")
	applied := func(input string) apitest.Reply {
		return s.Ask(fmt.Sprintf(`mutation{applyPlan(input:{plan:%s,digest:%q}){job{id}}}`, input, digest), nil)
	}
	s.MustAsk(`mutation{createOrUpdateChannel(input:{id:"t3",name:"Another",type:Team})}`, nil)
	for name, input := range map[string]string{
		"one more channel":  input,
		"another operation": `{operation:FREEZE_CHANNELS,channels:{cids:["team:t0","team:t1","team:t2"]}}`,
	} {
		if got := applied(input); len(got.Errors) != 1 || got.Errors[0].Code() != "CONFLICT" || got.Errors[0].Field() != "input.digest" {
			s.Errorf("%s: %s", name, got.Text)
		}
	}
	if got := applied(`{operation:DELETE_CHANNELS,channels:{cids:["team:t2","team:gone","team:t1","team:t0"]}}`); len(got.Errors) > 0 {
		s.Errorf("the same channels, named: %s", got.Text)
	}
	if jobs := at(s.MustAsk(`{jobs{nodes{total}}}`, nil), "jobs.nodes"); fmt.Sprint(jobs) != "[map[total:3]]" {
		s.Errorf("jobs: %v", jobs)
	}
}

// A repeat by key gets the first answer, also if by then the same input would be refused: its
// targets are others or gone, or its time is past.
func TestRepeatsOfWhatIsRefusedByNow(t *testing.T) {
	t.Parallel()
	s := openBulk(t)
	s.MustAsk(`mutation{createOrUpdateChannel(input:{id:"t9",name:"Nine",type:Gaming})}`, nil)
	until := time.Now().Add(700 * time.Millisecond)
	end := until.UTC().Format(time.RFC3339Nano)
	digest := func(plan string) any { return at(s.MustAsk(`{plan(input:`+plan+`){digest}}`, nil), "plan.digest") }
	const deletion = `{operation:DELETE_CHANNELS,channels:{typeName:"team"}}`
	bans := fmt.Sprintf(`{operation:BAN_USERS,users:{ids:["ben"]},cid:"gaming:t9",until:%q}`, end)
	draft := at(s.MustAsk(`mutation{createAnnouncement(input:{text:"x",channels:{cids:["gaming:t9"]}}){announcement{id}}}`, nil), "createAnnouncement.announcement.id")
	rows := map[string]string{
		"a deletion":      fmt.Sprintf(`mutation{applyPlan(input:{plan:%s,digest:%q}){job{id}}}`, deletion, digest(deletion)),
		"bans":            fmt.Sprintf(`mutation{applyPlan(input:{plan:%s,digest:%q}){job{id}}}`, bans, digest(bans)),
		"a ban":           fmt.Sprintf(`mutation{banUser(input:{userId:"anna",until:%q}){userId}}`, end),
		"an announcement": fmt.Sprintf(`mutation{sendAnnouncement(input:{id:%q}){announcement{id}}}`, draft),
	}
	send := func(name string) apitest.Reply {
		body, err := json.Marshal(map[string]string{"query": rows[name]})
		if err != nil {
			t.Fatal(err)
		}
		return s.Send("POST", s.URL, string(body), map[string]string{"Authorization": "Bearer " + s.Token, "Idempotency-Key": "of-" + strings.ReplaceAll(name, " ", "-")})
	}
	first := map[string]string{}
	for name := range rows {
		got := send(name)
		if first[name] = fmt.Sprint(got.Data); len(got.Errors) > 0 {
			t.Fatalf("%s: %s", name, got.Text)
		}
	}
	over(s, anyOf(draft))
	s.MustAsk(`mutation{deleteChannels(input:{cids:["gaming:t9"]})}`, nil)
	s.MustAsk(`mutation{createOrUpdateChannel(input:{id:"t8",name:"Eight",type:Team})}`, nil)
	time.Sleep(time.Until(until))
	for name := range rows {
		if got := send(name); len(got.Errors) > 0 || fmt.Sprint(got.Data) != first[name] {
			t.Errorf("the repeat of %s: %s", name, got.Text)
		}
		if again := s.Ask(rows[name], nil); len(again.Errors) != 1 {
			t.Errorf("%s without the key: %s", name, again.Text)
		}
	}
}

// A plan lists the targets that would be refused, and leaves them out.
func TestPlansTellWhatRefuses(t *testing.T) {
	t.Parallel()
	s := openBulk(t)
	s.MustAsk(`mutation{upsertChatUsers(input:{users:[{id:"alice",name:"Alice"}]}){users{id}}}`, nil) // who asks
	for input, want := range map[string]string{
		`{operation:FREEZE_CHANNELS,channels:{cids:["team:t0","team:gone"]}}`: "1 1 [map[code:NOT_FOUND target:team:gone]] [map[name:Team 0 target:team:t0]]",
		`{operation:BAN_USERS,users:{ids:["nobody","ben"]}}`:                  "1 1 [map[code:NOT_FOUND target:nobody]] [map[name:Ben target:ben]]",
		`{operation:MUTE_USERS,users:{ids:["alice","ben"]}}`:                  "1 1 [map[code:INVALID_ARGUMENTS target:alice]] [map[name:Ben target:ben]]",
		`{operation:UNBAN_USERS,users:{ids:["alice"]}}`:                       "1 0 [] [map[name:Alice target:alice]]",
	} {
		p := at(s.MustAsk(`{plan(input:`+input+`)`+planned+`}`, nil), "plan").(map[string]any)
		if got := fmt.Sprint(p["targets"], " ", p["refusalCount"], " ", p["refusals"], " ", p["sample"]); got != want {
			t.Errorf("%s: %s", input, got)
		}
	}
}

func TestPlanInputs(t *testing.T) {
	t.Parallel()
	s := openBulk(t)
	for name, input := range map[string]string{
		"no targets":            `operation:DELETE_CHANNELS`,
		"users of channels":     `operation:DELETE_CHANNELS,users:{all:true}`,
		"channels of users":     `operation:BAN_USERS,channels:{all:true}`,
		"all and a filter":      `operation:BAN_USERS,users:{all:true,search:"a"}`,
		"nobody":                `operation:BAN_USERS,users:{}`,
		"no role":               `operation:SET_ROLES,users:{all:true}`,
		"a role of a ban":       `operation:BAN_USERS,users:{all:true},role:ADMIN`,
		"no members":            `operation:ADD_MEMBERS,channels:{all:true}`,
		"members of a deletion": `operation:DELETE_CHANNELS,channels:{all:true},userIds:["ben"]`,
		"an unknown member":     `operation:ADD_MEMBERS,channels:{all:true},userIds:["nobody"]`,
		"an end of no ban":      `operation:UNBAN_USERS,users:{all:true},until:"2099-01-01T00:00:00Z"`,
		"an end in the past":    `operation:BAN_USERS,users:{all:true},until:"2020-01-01T00:00:00Z"`,
		"a channel of a role":   `operation:SET_ROLES,users:{all:true},role:ADMIN,cid:"team:t0"`,
		"a malformed channel":   `operation:BAN_USERS,users:{all:true},cid:"t0"`,
	} {
		if got := s.Ask(`{plan(input:{`+input+`}){targets}}`, nil); !slices.ContainsFunc(got.Errors, func(e apitest.ReplyError) bool { return e.Code() == string(chat.InvalidArguments) }) {
			t.Errorf("%s: %s", name, got.Text)
		}
	}
	const none = `{operation:DELETE_CHANNELS,channels:{search:"nothing at all"}}`
	digest := at(s.MustAsk(`{plan(input:`+none+`){digest}}`, nil), "plan.digest")
	if got := s.Ask(fmt.Sprintf(`mutation{applyPlan(input:{plan:%s,digest:%q}){job{id}}}`, none, digest), nil); len(got.Errors) != 1 || got.Errors[0].Code() != string(chat.InvalidArguments) {
		t.Errorf("a plan for nothing: %s", got.Text)
	}
}
