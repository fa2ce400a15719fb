package stream_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// Answers with the status of a success that don't tell of the change. They lack the duration, which is all that
// some of Stream's answers have.
const (
	tellsNothing   = `{"took":"1ms"}`
	tellsOfAnother = `{"message":{"id":"another","cid":"livestream:news","type":"regular","text":"hi","created_at":1},
		"channel":{"cid":"team:other"},"users":{"x":{"id":"x"}},"event":{"user":{"id":"x"}},"task_id":""}`
	hasOtherTypes = `{"message":7,"channel":[],"users":"none","event":true,"task_id":{}}`
)

// mutation is an operation, and the call that makes it.
type mutation struct {
	staffChange
	once bool // the call isn't repeated
}

var mutations = []mutation{
	{staffChange{"sendMessage", http.MethodPost, "/message", func(h *hosted, op chat.Operation) error {
		_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: op, Message: chat.Message{Sender: clerk.User(), CID: news, Text: secretText}})
		return err
	}}, false},
	{staffChange{"addReaction", http.MethodPost, "/reaction", func(h *hosted, op chat.Operation) error {
		return h.React(h.ctx(), chat.React{Operation: op, CID: news, MessageID: "m", Type: "like"})
	}}, false},
	{staffChange{"removeReaction", http.MethodDelete, "/reaction/like", func(h *hosted, op chat.Operation) error {
		return h.React(h.ctx(), chat.React{Operation: op, CID: news, MessageID: "m", Type: "like", Remove: true})
	}}, false},
	{staffChange{"markRead", http.MethodPost, "/read", func(h *hosted, op chat.Operation) error {
		op.By = anna
		return h.MarkRead(h.ctx(), chat.MarkRead{Operation: op, CID: news})
	}}, false},
	{staffChange{"createOrUpdateChannel, new", http.MethodPost, "/query", func(h *hosted, op chat.Operation) error {
		_, err := h.CreateChannel(h.ctx(), chat.CreateChannel{Operation: op, Type: chat.Team, Name: "Sale", WantID: "sale"})
		return err
	}}, false},
	{staffChange{"upsertChatUsers, new", http.MethodPost, "/users", func(h *hosted, op chat.Operation) error {
		_, err := h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: op, Users: []chat.UserChange{{ID: "c.arl", Name: "Carl"}, {ID: "dora", Role: chat.RoleAdmin}}})
		return err
	}}, true},
}

// An answer that doesn't tell of the change is a lost one: the call is repeated, or Stream is asked, before the
// outcome is called unknown. The change is made once.
func TestAnswersThatDontTell(t *testing.T) {
	t.Parallel()
	h := office(t)
	deletion := staffChange{"deleteChannels", http.MethodPost, "/channels/delete", func(h *hosted, op chat.Operation) error {
		return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: op, CIDs: []chat.CID{{Type: chat.Team, ID: "sale"}}})
	}}
	rows := mutations
	for _, c := range append(staffChanges, deletion) {
		rows = append(rows, mutation{c, false})
	}
	for _, row := range rows {
		h.net.breakNext(1_000, row.method, row.path, refuses(http.StatusOK, tellsNothing))
		e := asError(t, row.do(h, by(clerk)))
		if e.Code != chat.Unavailable || e.Outcome != chat.OutcomeUnknown && len(e.Remaining) == 0 {
			t.Errorf("%s: %+v, want UNAVAILABLE with an unknown outcome", row.name, e)
		}
		h.net.heal()
		answers := []string{tellsNothing, tellsOfAnother, hasOtherTypes}
		if row.once {
			answers = answers[:1]
		}
		asked := h.net.count(row.method, row.path)
		for _, answer := range answers {
			h.net.breakNext(1, row.method, row.path, answersAfterEffect(http.StatusCreated, answer))
		}
		if err := row.do(h, by(clerk)); err != nil {
			t.Errorf("%s: %v after answers that don't tell", row.name, err)
		}
		if n := h.net.count(row.method, row.path) - asked; n < len(answers) {
			t.Errorf("%s: the call was made %d times", row.name, n)
		}
		h.net.heal()
		if row.name == "sendMessage" {
			if list := h.farMessages(news); len(list) != 2 || list[1].Text != secretText {
				t.Errorf("the channel has %d messages, want two", len(list))
			}
		}
	}
	if list := h.all(); len(list) != 1 || list[0].CID != news || h.farChannels("Sale") != 0 {
		t.Errorf("the list says %v", list)
	}
	h.tellsNoSecret()
}

