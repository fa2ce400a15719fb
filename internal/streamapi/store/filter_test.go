package store_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

func onBoth(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Run("SQLite", func(t *testing.T) { test(t, open(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, open(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func open(t testing.TB, where sqlstore.Options) *store.Store {
	t.Helper()
	s, err := sqlstore.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return store.New(s)
}

// year is the first moment of a year.
func year(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }

func fromJSON[T any](t testing.TB, text string) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// fillForFilters makes users and the channels that
// the tests of filters look for.
func fillForFilters(t testing.TB, s *store.Store) {
	t.Helper()
	users := []chat.User{
		{ID: "ann", Name: "Ann Élan", Role: chat.RoleAdmin, UserExtra: chat.UserExtra{Teams: []string{"red", "blue"}},
			Custom: map[string]any{"email": "ann@example.com"}},
		{ID: "bob", Name: "Bob ÜBER", Role: chat.RoleUser, UserExtra: chat.UserExtra{Language: "de"}},
		{ID: "carl", Name: "Carl", Role: chat.RoleUser},
	}
	channels := []struct {
		id, name, custom, extra string
		members                 []string
		born                    int
	}{
		{"none", "", `{}`, `{}`, nil, 2001},
		{"one", "Ärzte Haus", `{"n":1,"s":"a","b":true,"l":["x","Y",3],"o":{"in":{"deep":5}},"z":null,"%":"100%"}`,
			`{"team":"red","filter_tags":["news","sport"]}`, []string{"ann", "bob"}, 2002},
		{"two", "über_alles 50%", `{"n":2.0,"s":"B","b":false,"l":[1,2],"o":{"in":{"deep":"5"},"l":["p"]},"a<b":"c"}`,
			`{"team":"blue","filter_tags":["news"]}`, []string{"bob"}, 2003},
		{"three", "Zoo", `{"n":10,"s":"10","b":"true","l":[],"o":"in","u":"ÄRGER"}`, `{}`, []string{"ann", "bob", "carl"}, 2004},
		{"four", "zoo", `{"n":"10","s":"a b","l":"x","o":[{"in":1}],"big":9007199254740993}`, `{}`, []string{"ann"}, 2004},
	}
	err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
		for _, u := range users {
			u.CreatedAt = year(2000)
			if err := tx.PutUser(u); err != nil {
				return err
			}
		}
		for _, c := range channels {
			d := chat.Channel{Custom: fromJSON[map[string]any](t, c.custom)}
			d.ChannelExtra = fromJSON[chat.ChannelExtra](t, c.extra)
			d.CID, d.Name, d.CreatedBy = chat.CID{Type: "team", ID: c.id}, c.name, "ann"
			d.CreatedAt, d.UpdatedAt, d.Frozen = year(c.born), year(c.born+10), c.id == "two"
			d.Disabled = c.id == "two"
			if err := tx.InsertChannel(d); err != nil {
				return err
			}
			if err := tx.PutChannel(d); err != nil {
				return err
			}
			for i, m := range c.members {
				if _, err := tx.AddMember(chat.Member{CID: d.CID, User: chat.User{ID: m}, Role: chat.ChannelMember, AddedAt: year(2010 + i)}); err != nil {
					return err
				}
			}
		}
		one, two := chat.CID{Type: "team", ID: "one"}, chat.CID{Type: "team", ID: "two"}
		if _, err := tx.AppendMessage(&chat.Message{ID: "m", CID: one, Sender: chat.User{ID: "bob"}, Text: "hi", CreatedAt: year(2020)}, false); err != nil {
			return err
		}
		if err := tx.Restrict(chat.Restriction{Kind: chat.Ban, UserID: "bob"}); err != nil {
			return err
		}
		invited := chat.Member{CID: two, User: chat.User{ID: "bob"}, Role: chat.ChannelModerator,
			MemberExtra: chat.MemberExtra{Invited: true}, Custom: map[string]any{"seat": json.Number("7")}, PinnedAt: year(2021)}
		if err := tx.SetMember(invited); err != nil {
			return err
		}
		if _, err := tx.SetChannelSettings(one, "ann", chat.ChannelSettings{Muted: true, ChangedAt: year(2022)}); err != nil {
			return err
		}
		_, err := tx.SetChannelSettings(two, "ann", chat.ChannelSettings{Hidden: true, Muted: true, MutedUntil: year(2023), ChangedAt: year(2022)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// found runs a filter and a sort, and returns the ids of what it finds.
func found(s *store.Store, of, viewer string, f store.Filter, by ...store.Sort) (ids []string, err error) {
	ctx, now := context.Background(), year(2025)
	switch of {
	case "channels":
		list, err := s.SearchChannels(ctx, store.ChannelSearch{Search: store.Search{Filter: f, Sort: by, Limit: 30}, Viewer: viewer}, now)
		for _, c := range list {
			ids = append(ids, c.CID.ID)
		}
		return ids, err
	case "users":
		list, err := s.SearchUsers(ctx, store.UserSearch{Search: store.Search{Filter: f, Sort: by, Limit: 30}}, now)
		for _, u := range list {
			ids = append(ids, u.ID)
		}
		return ids, err
	}
	list, err := s.SearchMembers(ctx, chat.CID{Type: "team", ID: of}, store.Search{Filter: f, Sort: by, Limit: 30}, now)
	for _, m := range list {
		ids = append(ids, m.User.ID)
	}
	return ids, err
}

const refusal = "refused"

func TestFilters(t *testing.T) {
	rows := []struct{ name, of, viewer, filter, want string }{
		// The fields of channels.
		{"no filter finds all", "channels", "", `{}`, "four none one three two"},
		{"a text is equal", "channels", "", `{"cid":"team:one"}`, "one"},
		{"a text is not equal", "channels", "", `{"id":{"$ne":"one"}}`, "four none three two"},
		{"a text is one of many", "channels", "", `{"cid":{"$in":["team:one","team:two","team:no"]}}`, "one two"},
		{"a text is none of many", "channels", "", `{"cid":{"$nin":["team:one","team:two"]}}`, "four none three"},
		{"nothing is one of none", "channels", "", `{"cid":{"$in":[]}}`, ""},
		{"all are none of none", "channels", "", `{"cid":{"$nin":[]}}`, "four none one three two"},
		{"one of none, of a field that needs the viewer", "channels", "ann", `{"invite":{"$in":[]}}`, ""},
		{"a text is greater, bytewise", "channels", "", `{"name":{"$gt":"Zoo"}}`, "four one two"},
		{"a text is at least", "channels", "", `{"id":{"$gte":"three"}}`, "three two"},
		{"a text is less", "channels", "", `{"id":{"$lt":"none"}}`, "four"},
		{"a text is at most", "channels", "", `{"id":{"$lte":"none"}}`, "four none"},
		{"a text is there", "channels", "", `{"name":{"$exists":true}}`, "four one three two"},
		{"a text is missing", "channels", "", `{"team":{"$exists":false}}`, "four none three"},
		{"a text is null", "channels", "", `{"team":null}`, "four none three"},
		{"a text is not null", "channels", "", `{"team":{"$ne":null}}`, "one two"},
		{"a text that is missing is not equal", "channels", "", `{"team":{"$ne":"red"}}`, "four none three two"},
		{"a name is equal in its own case only", "channels", "", `{"name":"zoo"}`, "four"},
		{"a name begins, in any case", "channels", "", `{"name":{"$autocomplete":"ZO"}}`, "four three"},
		{"a name begins with a letter beyond ASCII", "channels", "", `{"name":{"$autocomplete":"ärz"}}`, "one"},
		{"a name begins so, letters beyond ASCII in another case", "channels", "", `{"name":{"$autocomplete":"ÜBER"}}`, "two"},
		{"a later word begins", "channels", "", `{"name":{"$autocomplete":"hau"}}`, "one"},
		{"no word begins inside", "channels", "", `{"name":{"$autocomplete":"aus"}}`, ""},
		{"an underscore is no joker", "channels", "", `{"name":{"$autocomplete":"Z_o"}}`, ""},
		{"a percent sign is no joker", "channels", "", `{"name":{"$q":"50%"}}`, "two"},
		{"all words are somewhere", "channels", "", `{"name":{"$q":"AUS ÄRZ"}}`, "one"},
		{"not all words are there", "channels", "", `{"name":{"$q":"haus zoo"}}`, ""},
		{"a number is equal", "channels", "", `{"member_count":1}`, "four two"},
		{"a number is greater", "channels", "", `{"member_count":{"$gt":1}}`, "one three"},
		{"a number is one of many", "channels", "", `{"member_count":{"$in":[0,3]}}`, "none three"},
		{"a number is there", "channels", "", `{"message_count":{"$exists":true}}`, "four none one three two"},
		{"a time is equal, as text", "channels", "", `{"created_at":"2002-01-01T01:00:00+01:00"}`, "one"},
		{"a time is equal, in nanoseconds", "channels", "", `{"created_at":1009843200000000000}`, "one"},
		{"a time is at most", "channels", "", `{"created_at":{"$lte":"2003-01-01T00:00:00Z"}}`, "none one two"},
		{"a time lies between", "channels", "", `{"created_at":{"$gt":"2001-01-01T00:00:00Z","$lt":"2003-01-01T00:00:00Z"}}`, "one"},
		{"a time that is none is not less", "channels", "", `{"last_message_at":{"$lt":"2030-01-01T00:00:00Z"}}`, "one"},
		{"a time is there", "channels", "", `{"last_message_at":{"$exists":true}}`, "one"},
		{"a time is missing", "channels", "", `{"last_message_at":null}`, "four none three two"},
		{"the time of the last message, or of the creation", "channels", "", `{"last_updated":{"$gte":"2004-01-01T00:00:00Z"}}`, "four one three"},
		{"a flag is true", "channels", "", `{"frozen":true}`, "two"},
		{"a flag is false", "channels", "", `{"frozen":{"$ne":true}}`, "four none one three"},
		{"a flag that was never set is false", "channels", "", `{"disabled":false}`, "four none one three"},
		{"a flag that was set", "channels", "", `{"disabled":true}`, "two"},
		{"members have one of", "channels", "", `{"members":{"$in":["carl","nobody"]}}`, "three"},
		{"members have one", "channels", "", `{"members":{"$contains":"ann"}}`, "four one three"},
		{"members are all and only", "channels", "", `{"members":["bob","ann","bob"]}`, "one"},
		{"members are none", "channels", "", `{"members":[]}`, "none"},
		{"members have none of", "channels", "", `{"members":{"$nin":["ann"]}}`, "none two"},
		{"there are members", "channels", "", `{"members":{"$exists":true}}`, "four one three two"},
		{"a member's name begins", "channels", "", `{"member.user.name":{"$autocomplete":"élan"}}`, "four one three"},
		{"a member's name is", "channels", "", `{"member.user.name":"Carl"}`, "three"},
		{"tags have one of", "channels", "", `{"filter_tags":{"$in":["sport"]}}`, "one"},
		{"tags are all and only", "channels", "", `{"filter_tags":{"$eq":["news"]}}`, "two"},
		{"a member is banned everywhere", "channels", "", `{"app_banned":"only"}`, "one"},

		// What a user has to do with channels.
		{"hidden channels are left out for who hid them", "channels", "ann", `{}`, "four none one three"},
		{"hidden channels are shown on request", "channels", "ann", `{"hidden":true}`, "two"},
		{"channels that aren't hidden", "channels", "ann", `{"hidden":false}`, "four none one three"},
		{"muted channels, but those of which it ended", "channels", "ann", `{"muted":true,"hidden":{"$in":[]}}`, ""},
		{"muted channels", "channels", "ann", `{"muted":true}`, "one"},
		{"channels not muted", "channels", "ann", `{"muted":false}`, "four none three"},
		{"joined channels", "channels", "bob", `{"joined":true}`, "one three"},
		{"channels not joined", "channels", "bob", `{"joined":false}`, "four none two"},
		{"invitations pending", "channels", "bob", `{"invite":"pending"}`, "two"},
		{"pinned channels", "channels", "bob", `{"pinned":true}`, "two"},
		{"channels archived", "channels", "bob", `{"archived":true}`, ""},
		{"pinned before a time", "channels", "bob", `{"pinned_at":{"$lt":"2022-01-01T00:00:00Z"}}`, "two"},
		{"not pinned at any time", "channels", "bob", `{"pinned_at":null}`, "four none one three"},
		{"channels with something unread", "channels", "ann", `{"has_unread":true}`, "one"},
		{"one's own messages are read", "channels", "bob", `{"has_unread":true}`, ""},
		{"so many unread", "channels", "ann", `{"unread_count":{"$gte":1}}`, "one"},

		// The callers' own fields.
		{"own number is equal", "channels", "", `{"n":2}`, "two"},
		{"own number is greater, never a text", "channels", "", `{"n":{"$gt":1}}`, "three two"},
		{"own number is at most", "channels", "", `{"n":{"$lte":2}}`, "one two"},
		{"own text is no number", "channels", "", `{"n":"10"}`, "four"},
		{"own text is greater, bytewise, never a number", "channels", "", `{"n":{"$gt":"1"}}`, "four"},
		{"own text is less", "channels", "", `{"s":{"$lt":"a"}}`, "three two"},
		{"own text is one of", "channels", "", `{"s":{"$in":["a","B","10"]}}`, "one three two"},
		{"own value is one of texts and numbers", "channels", "", `{"n":{"$in":["10",1,2.0]}}`, "four one two"},
		{"own value is none of", "channels", "", `{"s":{"$nin":["a","B"]}}`, "four none three"},
		{"own value is not equal, or missing", "channels", "", `{"s":{"$ne":"a"}}`, "four none three two"},
		{"own flag", "channels", "", `{"b":true}`, "one"},
		{"own flag is one of", "channels", "", `{"b":{"$in":[true,false]}}`, "one two"},
		{"own value is there, null too", "channels", "", `{"z":{"$exists":true}}`, "one"},
		{"own value is missing", "channels", "", `{"s":{"$exists":false}}`, "none"},
		{"own value is null or missing", "channels", "", `{"z":null}`, "four none one three two"},
		{"own value is not null", "channels", "", `{"s":{"$ne":null}}`, "four one three two"},
		{"own list has a text", "channels", "", `{"l":{"$contains":"x"}}`, "four one"},
		{"own list has a number", "channels", "", `{"l":{"$contains":3}}`, "one"},
		{"own list has one of", "channels", "", `{"l":{"$in":["Y",1]}}`, "one two"},
		{"own list is equal", "channels", "", `{"l":[1.0,2]}`, "two"},
		{"own list is equal in order", "channels", "", `{"l":[2,1]}`, ""},
		{"own list is empty", "channels", "", `{"l":[]}`, "three"},
		{"own field within a field", "channels", "", `{"o.in.deep":5}`, "one"},
		{"own field within a field is there", "channels", "", `{"o.in":{"$exists":true}}`, "one two"},
		{"own list within a field", "channels", "", `{"o.l":{"$contains":"p"}}`, "two"},
		{"a list has no field by number", "channels", "", `{"o.0":{"$exists":true}}`, ""},
		{"an object has none of its values as elements", "channels", "", `{"o":{"$contains":"in"}}`, "three"},
		{"own field under its long name", "channels", "", `{"custom.s":"B"}`, "two"},
		{"own field with odd letters in its name", "channels", "", `{"a<b":"c"}`, "two"},
		{"own field with a joker for a name", "channels", "", `{"%":{"$autocomplete":"100%"}}`, "one"},
		{"own text begins, in any case", "channels", "", `{"s":{"$autocomplete":"b"}}`, "four two"},
		{"own text has words", "channels", "", `{"s":{"$q":"B A"}}`, "four"},
		{"own text keeps the case of letters beyond ASCII", "channels", "", `{"u":{"$autocomplete":"Är"}}`, "three"},
		{"own number of many digits", "channels", "", `{"big":{"$gt":9007199254740000}}`, "four"},
		{"own value under nobody's name", "channels", "", `{"nope":{"$gt":1}}`, ""},

		// Groups.
		{"all of a group", "channels", "", `{"$and":[{"team":"red"},{"frozen":false}]}`, "one"},
		{"one of a group", "channels", "", `{"$or":[{"team":"red"},{"frozen":true}]}`, "one two"},
		{"none of a group", "channels", "", `{"$nor":[{"team":"red"},{"s":"B"}]}`, "four none three"},
		{"groups in groups", "channels", "", `{"$or":[{"$and":[{"n":1},{"s":"a"}]},{"$nor":[{"name":{"$exists":true}}]}]}`, "none one"},
		{"a group with a filter of nothing", "channels", "", `{"$and":[{},{"n":1}]}`, "one"},

		// Users.
		{"a user's name begins", "users", "", `{"name":{"$autocomplete":"über"}}`, "bob"},
		{"a user's own data", "users", "", `{"email":"ann@example.com"}`, "ann"},
		{"users of a team", "users", "", `{"teams":{"$contains":"red"}}`, "ann"},
		{"banned users", "users", "", `{"banned":true}`, "bob"},
		{"users by role", "users", "", `{"role":{"$in":["user"]}}`, "bob carl"},
		{"users of a language", "users", "", `{"language":"de"}`, "bob"},

		// Members.
		{"members of a channel", "three", "", `{}`, "ann bob carl"},
		{"members by id", "three", "", `{"id":{"$in":["carl","ann"]}}`, "ann carl"},
		{"members by name", "three", "", `{"name":{"$q":"ÉLAN"}}`, "ann"},
		{"members by a field of the user", "three", "", `{"user.email":{"$autocomplete":"ann@"}}`, "ann"},
		{"members by role", "two", "", `{"channel_role":"channel_moderator"}`, "bob"},
		{"members by moderation", "two", "", `{"is_moderator":false}`, ""},
		{"members invited", "two", "", `{"invite":"pending"}`, "bob"},
		{"members joined", "two", "", `{"joined":true}`, ""},
		{"members by own data", "two", "", `{"seat":{"$gte":7}}`, "bob"},
		{"members by the time they were added", "three", "", `{"created_at":{"$gt":"2010-01-01T00:00:00Z"}}`, "bob carl"},
		{"members banned in the channel", "three", "", `{"banned":true}`, ""},

		// Refused, as what can't be asked.
		{"a text compared with a number", "channels", "", `{"cid":1}`, refusal},
		{"a text in a list with a number", "channels", "", `{"cid":{"$in":["a",1]}}`, refusal},
		{"a number compared with a text", "channels", "", `{"member_count":"1"}`, refusal},
		{"a number compared with a fraction", "channels", "", `{"member_count":1.5}`, refusal},
		{"a number that contains", "channels", "", `{"member_count":{"$contains":1}}`, refusal},
		{"a number with words", "channels", "", `{"member_count":{"$q":"1"}}`, refusal},
		{"a time compared with another text", "channels", "", `{"created_at":"yesterday"}`, refusal},
		{"a time compared with a fraction", "channels", "", `{"created_at":1e400}`, refusal},
		{"a flag compared with a text", "channels", "", `{"frozen":"true"}`, refusal},
		{"a flag in a list", "channels", "", `{"frozen":{"$in":[true]}}`, refusal},
		{"a flag that is greater", "channels", "", `{"frozen":{"$gt":1}}`, refusal},
		{"a set that is greater", "channels", "", `{"members":{"$gt":"a"}}`, refusal},
		{"a set with a number", "channels", "", `{"members":{"$in":[1]}}`, refusal},
		{"own number beyond all", "channels", "", `{"n":{"$gt":1e999}}`, refusal},
		{"own numbers beyond all", "channels", "", `{"n":{"$in":[1e999]}}`, refusal},
		{"a field with a quote", "channels", "", `{"a\"b":1}`, refusal},
		{"a field with a backslash", "channels", "", `{"a\\b":1}`, refusal},
		{"a field with an empty part", "channels", "", `{"a..b":1}`, refusal},
		{"a field that ends in a dot", "channels", "", `{"a.":{"$in":[]}}`, refusal},
		{"a field of many parts", "channels", "", `{"a.b.c.d.e.f.g.h.i":1}`, refusal},
	}
	onBoth(t, func(t *testing.T, s *store.Store) {
		fillForFilters(t, s)
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				f, refused := store.ParseFilter([]byte(row.filter))
				if refused != nil {
					t.Fatal(refused)
				}
				ids, err := found(s, row.of, row.viewer, f, store.Sort{Field: "id"})
				got := strings.Join(ids, " ")
				if chat.CodeOf(err) == chat.InvalidArguments {
					got, err = refusal, nil
				}
				if err != nil || got != row.want {
					t.Errorf("it finds %q, %v; want %q", got, err, row.want)
				}
			})
		}
	})
}

func TestSorts(t *testing.T) {
	up := func(field string) store.Sort { return store.Sort{Field: field} }
	down := func(field string) store.Sort { return store.Sort{Field: field, Down: true} }
	rows := []struct {
		name, of, want string
		by             []store.Sort
	}{
		{"by nothing: what happened last, then cid", "channels", "one four three two none", nil},
		{"by a time, what is alike by cid", "channels", "four three two one none", []store.Sort{down("created_at")}},
		{"by a time upwards", "channels", "none one two four three", []store.Sort{up("created_at")}},
		{"by name, folded", "channels", "none one two four three", []store.Sort{up("name")}},
		{"by name downwards", "channels", "four three two one none", []store.Sort{down("name")}},
		{"by two fields", "channels", "three one two four none", []store.Sort{down("member_count"), down("frozen")}},
		{"by own numbers, then texts, then what is missing", "channels", "one two three four none", []store.Sort{up("n")}},
		{"by the same downwards", "channels", "three two one four none", []store.Sort{down("n")}},
		{"by own texts, bytewise", "channels", "three two one four none", []store.Sort{up("s")}},
		{"by own flags", "channels", "three two one four none", []store.Sort{up("b")}},
		{"by a field within a field", "channels", "one two four none three", []store.Sort{up("o.in.deep")}},
		{"users by nothing: the newest first", "users", "ann bob carl", nil},
		{"users by name downwards", "users", "carl bob ann", []store.Sort{down("name")}},
		{"users by a field that can be missing", "users", "bob ann carl", []store.Sort{up("language")}},
		{"members by nothing: who came first", "three", "ann bob carl", nil},
		{"members by a field of the user", "three", "ann bob carl", []store.Sort{up("user.email")}},
		{"by a set", "channels", refusal, []store.Sort{up("members")}},
		{"by a broken name", "channels", refusal, []store.Sort{up(`a"b`)}},
	}
	onBoth(t, func(t *testing.T, s *store.Store) {
		fillForFilters(t, s)
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				ids, err := found(s, row.of, "", store.Filter{}, row.by...)
				got := strings.Join(ids, " ")
				if chat.CodeOf(err) == chat.InvalidArguments {
					got, err = refusal, nil
				}
				if err != nil || got != row.want {
					t.Errorf("it finds %q, %v; want %q", got, err, row.want)
				}
			})
		}
	})
}

// FuzzFilter: no filter that can be read is refused by a database, and both find
// the same by it.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}`, `{"l":{"$in":["x",1,true]},"$or":[{"n":{"$gt":0.5}},{"s":{"$q":"a _%"}}]}`, `{"o.in.deep":{"$exists":true}}`,
		`{"invite":{"$in":[]},"muted":{"$ne":true}}`, `{"l":[1,2,"\u003c"]}`, `{"members":["ann","bob"],"created_at":{"$lt":"2010-01-01T00:00:00Z"}}`,
		`{"member.user.name":{"$autocomplete":"\\"},"filter_tags":{"$nin":["news"]}}`, `{"n":{"$gte":1e300},"s":{"$lte":"é"}}`,
		`{"name":{"$autocomplete":"ẞ"},"custom.z":null}`, `{"[0]":{"$contains":"1"},"$":"$","'":"'"}`, `{"n":{"$nin":[1e-300,-0]}}`,
	} {
		f.Add(seed, "n", true)
		f.Add(seed, "last_message_at", false)
	}
	lite := open(f, sqlstore.Options{Path: filepath.Join(f.TempDir(), "chat.db")})
	postgres := open(f, sqlstore.Options{URL: pgtest.Open(f)})
	fillForFilters(f, lite)
	fillForFilters(f, postgres)
	f.Fuzz(func(t *testing.T, raw, sort string, down bool) {
		filter, refused := store.ParseFilter([]byte(raw))
		if refused != nil || !utf8.ValidString(sort) {
			return
		}
		for _, of := range []string{"channels", "users", "three"} {
			by := store.Sort{Field: sort, Down: down}
			a, errA := found(lite, of, "ann", filter, by)
			b, errB := found(postgres, of, "ann", filter, by)
			for _, err := range []error{errA, errB} {
				if err != nil && chat.CodeOf(err) != chat.InvalidArguments {
					t.Errorf("a database refuses %s by %q of %s: %v", raw, sort, of, err)
				}
			}
			if !slices.Equal(a, b) || (errA == nil) != (errB == nil) {
				t.Errorf("%s by %q of %s finds %v (%v) and %v (%v)", raw, sort, of, a, errA, b, errB)
			}
		}
	})
}
