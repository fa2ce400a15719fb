package sqlstore_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// What a channel's log has takes two round trips to PostgreSQL: one for the entries, one for
// the users in them. An entry about a message takes two more.
func TestRoundTripsOfReadingALog(t *testing.T) {
	relay := pgtest.OpenRelay(t, pgtest.Open(t), 0)
	s := open(t, sqlstore.Options{URL: relay.URL})
	cid := chat.CID{Type: chat.Team, ID: "c"}
	if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
		err := tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: time.Now()})
		for _, id := range []string{"one", "two"} {
			_, err2 := tx.AppendMessage(&chat.Message{ID: id, CID: cid, Sender: chat.User{ID: "u"}, Text: id, CreatedAt: time.Now()}, false)
			err = errors.Join(err, err2)
		}
		_, err2 := tx.EnsureUser(chat.User{ID: "u", Name: "U", Role: chat.RoleUser, CreatedAt: time.Now()})
		_, _, err3 := tx.Log(sqlstore.Entry{Type: chat.MessageUpdated, CID: cid, User: "u", Message: "one", At: time.Now()})
		return errors.Join(err, err2, err3)
	}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what string
		part sqlstore.Span
		most int64
	}{
		{"two messages", sqlstore.Span{UpTo: 2, Limit: 10}, 2},
		{"a message and an entry about another", sqlstore.Span{After: 1, UpTo: 3, Limit: 10}, 4},
		{"the first of three", sqlstore.Span{UpTo: 3, Limit: 1}, 4},
	} {
		t.Run(row.what, func(t *testing.T) {
			took := int64(math.MaxInt64)
			for range 10 { // the first on each connection of the pool prepares statements
				before := relay.Questions()
				list, found, err := s.Events(t.Context(), cid, row.part)
				if took = min(took, relay.Questions()-before); err != nil || !found || len(list) != min(int(row.part.UpTo-row.part.After), row.part.Limit) {
					t.Fatalf("got %v, %t, %v", list, found, err)
				}
				for i, e := range list {
					if e.Seq != row.part.After+int64(i)+1 || e.User.Name != "U" || e.Message == nil || e.Message.Sender.Name != "U" {
						t.Errorf("entry %d is %+v", i, e)
					}
				}
			}
			if took > row.most {
				t.Errorf("it took %d round trips, at most %d are expected", took, row.most)
			}
			t.Logf("%d round trips", took)
		})
	}
	if _, found, err := s.Events(t.Context(), chat.CID{Type: chat.Team, ID: "none"}, sqlstore.Span{UpTo: 9, Limit: 10}); found || err != nil {
		t.Errorf("a channel that isn't there: %t, %v", found, err)
	}
}
