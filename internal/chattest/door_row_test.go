package chattest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// row is a requirement: after the given acts through either door, an act through either door
// succeeds or is refused. Then both doors show the same state, and subscribers and logs get the
// same events.
type row struct {
	says  string
	given []act
	act   act
	// The error code from each door, "" for none. A refused act changes nothing.
	graph, stream string
	sees          []look
	live          []string // the events that carol gets, who subscribes to the room
	desk          []string // the events that the back office gets
	gone          string   // the user whom the act erases
	alone         bool     // the row needs a chat of its own, since it changes the clock or settings
}

// door is an API.
type door string

const (
	viaGraph = door("GraphQL")
	viaREST  = door("Stream's API")
)

func (a act) at(d door) func(w *world) (object, error) {
	if d == viaGraph {
		return a.graph
	}
	return a.stream
}

// TestDoors tries each row through each door, after the given acts through each.
func TestDoors(t *testing.T) {
	tables := map[string][]row{
		"messages": messageRows, "changing messages": changeRows, "who may write": writingRows, "reading": readingRows,
		"bans and mutes": banRows, "members": memberRows, "channels": channelRows, "users": userRows,
		"deleted users": tombstoneRows,
	}
	t.Run("SQLite", func(t *testing.T) {
		tryAll(t, tables, true, func(t *testing.T) *bothDoors { return openDoors(t, onSQLite(t)) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		tryAll(t, tables, false, func(t *testing.T) *bothDoors { return openDoors(t, sqlstore.Options{URL: pgtest.Open(t)}) })
	})
}

// tryAll tries each door after the given acts through either, or only through the other one.
func tryAll(t *testing.T, tables map[string][]row, either bool, open func(t *testing.T) *bothDoors) {
	shared := open(t)
	for name, rows := range tables {
		t.Run(name, func(t *testing.T) {
			for _, r := range rows {
				t.Run(r.says, func(t *testing.T) { r.try(t, either, shared, open) })
			}
		})
	}
}

func (r row) try(t *testing.T, either bool, shared *bothDoors, open func(t *testing.T) *bothDoors) {
	for _, given := range r.doorsOfGiven() {
		for _, d := range []door{viaGraph, viaREST} {
			if r.act.at(d) == nil || given == d && !either {
				continue
			}
			name := string(d)
			if given != "" {
				name += ", given by " + string(given)
			}
			t.Run(name, func(t *testing.T) {
				b := shared
				if r.alone {
					b = open(t)
				}
				r.through(b.world(t), given, d)
			})
		}
	}
}

// doorsOfGiven returns the doors through which the given acts can be done.
func (r row) doorsOfGiven() []door {
	if !slices.ContainsFunc(r.given, func(a act) bool { return a.graph != nil && a.stream != nil }) {
		return []door{""}
	}
	return []door{viaGraph, viaREST}
}

func (w *world) do(a act, d door) error {
	w.Helper()
	if a.later > 0 {
		w.later.Add(int64(a.later))
		return nil
	}
	do := a.at(d)
	if do == nil {
		if do = a.graph; do == nil {
			do = a.stream
		}
	}
	_, err := do(w)
	return err
}

func (r row) through(w *world, given, d door) {
	for i, a := range r.given {
		if err := w.do(a, given); err != nil {
			w.Fatalf("given act %d: %v", i+1, err)
		}
	}
	desk := w.watch(staff, `subscription($a:Seq){events:backofficeEvents(after:$a){seq type cid user{id}}}`, object{"a": w.deskEnd})
	w.must(create("start", "Start").graph(w))
	live := w.watch("carol", channelEvents, object{"cid": w.cid("room"), "after": w.end("room")}).begin()

	w.inAll("room") // so that a stale cache of the list would show
	w.gone = r.gone
	r.answered(w, d, w.do(r.act, d))
	for _, l := range r.sees {
		w.compare(l)
	}
	w.ended(r, live, desk)
	w.checkLog()
}

func (r row) answered(w *world, d door, err error) {
	w.Helper()
	want, got := r.graph, ""
	if d == viaREST {
		want = r.stream
	}
	if refused, is := errors.AsType[*refusal](err); is {
		got = refused.code
	}
	if got != want {
		w.Errorf("answered %v, want %q", err, want)
	}
}

func (w *world) compare(l look) {
	w.Helper()
	for d, show := range map[door]func(w *world) string{viaGraph: l.view.graph, viaREST: l.view.stream} {
		if show == nil {
			continue
		}
		if got := show(w); got != l.want {
			w.Errorf("%s shows %s as\n\t%s\nwant\n\t%s", d, l.view.name, got, l.want)
		}
	}
}

// ended compares the events of the two subscriptions, up to marks that are made after the act.
func (w *world) ended(r row, live, desk *watch) {
	w.Helper()
	mark := ""
	if w.end("room") != nil {
		w.must(send(staff, "room", "mark", "mark").graph(w))
		mark = w.labels["mark"]
	}
	events := live.until(func(e event) bool { return e.Message != nil && e.Message.ID == mark && mark != "" })
	var lines []string
	for _, e := range events {
		if !strings.HasPrefix(e.Type, "typing.") && e.Type != "user.presence.changed" {
			lines = append(lines, w.line(e))
		}
	}
	if n := len(lines); n == 2 && lines[1] == "end UNAUTHORIZED" {
		lines = lines[1:] // she may get the event that ends her right to read
	}
	w.same("carol gets", lines, r.live)

	w.must(create("stop", "Stop").graph(w))
	started := false
	lines = nil
	for _, e := range desk.until(func(e event) bool { return e.CID == w.cid("stop") }) {
		w.deskEnd = max(w.deskEnd, e.Seq)
		if started && (strings.HasSuffix(e.CID, w.mark) || strings.HasSuffix(e.User.ID, w.mark) || w.erased(e.User.ID)) {
			lines = append(lines, w.line(e))
		}
		started = started || e.CID == w.cid("start")
	}
	w.same("the back office gets", lines, r.desk)
	for _, line := range lines {
		kind, _, _ := strings.Cut(line, " ")
		inBoth := strings.HasSuffix(line, " in room") && slices.ContainsFunc(r.live, func(l string) bool { return strings.HasPrefix(l, kind+" ") })
		if inBoth && !chat.EventType(kind).InBothLogs() {
			w.Errorf("webhooks would get %s twice", kind)
		}
	}
}

func (w *world) same(what string, got, want []string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("%s\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// end returns the seq of the last entry of a channel's log, nil if there is no such channel.
func (w *world) end(channel string) any {
	c, _ := w.show(`query($cid:String!){channel(cid:$cid){seq}}`, object{"cid": w.cid(channel)})["channel"].(object)
	if c == nil {
		return nil
	}
	return c["seq"]
}

// checkLog replays the room's log and checks that no number is missing.
func (w *world) checkLog() {
	w.Helper()
	end, exists := w.end("room").(float64)
	if !exists || end == 0 {
		return
	}
	replay := w.watch(staff, channelEvents, object{"cid": w.cid("room"), "after": 0})
	defer replay.resp.Body.Close()
	for seq := int64(1); seq <= int64(end); seq++ {
		if e := replay.next(); e.end == "REFETCH" {
			return // the room was deleted and created again
		} else if e.Seq != seq {
			w.Errorf("the log has %s %d after %d", e.Type+e.end, e.Seq, seq-1)
			return
		}
	}
}
