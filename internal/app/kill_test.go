package app_test

import (
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to ask the database itself whether it is whole
)

var kills = flag.Int("kills", 3, "how often the kill test kills the server")

const (
	killClients  = 16
	killChannels = 4 // channels of each round that get messages
)

// TestKilledServerKeepsWhatItAcknowledged kills the server at random moments
// under load. What it had acknowledged must be there after the restart, once.
func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	all := newLedger()
	for round := range *kills {
		s := start(t, data)
		if round > 0 {
			all.check(s, round-1)
		}
		mine := underLoad(s, round, time.Duration(rand.IntN(300_000))*time.Microsecond)
		all.merge(mine)
		wholeDatabase(t, data)
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	s := start(t, data)
	all.check(s, -1)
	if len(all.messages) < *kills/2 || len(all.channels) < *kills || len(all.roles) == 0 {
		t.Errorf("%d messages, %d channels and %d roles were acknowledged, too few to show anything",
			len(all.messages), len(all.channels), len(all.roles))
	}
	t.Logf("%d kills; acknowledged: %d channels, %d messages, %d users' roles",
		*kills, len(all.channels), len(all.messages), len(all.roles))
}

// underLoad lets the clients work for a time, kills the server, and returns what
// it had acknowledged.
func underLoad(s *server, round int, length time.Duration) *ledger {
	l := newLedger()
	for c := range killChannels {
		cid := fmt.Sprintf("r%d-%d", round, c)
		s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": cid, "name": cid})
		l.channels[cid] = round
	}
	var wg sync.WaitGroup
	for c := range killClients {
		wg.Go(func() { l.work(s, round, c) })
	}
	if round%2 == 1 { // otherwise a busy server is killed before it stores much
		for until := time.Now().Add(patience); !l.hasMessage() && time.Now().Before(until); {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(length) // the random moment itself, nothing is waited for
	_ = s.cmd.Process.Kill()
	wg.Wait()
	s.kill()
	return l
}

const (
	createDocument = `mutation($id: String, $name: String!) { createOrUpdateChannel(input: {id: $id, name: $name}) }`
	sendDocument   = `mutation($c: String!, $text: String!) { sendMessageToChannel(input: {channelId: $c, text: $text}) }`
	upsertDocument = `mutation($id: String!) { upsertChatUsers(input: {users: [{id: $id, name: $id}]}) { users { id } } }`
	roleDocument   = `mutation($id: String!, $role: ChatRole!) { setRoleToUsersOnChat(input: {userId: $id, role: $role}) }`
)

// ledger has what clients asked for and what was acknowledged.
type ledger struct {
	mu       sync.Mutex
	channels map[string]int    // id → round
	messages map[string]string // text → channel's id
	roles    map[string]string // user → the last role acknowledged
	asked    map[string]string // user → the last role asked for
}

func newLedger() *ledger {
	return &ledger{channels: map[string]int{}, messages: map[string]string{}, roles: map[string]string{}, asked: map[string]string{}}
}

func (l *ledger) merge(other *ledger) {
	maps.Copy(l.channels, other.channels)
	maps.Copy(l.messages, other.messages)
	maps.Copy(l.roles, other.roles)
	maps.Copy(l.asked, other.asked)
}

// work is one client, until the server no longer answers.
func (l *ledger) work(s *server, round, number int) {
	user := fmt.Sprintf("u%d-%d", round, number)
	if a, err := s.ask(upsertDocument, map[string]any{"id": user}); err != nil || len(a.Errors) > 0 {
		return
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s-%d", user, i)
		channel := fmt.Sprintf("r%d-%d", round, rand.IntN(killChannels))
		role := []string{"USER", "ADMIN", "MODERATOR"}[rand.IntN(3)]
		var document string
		var variables map[string]any
		switch i % 4 {
		case 0:
			document, variables = createDocument, map[string]any{"id": name, "name": name}
		case 1:
			document, variables = roleDocument, map[string]any{"id": user, "role": role}
			l.note(func() { l.asked[user] = role })
		default:
			document, variables = sendDocument, map[string]any{"c": channel, "text": name}
		}
		a, err := s.ask(document, variables)
		if err != nil {
			return
		}
		if len(a.Errors) > 0 {
			s.t.Errorf("%s: %v", document, a.Errors)
			return
		}
		l.note(func() {
			switch i % 4 {
			case 0:
				l.channels[name] = round
			case 1:
				l.roles[user] = role
			default:
				l.messages[name] = channel
			}
		})
	}
}

func (l *ledger) hasMessage() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.messages) > 0
}

