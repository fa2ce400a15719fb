package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/chat"
)

const job = `job{id operation state total done failed change announcement localTime zone dueAt endedAt}`

const announcement = `announcement{id text attachments{assetUrl} mentionedUsers{id name} channels{cids typeName search inactiveSince all}
	sender createdBy ` + job + ` recall{id}}`

// at is a part of an answer by its path.
func at(data map[string]any, path string) any {
	var v any = data
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// over waits until a job is over, and returns it.
func over(s *apitest.Server, id string) map[string]any {
	s.Helper()
	feed, err := s.Provider.SubscribeJobs(s.Context(), nil)
	if err != nil {
		s.Fatal(err)
	}
	defer feed.Close()
	for {
		j := at(s.MustAsk(`{`+strings.Replace(job, "job{", `job(id:"`+id+`"){`, 1)+`}`, nil), "job").(map[string]any)
		if j["endedAt"] != nil {
			return j
		}
		if _, err := feed.Next(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
}

// drafted makes a draft for the channel of the office, and returns its id.
func drafted(s *apitest.Server, channels string) string {
	s.Helper()
	data := s.MustAsk(`mutation{createAnnouncement(input:{text:"closed tomorrow",attachments:[{title:"Map",assetUrl:"https://e.com/map.png"}],
		mentionedUsersIds:["anna"],channels:`+channels+`}){`+announcement+`}}`, nil)
	return at(data, "createAnnouncement.announcement.id").(string)
}

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	id := drafted(s, `{all:true}`)
	plan := at(s.MustAsk(`{announcementPlan(id:"`+id+`"){channels members refusalCount refusals{target code message} preview{text attachments{imageUrl} mentionedUsers{name} sender{id} cid}}}`, nil), "announcementPlan").(map[string]any)
	if fmt.Sprint(plan["channels"], plan["members"], plan["refusalCount"]) != "1 1 0" || at(plan, "preview.text") != "closed tomorrow" {
		t.Errorf("planned: %v", plan)
	}
	sent := s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+id+`"}){`+announcement+`}}`, nil)
	if got := at(sent, "sendAnnouncement.announcement.job.state"); got != "RUNNING" && got != "DONE" {
		t.Errorf("sent: %v", sent)
	}
	if j := over(s, id); j["state"] != "DONE" || fmt.Sprint(j["done"], j["total"]) != "1 1" || j["announcement"] != id {
		t.Errorf("sent: %v", j)
	}
	edit := s.MustAsk(`mutation{editAnnouncement(input:{id:"`+id+`",text:"closed today"}){`+job+`}}`, nil)
	over(s, at(edit, "editAnnouncement.job.id").(string))
	texts := func() string {
		return fmt.Sprint(at(s.MustAsk(`{messages(cid:"livestream:news",last:1){nodes{text deletedAt}}}`, nil), "messages.nodes").([]any)[0].(map[string]any)["text"])
	}
	if got := texts(); got != "closed today" {
		t.Errorf("edited: %q", got)
	}
	if r := s.MustAsk(`{announcementReaders(id:"`+id+`"){read members}}`, nil); fmt.Sprint(at(r, "announcementReaders.read"), at(r, "announcementReaders.members")) != "0 1" {
		t.Errorf("readers: %v", r)
	}
	recall := s.MustAsk(`mutation{recallAnnouncement(input:{id:"`+id+`",reason:"a mistake"}){`+job+`}}`, nil)
	j := over(s, at(recall, "recallAnnouncement.job.id").(string))
	if got := texts(); got != "" {
		t.Errorf("recalled: %q", got)
	}
	listed := s.MustAsk(`{announcements{nodes{id recall{id}}} jobs{nodes{id operation}} jobRows(job:"`+id+`"){nodes{no target state code message}}}`, nil)
	if rows := at(listed, "jobRows.nodes").([]any); len(rows) != 1 || rows[0].(map[string]any)["target"] != "livestream:news" {
		t.Errorf("rows: %v", rows)
	}
	s.MustAsk(`mutation{undo(input:{change:"`+j["change"].(string)+`"}){change{id}}}`, nil)
	undo := at(s.MustAsk(`{jobs(first:1){nodes{id operation}}}`, nil), "jobs.nodes").([]any)[0].(map[string]any)
	if over(s, undo["id"].(string)); undo["operation"] != "undo" || texts() != "closed today" {
		t.Errorf("undone: %v, %q", undo, texts())
	}
}

// Over each kind of chat an announcement is what its plan says, and an edit and a recall are done
// everywhere, and undone.
func TestAnnouncementsOverEachChat(t *testing.T) {
	t.Parallel()
	eachChat(t, func(s *apitest.Server) {
		said := func() (texts []string) {
			for _, cid := range []string{"livestream:cold", "livestream:news", "team:t0", "team:t1", "team:t2"} {
				for _, m := range at(s.MustAsk(`{messages(cid:"`+cid+`"){nodes{text}}}`, nil), "messages.nodes").([]any) {
					if text := anyOf(m.(map[string]any)["text"]); strings.HasPrefix(text, "closed") {
						texts = append(texts, text)
					}
				}
			}
			return texts
		}
		s.MustAsk(`mutation{freezeChannel(input:{cid:"livestream:cold",frozen:false}){channel{id}}}`, nil) // hosted Stream takes nothing in a frozen channel
		id := drafted(s, `{all:true}`)
		plan := at(s.MustAsk(`{announcementPlan(id:"`+id+`"){channels refusalCount}}`, nil), "announcementPlan")
		if fmt.Sprint(plan) != "map[channels:5 refusalCount:0]" {
			s.Errorf("planned: %v", plan)
		}
		const n = 5
		done := func(what string, j map[string]any, says string) {
			s.Helper()
			if fmt.Sprint(j["done"]) != fmt.Sprint(n) {
				s.Errorf("%s: %v", what, j)
			}
			var want []string
			if says != "" {
				want = slices.Repeat([]string{says}, n)
			}
			if got := said(); !slices.Equal(got, want) {
				s.Errorf("%s: the channels have %q, want %q", what, got, want)
			}
		}
		undone := func(what string, j map[string]any, says string) {
			s.Helper()
			if can := at(s.MustAsk(`{change(id:"`+anyOf(j["change"])+`"){canUndo}}`, nil), "change.canUndo"); can != true {
				s.Errorf("%s can't be undone", what)
			}
			s.MustAsk(`mutation{undo(input:{change:"`+anyOf(j["change"])+`"}){change{id}}}`, nil)
			u := lastOver(s)
			if done(what+" undone", u, says); u["operation"] != "undo" || u["announcement"] != id {
				s.Errorf("%s undone: %v", what, u)
			}
		}
		s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+id+`"}){announcement{id}}}`, nil)
		done("sent", over(s, id), "closed tomorrow")
		edit := s.MustAsk(`mutation{editAnnouncement(input:{id:"`+id+`",text:"closed today"}){`+job+`}}`, nil)
		j := over(s, anyOf(at(edit, "editAnnouncement.job.id")))
		done("edited", j, "closed today")
		undone("the edit", j, "closed tomorrow")
		recall := s.MustAsk(`mutation{recallAnnouncement(input:{id:"`+id+`"}){`+job+`}}`, nil)
		j = over(s, anyOf(at(recall, "recallAnnouncement.job.id")))
		done("recalled", j, "")
		undone("the recall", j, "closed tomorrow")
	})
}

