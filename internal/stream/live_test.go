package stream_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
)

const quickPoll = 20 * time.Millisecond

// listener hears a feed.
type listener struct {
	t    *testing.T
	feed chat.Feed
	rest []chat.Event
}

func (h *hosted) listen(t *testing.T, cid chat.CID, after *int64) *listener {
	t.Helper()
	open := func() (chat.Feed, error) {
		return h.Subscribe(t.Context(), chat.Subscribe{By: clerk, CID: cid, After: after})
	}
	if cid == (chat.CID{}) {
		open = func() (chat.Feed, error) { return h.SubscribeBackOffice(t.Context(), after) }
	}
	feed, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(feed.Close)
	return &listener{t: t, feed: feed}
}

// next is the next event in one line, without its seq.
func (l *listener) next() string {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	for {
		for len(l.rest) == 0 {
			var err error
			if l.rest, err = l.feed.Next(ctx); err != nil {
				return string(chat.CodeOf(err))
			}
		}
		e := l.rest[0]
		l.rest = l.rest[1:]
		if e.Type == chat.AccessChanged {
			continue
		}
		line := fmt.Sprint(e.Type, " ", e.User.ID)
		if e.Message != nil {
			line += " " + e.Message.Text
		}
		if e.Reaction != nil {
			line += " " + e.Reaction.Type
		}
		if e.CID != (chat.CID{}) && e.Message == nil && e.Reaction == nil {
			line += " " + e.CID.String()
		}
		return line
	}
}

func (l *listener) expect(lines ...string) {
	l.t.Helper()
	got := make([]string, len(lines))
	for i := range lines {
		got[i] = l.next()
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		l.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// silent fails if an event comes while the poller does each of its turns twice.
func (l *listener) silent() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 12*quickPoll)
	defer cancel()
	for {
		list, err := l.feed.Next(ctx)
		if err != nil {
			return
		}
		for _, e := range list {
			if e.Type != chat.AccessChanged {
				l.t.Errorf("an event that nobody should be told of: %+v", e)
			}
		}
	}
}

// there does what another service does at Stream.
type there struct {
	*hosted
	t *testing.T
}

func (f there) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f there) put(cid chat.CID, name string) {
	f.t.Helper()
	f.ok(f.far.PutChannel(f.t.Context(), chat.PutChannel{Operation: by(clerk), CID: cid, Name: name}))
}

func (f there) send(cid chat.CID, id, text, parent string) {
	f.t.Helper()
	_, err := f.far.SendMessage(f.t.Context(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{
		ID: id, Sender: chat.User{ID: "anna"}, CID: cid, Text: text, Parent: parent}})
	f.ok(err)
}

// Changes by other services at Stream are found without webhooks.
func TestNewsAreFound(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll})
	far := there{h, t}
	far.put(news, "News")
	far.send(news, "old", "from before", "")
	office := h.listen(t, chat.CID{}, nil)
	l := h.listen(t, news, nil)
	far.send(news, "m", "hello", "")
	l.expect("message.new anna hello")
	far.send(news, "r", "a reply", "m")
	l.expect("message.new anna a reply")
	far.ok(h.far.EditMessage(t.Context(), chat.EditMessage{Operation: by(clerk), CID: news, ID: "old", Text: "corrected"}))
	l.expect("message.updated anna corrected")
	far.ok(h.far.React(t.Context(), chat.React{Operation: by(chat.Actor{ID: "anna"}), CID: news, MessageID: "m", Type: "like"}))
	l.expect("message.updated anna hello")
	far.ok(h.far.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: by(clerk), CID: news, ID: "m"}))
	l.expect("message.deleted anna ")
	far.put(news, "Renamed")
	l.expect("channel.updated backchannel livestream:news")
	office.expect("channel.updated backchannel livestream:news")
	far.put(chat.CID{Type: chat.Team, ID: "deals"}, "Deals")
	office.expect("channel.created backchannel team:deals")
	far.ok(h.far.SetRole(t.Context(), chat.SetRole{Operation: by(clerk), UserID: "anna", Role: chat.RoleModerator}))
	office.expect("user.updated anna")
	l.silent()
	office.silent()
	far.ok(h.far.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}}))
	l.expect("NOT_FOUND")
	office.expect("channel.deleted  livestream:news")
}