// A message that no answer tells of is looked up by its id.
func TestSentMessagesAreLookedUp(t *testing.T) {
	t.Parallel()
	h := faultServer(t)
	for i, lasting := range []func(*network, http.ResponseWriter, *http.Request){
		answersAfterEffect(http.StatusCreated, tellsNothing), answersAfterEffect(http.StatusCreated, tellsOfAnother), resetsAfterEffect, failsAfterEffect,
	} {
		h.net.breakNext(1_000, http.MethodPost, "/message", lasting)
		text := fmt.Sprint("text ", i)
		id, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: text}})
		list := h.farMessages(news)
		if err != nil || len(list) != i+1 || list[i].ID != id || list[i].Text != text {
			t.Errorf("%d: the message %q, %v; the channel has %d", i, id, err, len(list))
		}
		h.net.heal()
	}
}

// An answer that shows a thing as it was isn't one to its change.
func TestAnswersThatShowNoChange(t *testing.T) {
	t.Parallel()
	h := office(t)
	for _, row := range []struct {
		of     int // of staffChanges
		answer string
		want   string // in the snapshot
	}{
		{1, `{"channel":{"cid":"livestream:news","type":"livestream","id":"news","frozen":false,"created_at":1},"duration":"1ms"}`, "channel News https://far.example/news.png true"},
		{5, `{"message":{"id":"m","cid":"livestream:news","pinned":false,"created_at":1},"duration":"1ms"}`, "message hello true false"},
		{6, `{"message":{"id":"m","cid":"livestream:news","type":"regular","created_at":1},"duration":"1ms"}`, "message  false true"},
	} {
		c := staffChanges[row.of]
		h.net.breakNext(1, c.method, c.path, refuses(http.StatusOK, row.answer))
		if err := c.do(h, by(clerk)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if now := h.snapshot(); !slices.Contains(now, row.want) {
			t.Errorf("%s is answered, and Stream has %q", c.name, now)
		}
	}
}

// An answer without the list, or with rows that nobody could tell apart, is no short list, and nothing is said
// not to exist because of it.
func TestAnswersWithoutTheList(t *testing.T) {
	t.Parallel()
	h := office(t)
	reads := map[string]func() error{
		"allChannels": func() error { _, err := h.AllChannels(h.ctx()); return err },
		"chatUsers":   func() error { _, err := h.Users(h.ctx(), chat.UserQuery{Limit: 1}); return err },
		"channel":     func() error { _, err := h.Channel(h.ctx(), news); return err },
		"messages": func() error {
			_, err := h.Messages(h.ctx(), chat.MessageQuery{CID: news, By: clerk, Limit: 1, Before: 1 << 52, FromEnd: true})
			return err
		},
		"members":      func() error { _, err := h.Members(h.ctx(), chat.MemberQuery{CID: news, Limit: 1}); return err },
		"lastMessages": func() error { _, err := h.LastMessages(h.ctx(), []chat.CID{news}); return err },
		"editMessage":  func() error { return staffChanges[4].do(h, by(clerk)) },
		"banUser":      func() error { return staffChanges[10].do(h, by(clerk)) },
		"deleteChannels": func() error {
			h.net.breakNext(1, http.MethodPost, "/channels/delete", refuses(http.StatusOK, `{"task_id":"","result":{"livestream:news":{"status":"error"}}}`))
			return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}})
		},
	}
	for _, answer := range []string{
		tellsNothing,
		`{"channels":[{"channel":{"cid":null,"created_at":null}}],"users":[{"id":null}],"members":[{}],"messages":[{"id":"m","created_at":null}],"results":[{"message":{}}],"message":{"id":null}}`,
		`{"channels":{},"users":7,"members":"","messages":[7],"results":{"message":{}},"message":[]}`,
	} {
		for name, read := range reads {
			for _, path := range []string{"/channels", "/users", "/query", "/members", "/search", "/messages/m"} {
				h.net.breakNext(1_000, "", path, refuses(http.StatusOK, answer))
			}
			if err := read(); chat.CodeOf(err) != chat.Unavailable {
				t.Errorf("%s after %s: %v, want UNAVAILABLE", name, answer, err)
			}
			h.net.heal()
		}
	}
	if now := h.snapshot(); !slices.Contains(now, "message hello true true") {
		t.Errorf("something was changed: %q", now)
	}
}

