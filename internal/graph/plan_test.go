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
)

const planned = `{digest targets members messages sample{target name} refusals{target code} refusalCount canUndo undoableUntil}`

// openBulk serves an office with three more channels, t0 to t2, and a user more, ben.
func openBulk(t *testing.T) *apitest.Server {
	s := openOffice(t)
	s.MustAsk(`mutation{upsertChatUsers(input:{users:[{id:"ben",name:"Ben"}]}){users{id}}}`, nil)
	s.MustAsk(`mutation{createOrUpdateChannel(input:{id:"cold",name:"Cold"}) upsertChatUsers(input:{users:[{id:"carl",name:"Carl",role:ADMIN},{id:"dora",name:"Dora",role:ADMIN}]}){users{id}}
		freezeChannel(input:{cid:"livestream:cold",frozen:true}){channel{id}} addMembers(input:{cid:"livestream:cold",userIds:["anna"]}){cid}
		c:banUser(input:{userId:"carl",reason:"loud"}){userId} d:banUser(input:{userId:"dora",reason:"loud"}){userId} muteUser(input:{userId:"carl",cid:"livestream:cold"}){userId}}`, nil)
	for i := range 3 {
		s.MustAsk(fmt.Sprintf(`mutation{createOrUpdateChannel(input:{id:"t%d",name:"Team %d",type:Team})}`, i, i), nil)
	}
	return s
}

// apply has a plan applied, waits until its job is over, and returns the job.
func apply(s *apitest.Server, input string) map[string]any {
	s.Helper()
	digest := at(s.MustAsk(`{plan(input:`+input+`){digest}}`, nil), "plan.digest")
	made := s.MustAsk(fmt.Sprintf(`mutation{applyPlan(input:{plan:%s,digest:%q,reason:"tidy"}){%s}}`, input, digest, job), nil)
	return over(s, anyOf(at(made, "applyPlan.job.id")))
}

