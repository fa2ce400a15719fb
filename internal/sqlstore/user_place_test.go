package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Users are found, and stand where the list has them, in whatever order they come, change
// their names and go, and also if a part of the list has no numbers left.
func TestUsersHavePlacesInTheList(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(i int) int{
		"up": func(i int) int { return i }, "down": func(i int) int { return 999 - i }, "shuffled": func(i int) int { return i * 7 % 1_000 },
		"no numbers left": func(i int) int { return i * 7 % 1_000 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sqlstore.Options{Path: t.TempDir() + "/chat.db"})
			write := func(fn func(tx *sqlstore.Tx) error) {
				t.Helper()
				if err := s.Write(t.Context(), fn); err != nil {
					t.Fatal(err)
				}
			}
			if name == "no numbers left" {
				write(func(tx *sqlstore.Tx) error {
					return tx.Exec("INSERT INTO user_shelves VALUES ((1 << 36) + 20, 'name d', '')")
				})
			}
			users := make([]chat.User, 1_000)
			at := func(n int) string { return fmt.Sprintf("Name %c%05d xyz", "abcdefghij"[n/100], n) }
			for i := range users {
				users[i] = chat.User{ID: fmt.Sprintf("u%d", i), Name: at(order(i)), Role: chat.RoleUser}
			}
			for begin := 0; begin < len(users); begin += 250 {
				write(func(tx *sqlstore.Tx) error {
					for _, u := range users[begin : begin+250] {
						if err := tx.PutUser(u); err != nil {
							return err
						}
					}
					return nil
				})
			}
			dice := rand.New(rand.NewPCG(1, 2))
			write(func(tx *sqlstore.Tx) error {
				for range 200 {
					i := dice.IntN(len(users))
					users[i].Name = at(dice.IntN(1_000)) + " renamed"
					if err := tx.PutUser(users[i]); err != nil {
						return err
					}
				}
				gone := users[len(users)-10:]
				users = users[:len(users)-10]
				for _, u := range gone {
					if err := tx.Exec("DELETE FROM users WHERE id = '" + u.ID + "'"); err != nil {
						return err
					}
				}
				return nil
			})
			for _, part := range []string{"name", "xyz", "renamed", "xyz renamed", "c002", "j009", strings.ToUpper(users[3].Name)} {
				same(t, s, users, part)
			}
			if err := s.Verify(t.Context(), func(fault string) { t.Error(fault) }); err != nil {
				t.Error(err)
			}
		})
	}
}
