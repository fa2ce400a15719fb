package sqlstore_test

import (
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// Users who are stored together are recorded as if each was stored alone, also if one is stored
// twice.
func TestTrackUsers(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]func(*testing.T) sqlstore.Options{
		"SQLite":     func(t *testing.T) sqlstore.Options { return sqlstore.Options{Path: t.TempDir() + "/chat.db"} },
		"PostgreSQL": func(t *testing.T) sqlstore.Options { return sqlstore.Options{URL: pgtest.Open(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, o(t))
			put := func(id string, users ...chat.User) chat.Change {
				t.Helper()
				ids := make([]string, len(users))
				for i, u := range users {
					ids[i] = u.ID
				}
				err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
					_, err := tx.Record(chat.Change{ID: id, Outcome: chat.ChangeDone}, func() error {
						return sqlstore.TrackUsers(tx, ids, func() error {
							for _, u := range users {
								if err := tx.PutUser(u); err != nil {
									return err
								}
							}
							return nil
						})
					}, func(chat.Change) {})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				c, found, err := sqlstore.ChangesIn(s).Whole(t.Context(), id)
				if err != nil || !found {
					t.Fatal(found, err)
				}
				return c
			}
			put("alone", chat.User{ID: "old", Name: "Old", Role: chat.RoleUser})
			got := put("together", chat.User{ID: "old", Name: "Older", Role: chat.RoleUser}, chat.User{ID: "new", Name: "New", Role: chat.RoleUser},
				chat.User{ID: "old", Name: "Oldest", Role: chat.RoleUser})
			same := put("same", chat.User{ID: "new", Name: "New", Role: chat.RoleUser}, chat.User{ID: "third", Name: "Third", Role: chat.RoleUser})
			want := map[string][2]string{
				"old": {`{"name":"Old","name_key":"old","name_text":"old"}`, `{"name":"Oldest","name_key":"oldest","name_text":"oldest"}`},
				"new": {"", put("alone too", chat.User{ID: "other", Name: "New", Role: chat.RoleUser}).Targets[0].After},
			}
			for _, target := range got.Targets {
				if states := [2]string{target.Before, target.After}; states != want[target.UserID] {
					t.Errorf("%s: %q, want %q", target.UserID, states, want[target.UserID])
				}
			}
			if len(got.Targets) != 2 || len(same.Targets) != 2 || same.Targets[0].Before != same.Targets[0].After {
				t.Errorf("the records' targets are %v and %v", got.Targets, same.Targets)
			}
			u, _, err := s.User(t.Context(), "old")
			if err != nil || u.Name != "Oldest" {
				t.Errorf("the user stored twice is %q, %v", u.Name, err)
			}
		})
	}
}