// Pages that don't go on, by whatever cursor, end in an error after a few calls.
func TestPagesThatDontGoOn(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.put(news, "News")
	at := time.Now().Add(-time.Hour)
	row := func(kind string, i int) map[string]any {
		return map[string]any{"id": fmt.Sprint(kind, i), "cid": news.String(), "type": kind, "created_at": at.Add(time.Duration(i) * time.Minute).UnixNano(), "updated_at": at.UnixNano()}
	}
	var messages, results []any
	for i := range 300 {
		messages = append(messages, row("regular", i%10))
		results = append(results, map[string]any{"message": row("reply", i%10)})
	}
	text := func(v any) string {
		body, err := json.Marshal(v)
		there{h, t}.ok(err)
		return string(body)
	}
	for name, fault := range map[string][2]string{
		"messages": {"/news/query", text(map[string]any{"messages": messages, "duration": "1ms"})},
		"replies":  {"/search", text(map[string]any{"results": results[:100], "next": "again", "duration": "1ms"})},
	} {
		for _, q := range []chat.MessageQuery{{}, {FromEnd: true, Before: 1 << 52}} {
			q.CID, q.By, q.Limit = news, clerk, 50
			before := len(h.net.calls())
			h.net.breakNext(1_000_000, "", fault[0], refuses(http.StatusOK, fault[1]))
			_, err := h.Messages(h.ctx(), q)
			if calls := len(h.net.calls()) - before; chat.CodeOf(err) != chat.Unavailable || calls > 10 {
				t.Errorf("%s, from the end %t: %v after %d calls", name, q.FromEnd, err, calls)
			}
			h.net.heal()
		}
	}
}

// A channel whose answer lacks our mark isn't created again under other ids, and one that Stream has and hasn't is
// given up.
func TestCreationsThatDontEnd(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.net.breakNext(1_000_000, http.MethodPost, "/query", func(n *network, w http.ResponseWriter, r *http.Request) {
		var answer map[string]any
		there{h, t}.ok(json.Unmarshal(n.effect(r).Body.Bytes(), &answer))
		answer["channel"].(map[string]any)["custom"] = nil
		_ = json.NewEncoder(w).Encode(answer)
	})
	cid, err := h.CreateChannel(h.ctx(), chat.CreateChannel{Operation: by(clerk), Type: chat.Team, Name: "Sale", WantID: "sale"})
	if n := h.farChannels("Sale"); err != nil || cid.ID != "sale" || n != 1 {
		t.Errorf("%s, %v; Stream has %d channels of the name", cid, err, n)
	}
	h.net.breakNext(1_000_000, http.MethodPatch, "/sale", refuses(http.StatusNotFound, `{"code":16,"message":"no such channel","StatusCode":404}`))
	err = h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: cid, Name: "Sales"})
	if calls := len(h.net.calls()); chat.CodeOf(err) != chat.Unavailable || calls > 40 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
