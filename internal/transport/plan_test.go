package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
	"backchannel/internal/transport/plan"
)

// twoWays runs queries in gqlgen's way and in ours.
type twoWays struct {
	*canned
	schema       *ast.Schema
	ours, theirs *transport.Server
	fast, slow   *atomic.Int64
}

func newTwoWays() twoWays {
	w := twoWays{canned: &canned{}}
	o := transport.Options{Dev: true, Desk: desk.New(desk.Options{})}
	s := graph.Schema(o.Desk, cannedRoot{&graph.Resolver{Desk: o.Desk}, w.canned})
	w.schema, w.theirs = s.Executable.Schema(), transport.New(o, transport.LeftToGqlgen(s))
	s, w.fast, w.slow = transport.CountPlanned(s)
	w.ours = transport.New(o, s)
	return w
}

// run answers a query. fast is how many fields of Query were written in one go, and slow
// how many were not.
func (w twoWays) run(t fataler, query string, planned bool) (answer string, fast, slow int) {
	t.Helper()
	s := w.theirs
	if planned {
		s = w.ours
	}
	ctx := transport.WithRequest(context.Background(), desk.Request{Caller: auth.Caller{ID: "alice"}})
	oc, errs := s.Operation(ctx, query, map[string]any{"t": true, "f": false})
	if len(errs) > 0 {
		t.Fatalf("%s: %v", query, errs)
	}
	w.fast.Store(0)
	w.slow.Store(0)
	answer, failed := s.Run(ctx, oc)
	if !unused(s.Memory()) {
		t.Fatalf("%s: memory is leased afterwards", query)
	}
	if failed { // gqlgen says of each value that it is missing
		answer += " with errors"
	}
	return answer, int(w.fast.Load()), int(w.slow.Load())
}

// unused reports whether nothing is leased: then one answer can have all there is at once.
func unused(m *plan.Memory) bool {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l, err := m.Lease(ctx, plan.AllBytes)
	if err == nil {
		l.End()
	}
	return err == nil
}

// served is the schema that is served.
func served() *ast.Schema { return graph.Schema(nil, nil).Executable.Schema() }

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// same checks that both ways give the same bytes, and that ours was used for each field of
// Query, or for none if fast is false.
func (w twoWays) same(t fataler, query string, fast bool) string {
	t.Helper()
	want, _, _ := w.run(t, query, false)
	got, written, left := w.run(t, query, true)
	if got != want {
		t.Fatalf("%s\n got:  %s\n want: %s", query, got, want)
	}
	if fast && left > 0 || !fast && written > 0 {
		t.Fatalf("%s: %d fields were written in one go, %d were not", query, written, left)
	}
	return got
}

func channel(id, name, avatar string) chat.Channel {
	return chat.Channel{CID: chat.CID{Type: chat.Team, ID: id}, Name: name, Avatar: avatar}
}