// A caller that reads a channel and subscribes from its seq misses nothing and gets nothing
// twice, also if there were no subscribers before.
func TestNothingIsLostBetweenReadingAndListening(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll})
	far := there{h, t}
	far.put(news, "News")
	for i := range 40 {
		far.send(news, fmt.Sprint("before-", i), fmt.Sprint("before ", i), "")
	}
	for round := range 3 {
		far.send(news, fmt.Sprint("reply-", round), "a reply from before", "before-0")
		c, err := h.Channel(t.Context(), news)
		far.ok(err)
		for i := range 50 {
			far.send(news, fmt.Sprint(round, "-", i), fmt.Sprint(round, " ", i), "")
		}
		far.ok(h.far.EditMessage(t.Context(), chat.EditMessage{Operation: by(clerk), CID: news, ID: fmt.Sprint("before-", round), Text: "edited"}))
		l := h.listen(t, news, &c.Seq)
		heard, edited := map[string]int{}, 0
		for len(heard) < 50 || edited == 0 {
			switch line := l.next(); line {
			case "message.updated anna edited":
				edited++
			default:
				heard[line]++
			}
		}
		for i := range 50 {
			if n := heard[fmt.Sprintf("message.new anna %d %d", round, i)]; n != 1 {
				t.Errorf("round %d: message %d was heard of %d times", round, i, n)
			}
		}
		if n := heard["message.new anna a reply from before"]; n > 0 {
			t.Errorf("round %d: a reply from before was told as new", round)
		}
		l.silent()
		l.feed.Close()
	}
}

// For any number of subscribers, channels and servers, Stream is asked once in each
// interval, and not at all without subscribers.
func TestLookingForNewsIsBounded(t *testing.T) {
	t.Parallel()
	const every, during = 50 * time.Millisecond, 1500 * time.Millisecond
	h := open(t, stream.Options{PollEvery: every})
	far := there{h, t}
	var cids []chat.CID
	for i := range 40 {
		cid := chat.CID{Type: chat.Team, ID: fmt.Sprint("room-", i)}
		far.put(cid, cid.ID)
		far.send(cid, cid.ID, "hello", "")
		cids = append(cids, cid)
	}
	one := h.Provider
	h.start()
	calls := func() (int, time.Duration) {
		already, begin := h.net.count("", ""), time.Now()
		time.Sleep(during)
		return h.net.count("", "") - already, time.Since(begin)
	}
	if n, _ := calls(); n != 0 {
		t.Errorf("nobody listens, and Stream was asked %d times", n)
	}
	var all []*listener
	for i, server := range []*stream.Provider{one, h.Provider} {
		h.Provider = server
		all = append(all, h.listen(t, chat.CID{}, nil))
		for _, cid := range cids[20*i : 20*i+20] {
			all = append(all, h.listen(t, cid, nil))
		}
	}
	if n, passed := calls(); n == 0 || n > int(passed/every)+1 {
		t.Errorf("Stream was asked %d times in %s; once each %s at most is right", n, passed, every)
	}
	far.send(cids[3], "at-one", "heard at one server", "")
	far.send(cids[33], "at-the-other", "heard at the other", "")
	all[1+3].expect("message.new anna heard at one server")
	all[21+1+13].expect("message.new anna heard at the other")
	for _, l := range all {
		l.feed.Close()
	}
	time.Sleep(5 * every)
	if n, _ := calls(); n != 0 {
		t.Errorf("nobody listens any more, and Stream was asked %d times", n)
	}
}

// After a restore clients have seen more than the logs have, so the logs begin anew.
func TestARestoredLogBeginsAnew(t *testing.T) {
	t.Parallel()
	store := openStore(t, sqlstore.Options{Memory: true})
	h := open(t, stream.Options{PollEvery: quickPoll, Store: store})
	far := there{h, t}
	far.put(news, "News")
	before, err := h.Channel(t.Context(), news)
	far.ok(err)
	l, office := h.listen(t, news, nil), h.listen(t, chat.CID{}, nil)
	far.send(news, "m", "hello", "")
	l.expect("message.new anna hello")
	far.put(news, "Renamed")
	office.expect("channel.updated backchannel livestream:news")
	h.Close()
	far.ok(store.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.BeginLogs(time.Now()) }))
	h.start()
	_, err = h.Subscribe(t.Context(), chat.Subscribe{By: clerk, CID: news, After: &before.Seq})
	_, inOffice := h.SubscribeBackOffice(t.Context(), &before.Seq)
	if chat.CodeOf(err) != chat.Refetch || chat.CodeOf(inOffice) != chat.Refetch {
		t.Errorf("resumed: the channel %v, the back office %v", err, inOffice)
	}
	now, err := h.Channel(t.Context(), news)
	far.ok(err)
	l = h.listen(t, news, &now.Seq)
	far.send(news, "m2", "hello again", "")
	l.expect("message.new anna hello again")
	if now.Seq < before.Seq+1_000_000 {
		t.Errorf("the log went on from %d to %d", before.Seq, now.Seq)
	}
}

