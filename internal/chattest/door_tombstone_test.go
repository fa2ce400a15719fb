package chattest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5" // as in internal/auth

	"backchannel/internal/auth"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

func erase(who string) act {
	return call("POST", "/users/delete", object{"user_ids": []string{"{" + who + "}"}, "user": "hard", "messages": "hard", "conversations": "hard"})
}

var tombstoneRows = []row{
	{
		says: "a permanently deleted user doesn't come back by sending", given: []act{erase("dave")}, act: viaGraphQL(send("dave", "hall", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{
			{listed("hall"), ""}, {mayRead("dave", "hall"), "no"}, {mayWrite("dave", "hall"), "no"},
		},
	},
	{
		says: "a ban everywhere outlasts the deletion of its user", given: []act{ban(staff, "dave", ""), erase("dave"), createUser("dave")}, act: viaGraphQL(send("dave", "hall", "m1", "hello")),
		graph: "UNAUTHORIZED", sees: []look{{bans("dave"), "everywhere by clerk"}, {mayRead("dave", "hall"), "no"}},
	},
	{
		says: "a ban from a channel outlasts the deletion of its user", given: []act{ban(staff, "dave", "hall"), erase("dave"), createUser("dave")},
		act: viaGraphQL(send("dave", "hall", "m1", "hello")), graph: "UNAUTHORIZED", sees: []look{{bans("dave"), "hall by clerk"}},
	},
	{
		says: "a shadow ban outlasts the deletion of its user", given: []act{shadowBan(staff, "dave", ""), erase("dave"), createUser("dave")},
		act: viaGraphQL(send("dave", "hall", "m1", "hello")), sees: []look{{shadows("dave"), "everywhere by clerk"}},
	},
	{
		says: "a ban that outlasted its user can be lifted", given: []act{ban(staff, "dave", ""), erase("dave"), createUser("dave"), unban(staff, "dave", "")},
		act: send("dave", "hall", "m1", "hello"), sees: []look{{saidIn("hall", "m1"), `dave: "hello"`}, {bans("dave"), ""}},
	},
	{
		says: "the back office and servers create a deleted user again", given: []act{erase("dave"), createUser("dave")},
		act: send("dave", "hall", "m1", "hello"), sees: []look{{saidIn("hall", "m1"), `dave: "hello"`}, {bans("dave"), ""}},
	},
	{
		says: "a server that sends for a deleted user creates it again", given: []act{erase("dave")}, act: viaStream(send("dave", "hall", "m1", "hello")),
		sees: []look{{saidIn("hall", "m1"), `dave: "hello"`}, {mayWrite("dave", "hall"), "yes"}},
	},
	{
		says: "a deleted user can't be banned", given: []act{erase("dave")}, act: viaGraphQL(ban(staff, "dave", "")), graph: "NOT_FOUND",
	},
}

// What was issued to a user before it was deleted permanently is good for nothing, also
// after the user was created again.
func TestTokensOfDeletedUsers(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) sqlstore.Options{
		"SQLite": onSQLite, "PostgreSQL": func(t *testing.T) sqlstore.Options { return sqlstore.Options{URL: pgtest.Open(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			b := openDoors(t, where(t))
			for _, row := range []struct {
				says           string
				role           string
				then           act    // after the deletion
				old, bare, new string // codes that a token made before, one without iat, and one made after get
			}{
				{"a customer", "", act{}, "UNAUTHORIZED", "UNAUTHORIZED", "UNAUTHORIZED"},
				{"a customer who was created again", "", createUser("dave"), "UNAUTHORIZED", "UNAUTHORIZED", ""},
				{"a clerk", "BO", act{}, "", "", ""},
				{"a clerk whose tokens were revoked", "BO", revokeTokens("dave"), "UNAUTHORIZED", "UNAUTHORIZED", ""},
				{"a customer whose tokens were revoked", "", revokeTokens("dave"), "UNAUTHORIZED", "UNAUTHORIZED", "UNAUTHORIZED"},
			} {
				t.Run(row.says, func(t *testing.T) {
					w := b.world(t)
					old, bare := w.mint("dave", row.role), w.unissued("dave", row.role)
					if err := w.do(erase("dave"), viaREST); err != nil {
						t.Fatal(err)
					}
					if row.then.graph != nil {
						w.must(row.then.graph(w))
					}
					for _, token := range []struct{ says, text, want string }{
						{"made before", old, row.old}, {"without iat", bare, row.bare}, {"made after", w.mint("dave", row.role), row.new},
					} {
						for _, document := range w.doors() {
							if _, err := w.askAs(token.text, document, nil); codeOf(err) != token.want {
								t.Errorf("a token %s asks %s: %v, want %q", token.says, document, err, token.want)
							}
						}
					}
				})
			}
		})
	}
}

// Revoking doesn't bring a deleted user back, and a deletion doesn't undo revoking.
func TestRevocationOutlastsDeletion(t *testing.T) {
	w := openDoors(t, onSQLite(t)).world(t)
	clerk := w.mint("dave", "BO")
	w.must(revokeTokens("dave").graph(w))
	for _, a := range []act{erase("dave"), createUser("dave"), erase("dave")} {
		if err := w.do(a, viaREST); err != nil {
			t.Fatal(err)
		}
		if _, err := w.askAs(clerk, `{allChannels{cid}}`, nil); codeOf(err) != "UNAUTHORIZED" {
			t.Errorf("got %v", err)
		}
	}
	w.must(revokeTokens("dave").graph(w))
	if users := w.user("dave"); len(users) > 0 {
		t.Errorf("the user is back: %v", users)
	}
	if _, err := w.ask(staff, `mutation($id:String!){createUserToken(input:{userId:$id}){token}}`, object{"id": w.id("dave")}); codeOf(err) == "" {
		t.Error("there is a token for a deleted user")
	}
}

// The plan of an announcement says why nothing of it is sent in the name of a deleted user.
func TestPlanInADeletedName(t *testing.T) {
	b := openDoors(t, onSQLite(t))
	const inTheName, saysNothing = "The announcement's sender was deleted, so it can't be sent in that name. Change it first.",
		"The announcement says nothing: its sender's data was erased. Change it first."
	for mode, says := range map[string]string{"soft": inTheName, "pruning": inTheName, "hard": saysNothing} {
		t.Run(mode, func(t *testing.T) {
			w := b.world(t)
			made, err := w.askAs(w.mint("dave", "BO"), `mutation($c:String!){createAnnouncement(input:{text:"closed",channels:{cids:[$c]}}){announcement{id}}}`, object{"c": w.cid("hall")})
			w.must(made, err)
			id := made["createAnnouncement"].(object)["announcement"].(object)["id"]
			plan := func() string {
				data, err := w.ask(staff, `query($id:String!){announcementPlan(id:$id){channels refusalCount refusals{target code message}}}`, object{"id": id})
				w.must(data, err)
				return fmt.Sprint(data["announcementPlan"])
			}
			if got := plan(); got != "map[channels:1 refusalCount:0 refusals:[]]" {
				t.Errorf("before: %s", got)
			}
			deletion := object{"user_ids": []string{"{dave}"}, "user": mode, "messages": mode}
			if mode == "hard" {
				deletion["conversations"] = mode
			}
			if err := w.do(call("POST", "/users/delete", deletion), viaREST); err != nil {
				t.Fatal(err)
			}
			if got, want := plan(), fmt.Sprintf("map[channels:0 refusalCount:1 refusals:[map[code:INVALID_ARGUMENTS message:%s target:%s]]]", says, w.cid("hall")); got != want {
				t.Errorf("after: %s, want %s", got, want)
			}
		})
	}
}

// doors are operations by which a user may come in, none of which changes what the
// next one shows.
func (w *world) doors() []string {
	hall := `"` + w.cid("hall") + `"`
	return []string{
		`{myChannels{nodes{cid}}}`, `{channel(cid:` + hall + `){cid}}`, `{messages(cid:` + hall + `){nodes{id}}}`,
		`mutation{sendTyping(input:{cid:` + hall + `,typing:true}){cid}}`,
		`mutation{sendMessage(input:{cid:` + hall + `,text:"hello"}){message{id}}}`,
	}
}

func createUser(who string) act {
	return act{
		graph: nameUser(who, title(who)).graph,
		stream: func(w *world) (object, error) {
			return w.rest("POST", "/users", object{"users": object{w.id(who): object{"id": w.id(who), "custom": object{"name": title(who)}}}})
		},
	}
}

func revokeTokens(who string) act {
	return act{graph: func(w *world) (object, error) {
		return w.ask(staff, `mutation($id:String!){revokeUserTokens(input:{userId:$id}){userId}}`, object{"id": w.id(who)})
	}}
}

func (w *world) mint(who, role string) string {
	w.Helper()
	token, err := auth.Mint(doorSecret, auth.Grant{Subject: w.id(who), Roles: strings.Fields(role), TTL: time.Hour})
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// unissued is a token that doesn't say when it was made.
func (w *world) unissued(who, role string) string {
	w.Helper()
	claims := jwt.MapClaims{"sub": w.id(who), "roles": strings.Fields(role), "exp": time.Now().Add(time.Hour).Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(doorSecret))
	if err != nil {
		w.Fatal(err)
	}
	return token
}

func codeOf(err error) string {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.code
	}
	return ""
}