// Whoever changes or sends an announcement doesn't overwrite, or send, what a colleague wrote unseen.
func TestAnnouncementVersions(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	id := drafted(s, `{all:true}`)
	version := func() string {
		return anyOf(at(s.MustAsk(`{announcement(id:"`+id+`"){version}}`, nil), "announcement.version"))
	}
	update := func(version string) string {
		return `updateAnnouncement(input:{id:"` + id + `",text:"closed today",channels:{all:true},ifVersion:"` + version + `"}){announcement{id}}`
	}
	send := func(version string) string {
		return `sendAnnouncement(input:{id:"` + id + `",ifVersion:"` + version + `"}){announcement{id}}`
	}
	edit := func(version string) string {
		return `a:editAnnouncement(input:{id:"` + id + `",text:"closed at noon",ifVersion:"` + version + `"}){job{id change}}`
	}
	conflicts := func(mutation string, change any) {
		s.Helper()
		got := s.Ask(`mutation{`+mutation+`}`, nil)
		if len(got.Errors) != 1 || got.Errors[0].Code() != "CONFLICT" || got.Errors[0].Field() != "input.ifVersion" || got.Errors[0].Extensions["change"] != change {
			s.Errorf("%s: %s", mutation, got.Text)
		}
	}
	seen := version()
	s.MustAsk(`mutation{`+update(seen)+`}`, nil)
	conflicts(update(seen), nil)
	conflicts(send(seen), nil)
	seen = version()
	s.MustAsk(`mutation{`+send(seen)+`}`, nil)
	over(s, id)
	edited := at(s.MustAsk(`mutation{`+edit(seen)+`}`, nil), "a.job").(map[string]any)
	over(s, anyOf(edited["id"]))
	conflicts(edit(seen), edited["change"])
}