func TestPlannedEqualsGqlgens(t *testing.T) {
	w := newTwoWays()
	w.channels = []chat.Channel{
		channel("a", "A", "https://media.example/a.png"),
		channel("b", "", ""),
		channel("c", "\"quotes\" \\ / \b\f\n\r\t\x00\x1f\x7f", "</script>&'"),
		channel("d", "\u2028\u2029 \U0001F600 שלום \ufffd", ""),
		channel("e", "not \xff UTF-8 \xe2\x82", ""),
	}
	for _, row := range []struct {
		query string
		fast  bool
	}{
		{"{allChannels{id cid type name avatar}}", true},
		{"{allChannels{__typename}}", true},
		{"{all:allChannels{a:id b:id id id __typename t:__typename}}", true},
		{"query($t:Boolean!,$f:Boolean!){allChannels{id@skip(if:$t) cid@skip(if:$f) name@include(if:$f) avatar@include(if:$t)}}", true},
		{"query($t:Boolean!){allChannels{id@skip(if:$t)}}", true},
		{"query($t:Boolean!){allChannels@skip(if:$t){id} channels{nodes{id}}}", true},
		{"{allChannels{...F ...on ChatStreamChannelsBoResponse{name ...{x:avatar}}}} fragment F on ChatStreamChannelsBoResponse{cid ...G id} fragment G on ChatStreamChannelsBoResponse{id type}", true},
		{"{allChannels{id} two:allChannels{name}}", true},
		{"{...Q} fragment Q on Query{allChannels{id}}", true},
		{"{allChannels{id} allChannels{name}}", true},
		{"{channels{nodes{id} ...C} channels{pageInfo{endCursor} nodes{name}}} fragment C on ChannelConnection{nodes{cid ...{name}} edges{cursor}}", true},
		{"{channel(cid:\"team:a\"){id seq frozen lastMessageAt}}", true},
		// The schema doesn't allow a channel without a date.
		{"{channels{nodes{id createdAt}}}", true},
		{"{channel(cid:\"team:a\"){createdAt} allChannels{id}}", true},
	} {
		w.same(t, row.query, row.fast)
	}
	w.channels = nil
	for query, want := range map[string]string{
		"{allChannels{id}}": `{"allChannels":[]}`,
		"{channels{nodes{id} edges{cursor} pageInfo{hasNextPage startCursor}}}": `{"channels":{"nodes":[],"edges":[],"pageInfo":{"hasNextPage":false,"startCursor":null}}}`,
	} {
		if got := w.same(t, query, true); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	if got := w.same(t, "{channel(cid:\"team:a\"){id}}", false); got != `{"channel":null}` {
		t.Errorf("no channel: %s", got)
	}
}

// TestEveryFieldIsPlanned finds fields that the table of objects lacks: with them,
// a query would be many times slower.
func TestEveryFieldIsPlanned(t *testing.T) {
	w := newTwoWays()
	schema := w.schema
	at := time.Unix(1_800_000_000, 123_000).UTC()
	user := chat.User{ID: "u", CreatedAt: at, UpdatedAt: at, Ban: &chat.Restriction{Until: at}, Mute: &chat.Restriction{By: "a"}}
	w.channels = []chat.Channel{{CreatedAt: at, UpdatedAt: at}}
	w.users, w.members = []chat.User{user}, []chat.Member{{User: user, AddedAt: at}}
	w.restrictions = []chat.ChannelRestriction{{Restriction: chat.Restriction{Kind: chat.Ban}, User: user}}
	w.messages = []chat.Message{{Sender: user, CreatedAt: at, Mentions: w.users,
		Attachments: []json.RawMessage{chat.Attachment{AssetURL: "https://e.com/a.png"}.Raw()}, Reactions: map[string]chat.ReactionGroup{"like": {Count: 1}}}}
	w.changes = []chat.Change{{Source: chat.Source{Via: chat.ByGraphQL}, Outcome: chat.ChangeDone, At: at, Targets: []chat.ChangeTarget{{Kind: chat.UserTarget, UserID: "u"}}}}
	w.binned = []chat.BinnedChannel{{No: 7, DeletedAt: at, ErasedAt: at}}
	job := chat.Job{Operation: "deleteChannels", State: chat.JobFailures, Schedule: chat.Schedule{Local: "2026-12-01T08:00", Zone: "Europe/Berlin"}, CreatedAt: at}
	w.jobs, w.jobRows = []chat.Job{job}, []chat.JobRow{{No: 1, State: chat.RowFailed, Failed: &chat.Error{Code: chat.NotFound, Message: "It is gone."}}}
	w.announcements = []desk.Announcement{{Announcement: chat.Announcement{Job: job, Edit: &job, Recall: &job, CreatedAt: at, UpdatedAt: at,
		Body: chat.MessageBody{Attachments: w.messages[0].Attachments}, Audience: chat.ChannelSelection{CIDs: []chat.CID{{Type: chat.Team, ID: "a"}, {}}, InactiveSince: at}}, Mentioned: w.users}}
	w.plans = []desk.AnnouncementPlan{{Refusals: desk.Refusals{Listed: []desk.Refusal{{Target: "team:a", Why: w.jobRows[0].Failed}}, Count: 1}, Preview: w.messages[0]}}
	w.bulk = desk.Plan{Sample: []desk.PlanTarget{{Target: "team:a", Name: "A"}}, Refusals: w.plans[0].Refusals, UndoableUntil: at}
	w.webhooks = []chat.Webhook{{Events: []chat.EventType{chat.MessageNew, chat.UserBanned}, Enabled: true, CreatedAt: at, UpdatedAt: at, DeliveredAt: at}}
	w.deliveries = []chat.Delivery{{CID: chat.CID{Type: chat.Team, ID: "a"}, Status: 503, Error: "the answer is 503", State: chat.DeliveryRetrying, FirstAt: at, LastAt: at, NextAt: at}}
	for _, name := range plannedQueries() {
		f := schema.Query.Fields.ForName(name)
		w.same(t, "{"+call(f)+everything(schema, f.Type)+"}", true)
	}
}

// plannedQueries are the fields of Query that are written in one go.
func plannedQueries() (names []string) {
	for name := range graph.Schema(nil, nil).Roots {
		if name, ok := strings.CutPrefix(name, "Query."); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// call names a field with the arguments that it needs.
func call(f *ast.FieldDefinition) string {
	if f.Arguments.ForName("cids") != nil {
		return f.Name + `(cids:["team:a"])`
	}
	for _, a := range f.Arguments {
		if a.Name == "input" {
			return f.Name + "(input:{operation:BAN_USERS})"
		}
		if a.Name == "cid" || a.Type.NonNull && a.DefaultValue == nil {
			return f.Name + "(" + a.Name + `:"team:a")`
		}
	}
	return f.Name
}

func everything(schema *ast.Schema, t *ast.Type) string {
	def := schema.Types[t.Name()]
	if !def.IsCompositeType() {
		return " "
	}
	var b strings.Builder
	for _, f := range def.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			b.WriteString(f.Name + everything(schema, f.Type))
		}
	}
	return "{" + b.String() + "}"
}

func TestPlansOfAnySelectionAndData(t *testing.T) {
	w := newTwoWays()
	rapid.Check(t, func(t *rapid.T) { w.sameForAny(t) })
}

func FuzzPlans(f *testing.F) {
	w := newTwoWays()
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { w.sameForAny(t) }))
}