// Each operation is planned, applied to all its targets with one change, and undone.
func TestBulkOperations(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ input, name, ask, before, after string }{
		"deletion": {`{operation:DELETE_CHANNELS,channels:{typeName:"team"}}`, "deleteChannels",
			`{channels(typeName:"team"){nodes{id}}}`, "[map[id:t0] map[id:t1] map[id:t2]]", "[]"},
		"freezing": {`{operation:FREEZE_CHANNELS,channels:{search:"Team"}}`, "freezeChannel",
			`{channels(typeName:"team"){nodes{frozen}}}`, "[map[frozen:false] map[frozen:false] map[frozen:false]]", "[map[frozen:true] map[frozen:true] map[frozen:true]]"},
		"new members": {`{operation:ADD_MEMBERS,channels:{typeName:"team"},userIds:["ben","anna"]}`, "addMembers",
			`{channels(typeName:"team"){nodes{memberCount}}}`, "[map[memberCount:0] map[memberCount:0] map[memberCount:0]]", "[map[memberCount:2] map[memberCount:2] map[memberCount:2]]"},
		"roles": {`{operation:SET_ROLES,users:{ids:["ben","anna","ben"]},role:MODERATOR}`, "setRoles",
			`{chatUsers(ids:["anna","ben"]){nodes{role}}}`, "[map[role:USER] map[role:USER]]", "[map[role:MODERATOR] map[role:MODERATOR]]"},
		"thawing": {`{operation:UNFREEZE_CHANNELS,channels:{cids:["livestream:cold","team:t0"]}}`, "freezeChannel",
			`{channels(search:"cold"){nodes{frozen}}}`, "[map[frozen:true]]", "[map[frozen:false]]"},
		"members gone": {`{operation:REMOVE_MEMBERS,channels:{all:true},userIds:["anna"]}`, "removeMembers",
			`{channels(search:"cold"){nodes{memberCount}}}`, "[map[memberCount:1]]", "[map[memberCount:0]]"},
		"bans lifted": {`{operation:UNBAN_USERS,users:{ids:["carl","dora"]}}`, "unbanUser",
			`{chatUsers(ids:["carl","dora"]){nodes{ban{reason}}}}`, "[map[ban:map[reason:loud]] map[ban:map[reason:loud]]]", "[map[ban:<nil>] map[ban:<nil>]]"},
		"mutes lifted": {`{operation:UNMUTE_USERS,users:{ids:["carl"]},cid:"livestream:cold"}`, "unmuteUser",
			`{restrictions(cid:"livestream:cold"){kind}}`, "[map[kind:MUTE]]", "[]"},
		"bans": {`{operation:BAN_USERS,users:{role:USER}}`, "banUser",
			`{chatUsers(ids:["anna","ben"]){nodes{ban{reason}}}}`, "[map[ban:<nil>] map[ban:<nil>]]", "[map[ban:map[reason:tidy]] map[ban:map[reason:tidy]]]"},
		"mutes": {`{operation:MUTE_USERS,users:{search:"n"},until:"2099-01-01T00:00:00Z"}`, "muteUser",
			`{chatUsers(ids:["anna","ben"]){nodes{mute{until}}}}`, "[map[mute:<nil>] map[mute:<nil>]]", "[map[mute:map[until:2099-01-01T00:00:00.000000Z]] map[mute:map[until:2099-01-01T00:00:00.000000Z]]]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openBulk(t)
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
				t.Fatalf("before: %s", got)
			}
			p := s.MustAsk(`{plan(input:`+row.input+`)`+planned+`}`, nil)
			n := len(at(p, "plan.sample").([]any))
			if fmt.Sprint(at(p, "plan.targets")) != fmt.Sprint(n) || n == 0 || at(p, "plan.canUndo") != true || (at(p, "plan.undoableUntil") != nil) != (name == "deletion") {
				t.Errorf("planned: %v", p)
			}
			j := apply(s, row.input)
			if j["state"] != "DONE" || j["operation"] != row.name || fmt.Sprint(j["done"]) != fmt.Sprint(n) {
				t.Errorf("applied: %v", j)
			}
			if got := state(); got != row.after {
				t.Errorf("after: %s", got)
			}
			c := s.MustAsk(`{change(id:"`+j["change"].(string)+`"){operation reason targetCount}}`, nil)
			if at(c, "change.operation") != row.name || at(c, "change.reason") != "tidy" {
				t.Errorf("the record: %v", c)
			}
			s.MustAsk(`mutation{undo(input:{change:"`+j["change"].(string)+`"}){change{id}}}`, nil)
			undo := at(s.MustAsk(`{jobs(first:1){nodes{id operation}}}`, nil), "jobs.nodes").([]any)[0].(map[string]any)
			if u := over(s, undo["id"].(string)); u["operation"] != "undo" || u["state"] != "DONE" {
				t.Errorf("undone: %v", u)
			}
			if got := state(); got != row.before {
				t.Errorf("after the undo: %s", got)
			}
		})
	}
}

// A plan is applied only to the targets that it had.
func TestPlansOfOtherTargets(t *testing.T) {
	t.Parallel()
	s := openBulk(t)
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
			t.Errorf("%s: %s", name, got.Text)
		}
	}
	if got := applied(`{operation:DELETE_CHANNELS,channels:{cids:["team:t2","team:gone","team:t1","team:t0"]}}`); len(got.Errors) > 0 {
		t.Errorf("the same channels, named: %s", got.Text)
	}
	if jobs := at(s.MustAsk(`{jobs{nodes{total}}}`, nil), "jobs.nodes"); fmt.Sprint(jobs) != "[map[total:3]]" {
		t.Errorf("jobs: %v", jobs)
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

// What refuses is told before, and is no target.
func TestPlansTellWhatRefuses(t *testing.T) {
	t.Parallel()
	s := openBulk(t)
	for input, want := range map[string]string{
		`{operation:FREEZE_CHANNELS,channels:{cids:["team:t0","team:gone"]}}`: "1 1 [map[code:NOT_FOUND target:team:gone]] [map[name:Team 0 target:team:t0]]",
		`{operation:BAN_USERS,users:{ids:["nobody","ben"]}}`:                  "1 1 [map[code:NOT_FOUND target:nobody]] [map[name:Ben target:ben]]",
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
