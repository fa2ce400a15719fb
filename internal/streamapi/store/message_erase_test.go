package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// What was erased must not stay in a column that is there for searching.
func TestNothingIsLeftOfAnErasedText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat.db")
	database, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	raw, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	left := func() (n int) {
		t.Helper()
		err := raw.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM messages WHERE text <> '' OR text_key <> '' OR custom <> '{}')
			+ (SELECT COUNT(*) FROM message_versions)`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	at, cid := time.Now(), chat.CID{Type: chat.Team, ID: "room"}
	write := func(fn func(tx *sqlstore.Tx) error) {
		t.Helper()
		if err := database.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *sqlstore.Tx) error { return tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: at}) })
	for name, erase := range map[string]func(tx *sqlstore.Tx, m chat.Message) error{
		"erased": func(tx *sqlstore.Tx, m chat.Message) error { return tx.EraseMessage(m, at) },
		"truncated": func(tx *sqlstore.Tx, _ chat.Message) error {
			_, err := store.Truncate(tx, cid, at, false, at)
			return err
		},
	} {
		m := chat.Message{ID: name, CID: cid, Text: "Секрет", Custom: map[string]any{"a": 1}, CreatedAt: at}
		write(func(tx *sqlstore.Tx) error {
			if err := tx.InsertUser(chat.User{ID: "alice", Role: chat.RoleUser, CreatedAt: at}); err != nil {
				return err
			}
			m.Sender.ID = "alice"
			if _, err := tx.AppendMessage(&m, false); err != nil {
				return err
			}
			return tx.KeepVersion(m)
		})
		if left() != 2 {
			t.Fatalf("before it is %s there are %d rows with the text, want the message and its version", name, left())
		}
		write(func(tx *sqlstore.Tx) error { return erase(tx, m) })
		if left() != 0 {
			t.Errorf("%s, a text is still in %d rows", name, left())
		}
	}
}