// sameForAny compares the two ways over any selection and any data. Sometimes a date is
// missing that the schema requires.
func (w twoWays) sameForAny(t *rapid.T) {
	whole := rapid.IntRange(0, 3).Draw(t, "whole") > 0
	d := drawn{t, whole}
	w.more = rapid.Bool().Draw(t, "more")
	w.channels, w.messages = listOf(d, drawn.channel), listOf(d, drawn.message)
	w.users, w.members = listOf(d, drawn.user), listOf(d, drawn.member)
	w.restrictions, w.changes, w.binned = listOf(d, drawn.channelRestriction), listOf(d, drawn.change), listOf(d, drawn.binned)
	w.jobs, w.jobRows, w.announcements = listOf(d, drawn.job), listOf(d, drawn.jobRow), listOf(d, drawn.announcement)
	w.plans, w.bulk = []desk.AnnouncementPlan{d.plan()}, d.bulk()
	w.webhooks, w.deliveries = listOf(d, drawn.webhook), listOf(d, drawn.delivery)
	g := selector{T: t, schema: w.schema, room: 40}
	names := plannedQueries()
	var selected strings.Builder
	for i := range rapid.IntRange(1, 3).Draw(t, "roots") {
		f := g.schema.Query.Fields.ForName(rapid.SampledFrom(names).Draw(t, "root"))
		fmt.Fprintf(&selected, " r%d:%s%s%s", i, call(f), g.directive(), g.set(g.schema.Types[f.Type.Name()]))
		if rapid.Bool().Draw(t, "everything") {
			fmt.Fprintf(&selected, " all%d:%s%s", i, call(f), everything(g.schema, f.Type))
		}
	}
	query := "query($t:Boolean!,$f:Boolean!){" + selected.String() + " rest:__typename@skip(if:$t)@include(if:$f)}" + g.fragments
	fast := whole && len(w.channels) > 0 && len(w.changes) > 0 && len(w.announcements) > 0 // else one may be null
	want, _, _ := w.run(t, query, false)
	got, _, left := w.run(t, query, true)
	if got != want {
		t.Fatalf("%s\n got:  %s\n want: %s", query, got, want)
	}
	if fast && left > 0 {
		t.Fatalf("%s: gqlgen wrote %d fields", query, left)
	}
}

// selector draws selections of a schema.
type selector struct {
	*rapid.T
	schema    *ast.Schema
	fragments string
	named     []string // the types of the fragments, whose names are F0, F1, …
	room      int      // selections that may still be drawn; a document has its limits
}

func (g *selector) set(def *ast.Definition) string {
	var b strings.Builder
	for range rapid.IntRange(1, max(1, min(5, g.room))).Draw(g.T, "fields") {
		g.room--
		b.WriteString(" " + g.selection(def))
	}
	return "{" + b.String() + "}"
}

func (g *selector) selection(def *ast.Definition) string {
	if g.room <= 0 {
		return "__typename"
	}
	switch rapid.IntRange(0, 9).Draw(g.T, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"__typename", "t:__typename"}).Draw(g.T, "typename") + g.directive()
	case 1:
		return "..." + rapid.SampledFrom([]string{"", " on " + def.Name}).Draw(g.T, "condition") + g.directive() + g.set(def)
	case 2:
		return "..." + g.fragment(def) + g.directive()
	}
	f := rapid.SampledFrom(def.Fields).Draw(g.T, "field")
	// A name stands for one field only, so that selections can be merged.
	alias := rapid.SampledFrom([]string{"", "a_" + f.Name + ":", "b_" + f.Name + ":"}).Draw(g.T, "alias")
	out := alias + f.Name + g.directive()
	if of := g.schema.Types[f.Type.Name()]; of.IsCompositeType() {
		out += g.set(of)
	}
	return out
}

func (g *selector) directive() string {
	return rapid.SampledFrom([]string{"", "", "", "", "@skip(if:$t)", "@skip(if:$f)", "@include(if:$t)", "@include(if:$f)", "@include(if:true)"}).Draw(g.T, "directive")
}

// fragment names a fragment: one that there is, or a new one.
func (g *selector) fragment(def *ast.Definition) string {
	if i := slices.Index(g.named, def.Name); i >= 0 && rapid.Bool().Draw(g.T, "again") {
		return fmt.Sprintf("F%d", i)
	}
	body := g.set(def)
	name := fmt.Sprintf("F%d", len(g.named))
	g.named = append(g.named, def.Name)
	g.fragments += " fragment " + name + " on " + def.Name + body
	return name
}