// Each mutation about announcements and jobs leaves a record of what it was about.
func TestAnnouncementsLeaveRecords(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	id := drafted(s, `{cids:["livestream:news","livestream:gone"]}`)
	input := `(input:{id:"` + id + `"})`
	for _, step := range []string{
		`updateAnnouncement(input:{id:"` + id + `",text:"other",channels:{cids:["livestream:news","livestream:gone"]}}){announcement{id}}`,
		`sendAnnouncement(input:{id:"` + id + `",localTime:"2099-01-01T08:00",zone:"Europe/Berlin"}){announcement{id}}`,
		`cancelAnnouncement` + input + `{announcement{id}}`,
		`sendAnnouncement` + input + `{announcement{id}}`,
	} {
		s.MustAsk(`mutation{`+step+`}`, nil)
	}
	over(s, id)
	s.MustAsk(`mutation{retryJob`+input+`{job{id}}}`, nil)
	over(s, id)
	for _, step := range []string{`editAnnouncement(input:{id:"` + id + `",text:"new"}){job{id}}`, `recallAnnouncement` + input + `{job{id}}`} {
		over(s, anyOf(at(s.MustAsk(`mutation{a:`+step+`}`, nil), "a.job.id")))
	}
	other := drafted(s, `{all:true}`)
	s.MustAsk(`mutation{deleteAnnouncement(input:{id:"`+other+`"}){id}}`, nil)
	stopped := drafted(s, `{all:true}`)
	s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+stopped+`",localTime:"2099-01-01T08:00",zone:"Asia/Tokyo"}){announcement{id}}
		stopJob(input:{id:"`+stopped+`",reason:"not needed"}){job{id}}}`, nil)
	for operation, target := range map[string]string{
		"createAnnouncement": "announcement", "updateAnnouncement": "announcement", "deleteAnnouncement": "announcement", "sendAnnouncement": "announcement",
		"cancelAnnouncement": "announcement", "editAnnouncement": "announcement", "recallAnnouncement": "announcement", "retryJob": "job", "stopJob": "job",
	} {
		list := changes(s, `(filter:{operation:"`+operation+`"})`)
		if len(list) == 0 {
			t.Errorf("%s left no record", operation)
			continue
		}
		first := list[len(list)-1]["targets"].([]any)[0].(map[string]any)
		if first["kind"] != target || first["item"] == nil {
			t.Errorf("%s is about %v", operation, first)
		}
	}
}

func anyOf(v any) string { s, _ := v.(string); return s }