func (l *ledger) note(write func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	write()
}

// check compares what the server says with what was acknowledged in a round, or
// in all of them.
func (l *ledger) check(s *server, round int) {
	s.t.Helper()
	var listed []struct{ ID string }
	s.must("allChannels", &listed, `{ allChannels { id } }`, nil)
	times := map[string]int{}
	for _, c := range listed {
		times[c.ID]++
	}
	for id, of := range l.channels {
		if (round < 0 || of == round) && times[id] != 1 {
			s.t.Errorf("the channel %s is there %d times", id, times[id])
		}
	}
	for r := range *kills {
		for c := range killChannels {
			if id := fmt.Sprintf("r%d-%d", r, c); times[id] > 0 && (round < 0 || r == round) {
				l.checkMessages(s, id)
			}
		}
	}
	l.checkRoles(s)
	l.checkRecords(s)
}

// checkRecords compares the records of channels that were made with the channels.
func (l *ledger) checkRecords(s *server) {
	s.t.Helper()
	var listed []struct{ CID string }
	s.must("allChannels", &listed, `{ allChannels { cid } }`, nil)
	records := map[string]int{}
	for _, c := range everyNode[struct{ Targets []struct{ CID string } }](func(variables map[string]any, page any) {
		s.must("changes", page, `query($after: String) { changes(filter: {operation: "createOrUpdateChannel"}, first: 200, after: $after) {
			nodes { targets { cid } } pageInfo { hasNextPage endCursor } } }`, variables)
	}) {
		records[c.Targets[0].CID]++
	}
	for _, c := range listed {
		if records[c.CID] != 1 {
			s.t.Errorf("the channel %s has %d records", c.CID, records[c.CID])
		}
	}
	if len(records) != len(listed) {
		s.t.Errorf("%d channels are recorded, and there are %d", len(records), len(listed))
	}
}

func (l *ledger) checkMessages(s *server, channel string) {
	times := map[string]int{}
	last := int64(0)
	for _, m := range everyNode[storedMessage](func(variables map[string]any, page any) {
		variables["cid"] = "livestream:" + channel
		s.must("messages", page, storedMessages, variables)
	}) {
		if m.Seq != last+1 {
			s.t.Errorf("%s: the message %d comes after %d", channel, m.Seq, last)
		}
		last = m.Seq
		if times[m.Text]++; times[m.Text] > 1 {
			s.t.Errorf("%s: the message %s is there %d times", channel, m.Text, times[m.Text])
		}
	}
	for text, of := range l.messages {
		if of == channel && times[text] == 0 {
			s.t.Errorf("%s: the acknowledged message %s is lost", channel, text)
		}
	}
}

func (l *ledger) checkRoles(s *server) {
	roles := map[string]string{}
	for _, u := range everyNode[struct{ ID, Role string }](func(variables map[string]any, page any) {
		s.must("chatUsers", page, `query($after: String) { chatUsers(first: 200, after: $after) {
			nodes { id role } pageInfo { hasNextPage endCursor } } }`, variables)
	}) {
		roles[u.ID] = u.Role
	}
	for user, role := range l.roles {
		if roles[user] != role && roles[user] != l.asked[user] {
			s.t.Errorf("%s has the role %s, want the acknowledged %s or the last asked for, %s", user, roles[user], role, l.asked[user])
		}
	}
}

const storedMessages = `query($cid: String!, $after: String) { messages(cid: $cid, first: 200, after: $after) {
	nodes { seq text } pageInfo { hasNextPage endCursor } } }`

type storedMessage struct {
	Seq  int64
	Text string
}

// everyNode returns the nodes of all pages of a connection. read fills a page for the variable
// after.
func everyNode[T any](read func(variables map[string]any, page any)) (list []T) {
	for variables := map[string]any{}; ; {
		var page struct {
			Nodes    []T
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
		read(variables, &page)
		list = append(list, page.Nodes...)
		if !page.PageInfo.HasNextPage {
			return list
		}
		variables["after"] = page.PageInfo.EndCursor
	}
}

// wholeDatabase asks SQLite whether a copy of the files, as the kill left them, is intact.
func wholeDatabase(t *testing.T, data string) {
	t.Helper()
	copied := t.TempDir()
	for _, file := range []string{"backchannel.db", "backchannel.db-wal"} {
		text, err := os.ReadFile(filepath.Join(data, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(copied, "backchannel.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the integrity check says %q, %v", verdict, err)
	}
}
