package sqlstore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A search finds, in the list's order, exactly the users who have the part in their name or
// id, whether many have it or few, and wherever in the list they are.
func TestUserSearch(t *testing.T) {
	for name, o := range map[string]func(*testing.T) sqlstore.Options{
		"SQLite":     func(t *testing.T) sqlstore.Options { return sqlstore.Options{Path: t.TempDir() + "/chat.db"} },
		"PostgreSQL": func(t *testing.T) sqlstore.Options { return sqlstore.Options{URL: pgtest.Open(t)} },
	} {
		t.Run(name, func(t *testing.T) { userSearch(t, open(t, o(t))) })
	}
}

func userSearch(t *testing.T, s *sqlstore.Store) {
	users := searchedUsers()
	write := func(fn func(tx *sqlstore.Tx) error) {
		t.Helper()
		if err := s.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *sqlstore.Tx) error {
		for _, u := range users {
			if err := tx.InsertUser(u); err != nil {
				return err
			}
		}
		shelves, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int], "SELECT COUNT(*) FROM user_shelves")
		if shelves < 10 { // a full one is divided, else each search reads the whole index
			t.Errorf("%d users stand on %d shelves", len(users), shelves)
		}
		return err
	})
	for _, part := range []string{
		"user", "USER ", "abc", "bcd", "abcd", "zora", "zora 1", "999", "crm-00077", "ﬁsch", "strasse", "ΜΆΪΟΣ", "東京都", "👩‍🚀👩‍🚀", `o"hara`, "50% o", `a\b\c`,
		"d_e_f", "nobody has this", "' OR '1", `NEAR("abc`, strings.Repeat("long name ", 20),
	} {
		same(t, s, users, part)
	}

	users[7].Name, users[8].Role = "Renamed Xylophone", chat.RoleAdmin
	write(func(tx *sqlstore.Tx) error {
		if err := tx.PutUser(users[7]); err != nil {
			return err
		}
		if err := tx.PutUser(users[8]); err != nil {
			return err
		}
		return tx.Exec("DELETE FROM users WHERE id = '" + users[9].ID + "'")
	})
	users = slices.Delete(users, 9, 10)
	for _, part := range []string{"xylo", "user 7 ", "user 8 ", "crm-000009"} {
		same(t, s, users, part)
	}
	if err := s.Verify(t.Context(), func(fault string) { t.Error(fault) }); err != nil {
		t.Error(err)
	}
}

// searchedUsers are more than are walked through before an index is asked.
func searchedUsers() []chat.User {
	users := make([]chat.User, 13_000)
	for i := range users {
		name := fmt.Sprintf("User %d %s", i, []string{"xabcx", "xbcdx"}[i%2])
		if i > 12_000 {
			name = fmt.Sprintf("Zora %d", i)
		}
		users[i] = chat.User{ID: fmt.Sprintf("CRM-%06d", i), Name: name, Role: chat.RoleUser, CreatedAt: time.UnixMicro(1)}
	}
	for i, name := range []string{
		"Fischer", "Straße 9", "Μάϊος", "東京都庁", "👩‍🚀👩‍🚀👩‍🚀", `Kim O"Hara`, "50% off", `a\b\c`, "d_e_f", "dxexf", strings.Repeat("Long Name ", 25),
	} {
		users[i*1000].Name = name
	}
	return users
}

// same pages through a search, and compares with what looking at each user gives.
func same(t *testing.T, s *sqlstore.Store, users []chat.User, part string) {
	t.Helper()
	var want, got []string
	text := fold.Text(strings.TrimSpace(part))
	for _, u := range users {
		if strings.Contains(fold.Text(u.Name), text) || strings.Contains(strings.ToLower(u.ID), text) {
			want = append(want, fold.Key(u.Name)+"\n"+u.ID)
		}
	}
	slices.Sort(want)
	for q := (chat.UserQuery{Search: part, Limit: 200}); len(got) < 1_000; {
		page, err := s.Users(t.Context(), q)
		if err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		for _, u := range page[:min(q.Limit, len(page))] {
			got = append(got, fold.Key(u.Name)+"\n"+u.ID)
			q.After = chat.Position{NameKey: fold.Key(u.Name), ID: u.ID}
		}
		if len(page) <= q.Limit {
			break
		}
	}
	if len(got) >= 1_000 && len(want) > len(got) {
		want = want[:len(got)]
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q: %d found, want %d; first %.80q, want %.80q", part, len(got), len(want), got, want)
	}
}

// A connection that verified before sees the index as it is now, not the parts that have
// been merged since.
func TestVerifyAgainAfterTheIndexWasMerged(t *testing.T) {
	t.Parallel()
	s := open(t, sqlstore.Options{Path: t.TempDir() + "/chat.db"})
	for round := range 40 {
		for i := range 3 {
			u := chat.User{ID: fmt.Sprintf("u%d", i), Name: fmt.Sprintf("Name %d of round %d", i, round)}
			if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.PutUser(u) }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Verify(t.Context(), func(fault string) { t.Errorf("round %d: %s", round, fault) }); err != nil {
			t.Fatal(err)
		}
	}
}
