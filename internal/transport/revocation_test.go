package transport_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/transport"
)

// unissued is a token that doesn't say when it was made.
func unissued(t testing.TB, claims jwt.MapClaims) string {
	t.Helper()
	claims["exp"] = time.Now().Add(time.Hour).Unix()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(apitest.Secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// revocations are the ways to revoke the tokens of anna.
var revocations = map[string]func(l *live){
	"revokeUserTokens": func(l *live) {
		l.MustAsk(`mutation{revokeUserTokens(input:{userId:"anna"}){userId}}`, nil)
	},
	"the user's revoke_tokens_issued_before": func(l *live) {
		cell{}.engine(l, func(e *extra.Engine) error {
			return e.ChangeUsers(l.Context(), chat.ChangeUsers{IDs: []string{"anna"}, Change: func(_ int, u *chat.User) error {
				u.TokensAfter = e.Now()
				return nil
			}})
		})
	},
	"the app's revoke_tokens_issued_before": func(l *live) {
		cell{}.engine(l, func(e *extra.Engine) error {
			return e.ChangeApp(l.Context(), func(a *chat.App) error {
				a.TokensAfter = e.Now()
				return nil
			})
		})
	},
}

func TestRevokedTokensAreBadOnes(t *testing.T) {
	t.Parallel()
	for way, revoke := range revocations {
		for kind, ask := range map[string]struct {
			roles           []string
			query, mutation string
		}{
			"a customer": {nil, `{myChannels{nodes{cid}}}`, `mutation{sendMessage(input:{cid:"livestream:news",text:"x"}){message{id}}}`},
			"a clerk":    {[]string{"BO"}, `{allChannels{cid}}`, `mutation{sendMessageToChannel(input:{channelId:"news",text:"x"})}`},
		} {
			t.Run(way+" for "+kind, func(t *testing.T) {
				t.Parallel()
				l := openLive(t, nil)
				l.Channel("news")
				l.User("anna")
				other := apitest.Mint(l, auth.Grant{Subject: "ben", Roles: ask.roles})
				claims := jwt.MapClaims{"sub": "anna", "roles": ask.roles}
				tokens := map[string]string{
					"made before": apitest.Mint(l, auth.Grant{Subject: "anna", Roles: ask.roles}), "without iat": unissued(t, claims)}
				check := func(when string, want chat.Code) {
					for which, token := range tokens {
						for _, document := range []string{ask.query, ask.mutation} {
							if got := firstCode(l.AskAs(token, document, nil)); got != string(want) {
								t.Errorf("%s, a token %s asks %s: %q, want %q", when, which, document, got, want)
							}
						}
					}
				}
				check("before", "")
				revoke(l)
				check("after", chat.Unauthorized)
				tokens = map[string]string{"made after": apitest.Mint(l, auth.Grant{Subject: "anna", Roles: ask.roles})}
				if !strings.HasPrefix(way, "the app's") {
					tokens["of somebody else"] = other
				}
				check("after", "")
			})
		}
	}
}

// Revoking the tokens of the back office doesn't need a chat user.
func TestTokensOfClerksNotInTheChatAreRevoked(t *testing.T) {
	t.Parallel()
	l := openLive(t, nil)
	clerk := apitest.Mint(l, auth.Grant{Subject: "new-clerk", Roles: []string{"BO"}})
	l.MustAsk(`mutation{revokeUserTokens(input:{userId:"new-clerk"}){userId}}`, nil)
	if got := firstCode(l.AskAs(clerk, `{allChannels{cid}}`, nil)); got != string(chat.Unauthorized) {
		t.Errorf("got %q", got)
	}
	if got := l.Ask(`mutation{revokeUserTokens(input:{userId:"no id"}){userId}}`, nil); firstCode(got) != string(chat.InvalidArguments) ||
		got.Errors[0].Field() != "input.userId" {
		t.Errorf("a bad id: %s", got.Text)
	}
}

func TestRevocationEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	for way, revoke := range revocations {
		for _, document := range []string{
			`subscription{channelEvents(cid:"livestream:news"){seq}}`, `subscription{userEvents{type}}`, `subscription{backofficeEvents{seq}}`,
		} {
			t.Run(way+" and "+document, func(t *testing.T) {
				t.Parallel()
				l := openLive(t, func(x *transport.LiveLimits) { x.Sweep = 20 * time.Millisecond })
				l.Channel("news")
				l.User("anna")
				token := apitest.Mint(l, auth.Grant{Subject: "anna", Roles: []string{"BO"}})
				body, err := json.Marshal(map[string]any{"query": document})
				if err != nil {
					t.Fatal(err)
				}
				stream := l.follow(token, string(body))
				socket := l.greet(token)
				socket.subscribe("1", document, nil)
				idle := l.greet(token)
				eventually(l, func() bool { return l.members() == 2 })
				revoke(l)
				idle.wantClose(transport.CloseForbidden)
				eventually(l, func() bool { return l.members() == 0 })
				if _, err := io.Copy(io.Discard, stream); err != nil {
					t.Errorf("the stream: %v", err)
				}
				again := l.dial(nil)
				again.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
				again.wantClose(transport.CloseForbidden)
			})
		}
	}
}
