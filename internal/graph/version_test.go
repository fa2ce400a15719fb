package graph_test

import (
	"slices"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/graph"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// unversioned are the mutations of the staff that overwrite nothing that somebody else has
// set: they add, remove or make something.
var unversioned = []string{"addMembers", "removeMembers", "deleteChannels", "createWebhook", "createUserToken", "revokeUserTokens", "undo", "eraseNow"}

const (
	newsVersion    = `channel(cid:"livestream:news"){version}`
	messageVersion = `messages(cid:"livestream:news"){nodes{version}}`
	annaVersion    = `chatUsers(ids:["anna"]){nodes{version}}`
)

// versions says for each mutation where to read the version, and which change by somebody
// else makes it another. Where there is none, what must not be there comes to be.
var versions = map[string]struct{ read, other string }{
	"createOrUpdateChannel": {newsVersion, `freezeChannel(input:{cid:"livestream:news",frozen:true}){channel{version}}`},
	"freezeChannel":         {newsVersion, `createOrUpdateChannel(input:{id:"news",name:"Other"})`},
	"editMessage":           {messageVersion, `pinMessage(input:{cid:"livestream:news",messageId:"m1",pinned:true}){message{version}}`},
	"pinMessage":            {messageVersion, `editMessage(input:{cid:"livestream:news",messageId:"m1",text:"new words"}){message{version}}`},
	"deleteMessage":         {messageVersion, `editMessage(input:{cid:"livestream:news",messageId:"m1",text:"secret words",mentionedUsersIds:["bob"]}){message{id}}`},
	"setRoleToUsersOnChat":  {annaVersion, `upsertChatUsers(input:{users:[{id:"anna",name:"Ann"}]}){users{version}}`},
	"setRoles":              {annaVersion, `setRoleToUsersOnChat(input:{userId:"anna",role:ADMIN})`},
	"upsertChatUsers":       {annaVersion, `setRoles(input:{userIds:["anna"],role:MODERATOR}){users{user{version}}}`},
	"banUser":               {"", `banUser(input:{userId:"anna"}){userId}`},
	"unbanUser":             {`chatUsers(ids:["anna"]){nodes{ban{version}}}`, `banUser(input:{userId:"anna",until:"2036-01-01T00:00:00Z"}){userId}`},
	"muteUser":              {"", `muteUser(input:{userId:"anna",cid:"livestream:news"}){userId}`},
	"unmuteUser":            {`restrictions(cid:"livestream:news"){version}`, `muteUser(input:{userId:"anna",cid:"livestream:news",until:"2036-01-01T00:00:00Z"}){userId}`},
}

func TestEveryUpdateKeepsWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	schema := graph.Schema(nil, &graph.Resolver{}).Executable.Schema()
	for name := range staff {
		if _, tested := versions[name]; tested == slices.Contains(unversioned, name) {
			t.Errorf("%s: say how its version is read, or that it has none", name)
		}
		input := schema.Types[schema.Mutation.Fields.ForName(name).Arguments.ForName("input").Type.Name()]
		if one := input.Name == "SetRolesInput" || input.Name == "UpsertChatUsersInput"; !one && slices.Contains(unversioned, name) != (input.Fields.ForName("ifVersion") == nil) {
			t.Errorf("%s has an ifVersion, or none, against the list", input.Name)
		}
	}
	for name := range versions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conflicts(openOffice(t), name)
		})
	}
}

func TestVersionsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	s := openOfficeOn(t, sqlstore.Options{URL: pgtest.Open(t)})
	for _, name := range []string{"createOrUpdateChannel", "setRoles", "muteUser", "deleteMessage"} {
		conflicts(s, name)
	}
}

// versionRead is the one version that a query shows.
func versionRead(s *apitest.Server, query string) string {
	s.Helper()
	if query == "" {
		return ""
	}
	_, rest, found := strings.Cut(s.Ask("{"+query+"}", nil).Text, `"version":"`)
	version, _, _ := strings.Cut(rest, `"`)
	if !found || version == "" {
		s.Fatalf("%s shows no version", query)
	}
	return version
}

