package sqlstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// The store refuses text that would break every answer with it.
func TestBrokenTextIsRefused(t *testing.T) {
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	cid := chat.CID{Type: chat.Team, ID: "room"}
	for what, write := range map[string]func(tx *sqlstore.Tx) error{
		"a channel": func(tx *sqlstore.Tx) error {
			return tx.InsertChannel(chat.Channel{CID: chat.CID{Type: chat.Team, ID: "b"}, Name: "\xff", CreatedAt: time.Now()})
		},
		"a user": func(tx *sqlstore.Tx) error {
			_, err := tx.EnsureUser(chat.User{ID: "bj", Name: "Bj\xf6rn", Role: chat.RoleUser})
			return err
		},
		"a message": func(tx *sqlstore.Tx) error {
			if err := tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: time.Now()}); err != nil {
				return err
			}
			_, err := tx.AppendMessage(&chat.Message{ID: "m", CID: cid, Text: "caf\xe9", Sender: chat.User{ID: "ann"}, CreatedAt: time.Now()}, false)
			return err
		},
	} {
		if err := store.Write(t.Context(), write); chat.CodeOf(err) != chat.InvalidArguments {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, found, err := store.Channel(t.Context(), cid, ""); err != nil || found {
		t.Errorf("what came before the broken text stays: %v %v", found, err)
	}
}