// Pausing and resuming is seen by whoever follows jobs.
func TestJobsArePaused(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	by := chat.Operation{By: chat.Actor{ID: "alice", BackOffice: true}}
	for i := range 400 {
		if err := s.Provider.PutChannel(s.Context(), chat.PutChannel{Operation: by, CID: chat.CID{Type: chat.Team, ID: fmt.Sprint("t", i)}, Name: "T"}); err != nil {
			t.Fatal(err)
		}
	}
	id := drafted(s, `{typeName:"team"}`)
	data := s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+id+`"}){announcement{id}} pauseJob(input:{id:"`+id+`"}){`+job+`}}`, nil)
	if at(data, "pauseJob.job.state") != "PAUSED" {
		t.Fatalf("paused: %v", data)
	}
	if list := changes(s, `(filter:{operation:"pauseJob"})`); len(list) != 1 {
		t.Errorf("%d records of the pause", len(list))
	}
	s.MustAsk(`mutation{resumeJob(input:{id:"`+id+`"}){job{id}}}`, nil)
	if j := over(s, id); j["state"] != "DONE" || fmt.Sprint(j["done"]) != "400" {
		t.Errorf("resumed: %v", j)
	}
	if list := changes(s, `(filter:{operation:"resumeJob"})`); len(list) != 1 {
		t.Errorf("%d records of the resumption", len(list))
	}
}

func TestAnnouncementInputs(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	id := drafted(s, `{all:true}`)
	sent := drafted(s, `{all:true}`)
	s.MustAsk(`mutation{sendAnnouncement(input:{id:"`+sent+`"}){announcement{id}}}`, nil)
	over(s, sent)
	for _, tt := range []struct{ name, mutation, code string }{
		{"nothing to say", `createAnnouncement(input:{text:"",channels:{all:true}}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"no channels", `createAnnouncement(input:{text:"x",channels:{}}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"all and a filter", `createAnnouncement(input:{text:"x",channels:{all:true,search:"a"}}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"a malformed cid", `createAnnouncement(input:{text:"x",channels:{cids:["news"]}}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"an unknown user", `createAnnouncement(input:{text:"x",mentionedUsersIds:["nobody"],channels:{all:true}}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"a file of another type", `createAnnouncement(input:{text:"x",attachments:[{title:"",assetUrl:"https://e.com/a.pdf"}],channels:{all:true}}){announcement{id}}`, "FILE_TYPE_NOT_SUPPORTED"},
		{"a zone alone", `sendAnnouncement(input:{id:"` + id + `",zone:"Europe/Berlin"}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"no such zone", `sendAnnouncement(input:{id:"` + id + `",localTime:"2099-01-01T08:00",zone:"Berlin"}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"the past", `sendAnnouncement(input:{id:"` + id + `",localTime:"2020-01-01T08:00",zone:"Europe/Berlin"}){announcement{id}}`, "INVALID_ARGUMENTS"},
		{"no such announcement", `sendAnnouncement(input:{id:"none"}){announcement{id}}`, "NOT_FOUND"},
		{"a draft is recalled", `recallAnnouncement(input:{id:"` + id + `"}){job{id}}`, "CONFLICT"},
		{"a draft is paused", `pauseJob(input:{id:"` + id + `"}){job{id}}`, "CONFLICT"},
		{"sent twice", `sendAnnouncement(input:{id:"` + sent + `"}){announcement{id}}`, "CONFLICT"},
		{"rewritten after it was sent", `updateAnnouncement(input:{id:"` + sent + `",text:"x",channels:{all:true}}){announcement{id}}`, "CONFLICT"},
		{"removed after it was sent", `deleteAnnouncement(input:{id:"` + sent + `"}){id}`, "CONFLICT"},
		{"nothing failed", `retryJob(input:{id:"` + sent + `"}){job{id}}`, "CONFLICT"},
		{"no such job", `stopJob(input:{id:"none"}){job{id}}`, "NOT_FOUND"},
	} {
		if got := s.Ask(`mutation{`+tt.mutation+`}`, nil); !slices.ContainsFunc(got.Errors, func(e apitest.ReplyError) bool { return e.Code() == tt.code }) {
			t.Errorf("%s: %s", tt.name, got.Text)
		}
	}
}