// conflicts has a mutation refused with a version that somebody else's change has made old,
// and carried out with the present one.
func conflicts(s *apitest.Server, name string) {
	s.Helper()
	row := versions[name]
	s.MustAsk(`mutation{banUser(input:{userId:"anna"}){userId}}`, nil)
	s.MustAsk(`mutation{muteUser(input:{userId:"anna",cid:"livestream:news"}){userId}}`, nil)
	if row.read == "" {
		s.MustAsk(`mutation{unbanUser(input:{userId:"anna"}){userId}}`, nil)
		s.MustAsk(`mutation{unmuteUser(input:{userId:"anna",cid:"livestream:news"}){userId}}`, nil)
	}
	seen := versionRead(s, row.read)
	if again := versionRead(s, row.read); again != seen {
		s.Fatalf("the version is %s after %s, and nothing changed", again, seen)
	}
	ask := func(version string) apitest.Reply {
		input := staff[name].input + `,ifVersion:"` + version + `"`
		switch name {
		case "setRoles":
			input = staff[name].input + `,ifVersions:["` + version + `"]`
		case "upsertChatUsers":
			input = `users:[{id:"anna",name:"Anne",ifVersion:"` + version + `"}]`
		}
		selection, schema := "", graph.Schema(nil, &graph.Resolver{}).Executable.Schema()
		if schema.Types[schema.Mutation.Fields.ForName(name).Type.Name()].IsCompositeType() {
			selection = "{__typename}"
		}
		return s.Ask(`mutation{`+name+`(input:{`+input+`})`+selection+`}`, nil)
	}
	other := s.Ask("mutation{"+row.other+"}", nil)
	if len(other.Errors) > 0 || len(other.Extensions.Changes) != 1 {
		s.Fatalf("%s answered %s", row.other, other.Text)
	}
	id, n := other.Extensions.Changes[0].ID, len(changes(s, ""))
	got := ask(seen)
	if len(got.Errors) != 1 || got.Errors[0].Code() != "CONFLICT" || got.Errors[0].Extensions["change"] != id || !strings.Contains(got.Errors[0].Message, `"alice"`) {
		s.Errorf("%s with an old version answered %s, want the change %s", name, got.Text, id)
	}
	if len(changes(s, "")) != n {
		s.Errorf("%s was refused and left a record", name)
	}
	if row.read == "" {
		row.read = map[string]string{"banUser": versions["unbanUser"].read, "muteUser": `restrictions(cid:"livestream:news"){version}`}[name]
	}
	if got := ask(versionRead(s, row.read)); len(got.Errors) > 0 {
		s.Errorf("%s with the present version answered %s", name, got.Text)
	}
}

func TestAChannelThatWasDeletedIsNotMadeAnew(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	seen := versionRead(s, newsVersion)
	deleted := s.Ask(`mutation{deleteChannels(input:{cids:["livestream:news"]})}`, nil).Extensions.Changes[0].ID
	got := s.Ask(`mutation{createOrUpdateChannel(input:{id:"news",name:"Renamed",ifVersion:"`+seen+`"})}`, nil)
	if len(got.Errors) != 1 || got.Errors[0].Code() != "CONFLICT" || got.Errors[0].Extensions["change"] != deleted {
		t.Errorf("answered %s, want a conflict with %s", got.Text, deleted)
	}
	if got := s.Ask(`mutation{createOrUpdateChannel(input:{name:"Renamed",ifVersion:""})}`, nil); len(got.Errors) != 1 || got.Errors[0].Code() != "INVALID_ARGUMENTS" {
		t.Errorf("a version without an id answered %s", got.Text)
	}
	s.MustAsk(`mutation{createOrUpdateChannel(input:{id:"news",name:"Renamed",ifVersion:""})}`, nil)
}