// However many channels and users others change at once, the back office is told of each.
func TestManyChangesAtOnceAreFound(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll})
	far := there{h, t}
	const rooms, people = 100, 250
	users := make([]chat.UserChange, people)
	ids := make([]string, people)
	for i := range users {
		ids[i] = fmt.Sprint("user-", i)
		users[i] = chat.UserChange{ID: ids[i], Name: ids[i]}
	}
	_, err := h.far.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: users})
	far.ok(err)
	office := h.listen(t, chat.CID{}, nil)
	want, heard := map[string]int{}, map[string]int{}
	for round := range 2 {
		for i := range rooms {
			cid := chat.CID{Type: chat.Team, ID: fmt.Sprintf("room-%d-%d", round, i)}
			far.put(cid, cid.ID)
			want["channel.created backchannel "+cid.String()]++
		}
		_, err = h.far.SetRoles(t.Context(), chat.SetRoles{Operation: by(clerk), UserIDs: ids, Role: []chat.Role{chat.RoleModerator, chat.RoleAdmin}[round]})
		far.ok(err)
		for _, id := range ids {
			want["user.updated "+id]++
		}
		for range rooms + people {
			line := office.next()
			if heard[line]++; !strings.Contains(line, " ") {
				break // it isn't told of more
			}
		}
	}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	office.silent()
}

// More messages than one answer takes, all of one time, are found: the search goes on after a
// message, not after a time.
func TestManyMessagesOfOneTimeAreFound(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll})
	there{h, t}.put(news, "News")
	l := h.listen(t, news, nil)
	const pageSize, many = 100, 150
	at := time.Now().UTC()
	rows, want, heard := make([]map[string]any, many), map[string]int{}, map[string]int{}
	for i := range rows {
		text := fmt.Sprint("reply-", i)
		rows[i] = map[string]any{"message": map[string]any{"id": text, "cid": news.String(), "type": "reply", "text": text, "user": map[string]any{"id": "anna"},
			"created_at": at.UnixNano(), "updated_at": at.UnixNano()}}
		want["message.new anna "+text]++
	}
	h.net.breakNext(1_000, http.MethodGet, "/search", func(_ *network, w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Messages struct {
				Updated struct {
					From  time.Time `json:"$gte"`
					After time.Time `json:"$gt"`
				} `json:"updated_at"`
			} `json:"message_filter_conditions"`
			Next string `json:"next"`
		}
		_ = json.Unmarshal([]byte(r.URL.Query().Get("payload")), &asked)
		answer := map[string]any{"results": rows[:pageSize], "next": "further"}
		switch updated := asked.Messages.Updated; {
		case updated.From.After(at), !updated.After.Before(at):
			answer = map[string]any{"results": []any{}}
		case asked.Next == "further":
			answer = map[string]any{"results": rows[pageSize:]}
		}
		w.WriteHeader(http.StatusOK)
		_ = json.NewEncoder(w).Encode(answer)
	})
	for range many {
		heard[l.next()]++
	}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// A message whose answer was lost is told at once when it is found, not only when the poller looks.
func TestAFoundMessageIsTold(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*network, http.ResponseWriter, *http.Request){"once": failsAfterEffect, "cut": cut} {
		h := open(t, stream.Options{PollEvery: time.Hour})
		there{h, t}.put(news, "News")
		l := h.listen(t, news, nil)
		h.net.breakNext(1, http.MethodPost, "/message", fault)
		_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: name}})
		there{h, t}.ok(err)
		l.expect("message.new clerk " + name)
	}
}
