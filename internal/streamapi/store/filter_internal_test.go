package store

import (
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// token is a word of SQL, a literal, or a run of signs.
var token = regexp.MustCompile(`'[^']*'|"[^"]*"|\$?[A-Za-z0-9_][A-Za-z0-9_.]*|[^\sA-Za-z0-9_$'"]+|.`)

// ours are all tokens that the compiler of filters may write, placeholders aside.
var ours = func() map[string]bool {
	known := map[string]bool{}
	for _, words := range []string{
		`SELECT DISTINCT FROM JOIN LEFT ON WHERE AND OR NOT IN IS NULL EXISTS AS CASE WHEN THEN ELSE END CAST COALESCE COUNT`,
		`LIKE ESCAPE COLLATE ORDER BY DESC NULLS LAST LIMIT OFFSET TRUE FALSE BIGINT TEXT DOUBLE PRECISION text jsonb 0 1 2`,
		`lower json json_type json_extract json_each jsonb_typeof jsonb_array_elements jsonb_array_elements_text jsonb_build_array`,
		`elements t e e_key e_type e_value type value '\' '' '{}' '[]' "C" 'text' 'string' 'integer' 'real' 'number' 'boolean'`,
		`'true' 'false' 'array' 'object' 'null' '1' '$.filter_tags' '$.teams' 'accepted' 'rejected' 'pending' 'excluded' 'only'`,
		`'team' 'disabled' 'filter_tags' 'teams' 'language' 'image' 'accepted_at' 'rejected_at' 'invited' 'username' 'ban' 'shadow'`,
		`'channel_moderator' channels members users messages restrictions channel_settings c f u m o r`,
		`c.cid c.id c.type c.no c.seq c.name c.name_text c.name_key c.avatar c.frozen c.message_count c.member_count c.created_by c.created_at`,
		`c.updated_at c.last_message_at c.custom c.extra f.channel f.user_id f.role f.custom f.extra f.added_at f.updated_at`,
		`f.read_at f.read_seq f.pinned_at f.archived_at u.id u.name u.name_text u.name_key u.role u.custom u.extra u.created_at u.updated_at`,
		`u.deactivated_at u.deleted_at m.channel m.seq m.sender m.deleted_at m.shadowed r.user_id r.channel r.kind r.until`,
		`o.hidden o.hidden_before o.muted o.muted_until o.changed_at o.channel o.user_id`,
	} {
		for _, word := range strings.Fields(words) {
			known[word] = true
		}
	}
	return known
}()

// signs are what runs of signs are made of.
const signs = "()=<>,-#*"

func foreign(text string) string {
	for _, word := range token.FindAllString(text, -1) {
		word = strings.TrimSpace(word)
		switch {
		case strings.Contains(word, "--"):
			return word
		case word == "" || ours[word] || placeholder.MatchString(word) || strings.Trim(word, signs) == "":
		case countOf.MatchString(word): // of a set's values
		default:
			return word
		}
	}
	return ""
}

var (
	placeholder = regexp.MustCompile(`^\$[1-9][0-9]*$`)
	countOf     = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
)

// FuzzCompiledText: no input reaches SQL as text, and each placeholder has its value.
func FuzzCompiledText(f *testing.F) {
	for _, seed := range []string{
		`{"a":"' OR 1=1 --"}`, `{"'; DROP TABLE users; --":{"$in":["'",1,true]}}`, `{"name":{"$q":"'x' \" $9"}}`,
		`{"members":["';--"],"o.x'":{"$exists":true}}`, `{"user.')":{"$autocomplete":"')"}}`, `{"filter_tags":{"$eq":["a","b","c"]}}`,
		`{"$or":[{"muted":true},{"invite":{"$ne":"'"}},{"last_message_at":null},{"app_banned":"only"},{"l":[1,"'"]}]}`,
		`{"banned":true,"teams":{"$contains":"'"},"joined":false,"has_unread":true,"unread_count":{"$gt":1},"created_at":{"$gt":1}}`,
	} {
		f.Add(seed, "a'b")
		f.Add(seed, "last_updated")
		f.Add(seed, "name")
	}
	at := time.Unix(1, 0)
	f.Fuzz(func(t *testing.T, raw, sort string) {
		filter, refused := ParseFilter([]byte(raw))
		if refused != nil {
			return
		}
		for _, d := range []dialect{onSQLite, {}} {
			for _, n := range []searchable{searchableChannels(d, at), searchableUsers(d, at), searchableMembers(d, at)} {
				l := &statement{dialect: d, searchable: n, viewer: "a viewer's id"}
				where, errW := l.where(filter)
				order, errO := l.order([]Sort{{Field: sort, Down: true}})
				if errW != nil || errO != nil {
					continue
				}
				text := where + " ORDER BY " + order
				if word := foreign(text); word != "" {
					t.Fatalf("%v: the word %q of %s by %q is in\n%s", d, word, raw, sort, text)
				}
				for i := range l.args {
					mark := "$" + strconv.Itoa(i+1)
					if !regexp.MustCompile(regexp.QuoteMeta(mark) + `\b`).MatchString(text) {
						t.Fatalf("%v: %s of %s by %q is bound and not used in\n%s", d.sqlite, mark, raw, sort, text)
					}
				}
			}
		}
	})
}

func TestForeignFindsWhatIsNotOurs(t *testing.T) {
	for _, text := range []string{`c.name = 'x'`, `c.name = x`, `c.name = $1; SELECT`, `c.name = "x"`, `$0`, `c.password`, `-- `, "c.name = '"} {
		if foreign(text) == "" {
			t.Errorf("%s passes for ours", text)
		}
	}
}

// What a filter reads of a JSON column must be what is stored there, or it finds nothing.
func TestFieldsReadWhatIsStored(t *testing.T) {
	stored := map[string]reflect.Type{
		"c": reflect.TypeFor[chat.ChannelExtra](), "u": reflect.TypeFor[chat.UserExtra](),
		"f": reflect.TypeFor[chat.MemberExtra](), "m": reflect.TypeFor[chat.MessageExtra](),
	}
	read := regexp.MustCompile(`\b([cufm])\.extra\b[^']*'(?:\$\.)?(\w+)'`)
	at, checked := time.Unix(1, 0), 0
	for _, d := range []dialect{onSQLite, {}} {
		for _, n := range []searchable{
			searchableChannels(d, at), searchableUsers(d, at), searchableMembers(d, at), searchableMessages(d, at),
			searchableFlags(d), searchableThreads(d), searchableVersions, searchableReactions, searchableBans(),
		} {
			for name, f := range n.fields {
				for _, found := range read.FindAllStringSubmatch(f.expr(&statement{dialect: d}), -1) {
					if checked++; !hasJSONField(stored[found[1]], found[2]) {
						t.Errorf("%s reads %q of %s.extra, where nothing is stored under that name", name, found[2], found[1])
					}
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d reads of JSON columns were recognised", checked)
	}
}

func hasJSONField(of reflect.Type, name string) bool {
	for i := range of.NumField() {
		if tag, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); tag == name {
			return true
		}
	}
	return false
}

// Lists of channels must not read and sort all of them for each page.
func TestPagesOfChannelsUseAnIndex(t *testing.T) {
	db, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := New(db)
	rows := []struct {
		name, filter string
		by           []Sort
		want         string
	}{
		{"by creation", `{}`, []Sort{{Field: "created_at", Down: true}}, "USING INDEX channels_by_creation"},
		{"from a time of creation on", `{"created_at":{"$lte":"2026-01-01T00:00:00Z"}}`, []Sort{{Field: "created_at", Down: true}},
			"USING INDEX channels_by_creation (created_at<?)"},
		{"of a type", `{"type":"team","created_at":{"$lte":"2026-01-01T00:00:00Z"}}`, []Sort{{Field: "created_at", Down: true}},
			"USING INDEX channels_by_type (type=? AND created_at<?)"},
		{"by name", `{"frozen":false}`, []Sort{{Field: "name"}}, "USING INDEX channels_by_name"},
		{"by cid", `{"cid":{"$in":["team:a","team:b"]}}`, nil, "(cid=?)"},
		{"of members", `{"type":"team","members":{"$in":["ann"]}}`, nil, "members_by_user (user_id=?)"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			filter, refused := ParseFilter([]byte(row.filter))
			if refused != nil {
				t.Fatal(refused)
			}
			text, args, refused := channelSearch(s.dialect, ChannelSearch{Search: Search{Filter: filter, Sort: row.by, Limit: 30}}, time.Now())
			if refused != nil {
				t.Fatal(refused)
			}
			rows, err := s.ask(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
			plan, err := sqlstore.Collect(rows, err, scanStep)
			if err != nil {
				t.Fatal(err)
			}
			if steps := strings.Join(plan, "\n"); !strings.Contains(steps, row.want) {
				t.Errorf("the plan is\n%s", steps)
			}
		})
	}
}

func scanStep(rows sqlstore.Row) (step string, err error) {
	var id, parent, none int
	err = rows.Scan(&id, &parent, &none, &step)
	return step, err
}
