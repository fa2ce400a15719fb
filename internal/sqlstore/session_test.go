package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// What a transaction keeps of a channel is never older than what its other statements
// change or read.
func TestAppendingBesideOtherStatements(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		cid := chat.CID{Type: chat.Team, ID: "a"}
		at := time.Now().UTC().Truncate(time.Microsecond)
		say := func(tx *sqlstore.Tx, id string, want int64) error {
			seq, err := tx.AppendMessage(&chat.Message{ID: id, CID: cid, Sender: chat.User{ID: "u"}, Text: "Grüße", CreatedAt: at}, false)
			if seq != want {
				t.Errorf("%s has the number %d, want %d", id, seq, want)
			}
			return err
		}
		err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
			err := errors.Join(say(tx, "too soon", 0), tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: at}), say(tx, "m1", 1), say(tx, "m2", 2))
			seq, _, logErr := tx.Log(sqlstore.Entry{Type: chat.ChannelUpdated, CID: cid, User: "u", At: at})
			if seq != 3 {
				t.Errorf("the event has the number %d, want 3", seq)
			}
			c, _, holdErr := tx.HoldChannel(cid)
			if c.Seq != 3 || c.MessageCount != 2 || !c.LastMessageAt.Equal(at) {
				t.Errorf("within the transaction the channel is %+v", c)
			}
			return errors.Join(err, logErr, holdErr, say(tx, "m3", 4))
		})
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := s.Channel(t.Context(), cid, "")
		if err != nil || c.Seq != 4 || c.MessageCount != 3 {
			t.Errorf("got %+v, %v", c, err)
		}
		err = s.Write(t.Context(), func(tx *sqlstore.Tx) error {
			err := say(tx, "m4", 5)
			_, gone := tx.DeleteChannels([]chat.CID{cid}, "", at, func(int64) {})
			return errors.Join(err, gone, say(tx, "too late", 0))
		})
		if err != nil {
			t.Error(err)
		}
	})
}
