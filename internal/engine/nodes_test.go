package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/natstest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/setup"
)

// twoServers are two on one database, with and without what tells them of each other.
var twoServers = []struct {
	how  string
	open func(t *testing.T) (here, there *engine.Engine)
}{
	{"on SQLite", func(t *testing.T) (here, there *engine.Engine) {
		where := inFolder(t)
		return open(t, where), open(t, where)
	}},
	{"on PostgreSQL without hints", func(t *testing.T) (here, there *engine.Engine) {
		where := sqlstore.Options{URL: pgtest.Open(t), ListenURL: "postgres://127.0.0.1:1/none"}
		return open(t, where), open(t, where)
	}},
	{"on PostgreSQL", func(t *testing.T) (here, there *engine.Engine) {
		where := sqlstore.Options{URL: pgtest.Open(t)}
		return open(t, where), open(t, where)
	}},
	{"on PostgreSQL with NATS", func(t *testing.T) (here, there *engine.Engine) {
		database, nats := pgtest.Open(t), natstest.Open(t, "")
		here, _ = onBus(t, database, nats)
		there, _ = onBus(t, database, nats)
		return here, there
	}},
}

var (
	clerk = chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	anna  = chat.Operation{By: chat.Actor{ID: "anna"}}
)

// What one server takes away from a user, another refuses at the very next action,
// whatever action that is, and whether or not the servers tell each other.
func TestRightsAcrossServers(t *testing.T) {
	restrict := func(kind chat.RestrictionKind, everywhere bool) func(e *engine.Engine, cid chat.CID) error {
		return func(e *engine.Engine, cid chat.CID) error {
			if everywhere {
				cid = chat.CID{}
			}
			return e.Restrict(context.Background(), chat.Restrict{Operation: clerk, Kind: kind, UserID: "anna", CID: cid})
		}
	}
	type actions string
	const (
		write    actions = "write"
		read     actions = "read and write"
		moderate actions = "moderate"
		token    actions = "use an old token"
	)
	for _, servers := range twoServers {
		t.Run(servers.how, func(t *testing.T) {
			here, there := servers.open(t)
			for i, row := range []struct {
				change string
				does   func(e *engine.Engine, cid chat.CID) error
				takes  actions
			}{
				{"banned in the channel", restrict(chat.Ban, false), read},
				{"banned everywhere", restrict(chat.Ban, true), read},
				{"muted in the channel", restrict(chat.Mute, false), write},
				{"muted everywhere", restrict(chat.Mute, true), write},
				{"no longer a member", func(e *engine.Engine, cid chat.CID) error {
					return e.ChangeMembers(context.Background(), chat.ChangeMembers{Operation: clerk, CID: cid, Remove: []string{"anna"}})
				}, read},
				{"no longer a moderator", func(e *engine.Engine, _ chat.CID) error {
					return e.SetRole(context.Background(), chat.SetRole{Operation: clerk, UserID: "anna", Role: chat.RoleUser})
				}, moderate},
				{"her tokens are revoked", func(e *engine.Engine, _ chat.CID) error {
					return e.RevokeTokens(context.Background(), chat.RevokeTokens{Operation: clerk, UserID: "anna"})
				}, token},
				{"the app's tokens are revoked", func(e *engine.Engine, _ chat.CID) error {
					return setup.New(e).ChangeApp(context.Background(), func(a *chat.App) error {
						a.TokensAfter = e.Now()
						return nil
					})
				}, token},
				{"the channel is gone", func(e *engine.Engine, cid chat.CID) error {
					return e.DeleteChannels(context.Background(), chat.DeleteChannels{Operation: clerk, CIDs: []chat.CID{cid}})
				}, read},
			} {
				t.Run(row.change, func(t *testing.T) {
					role := chat.RoleUser
					if row.takes == moderate {
						role = chat.RoleModerator
					}
					cid := chat.CID{Type: chat.Team, ID: fmt.Sprint("deals-", i)}
					first := scene(t, there, cid, role)
					tries := map[string]func() error{
						"sendMessage": func() error {
							_, err := here.SendMessage(t.Context(), chat.SendMessage{Operation: anna, Message: chat.Message{CID: cid, Sender: anna.By.User(), Text: "hello"}})
							return err
						},
						"react": func() error {
							return here.React(t.Context(), chat.React{Operation: anna, CID: cid, MessageID: first, Type: "like"})
						},
						"typing": func() error { return here.Signal(t.Context(), anna.By, cid, chat.TypingStart) },
					}
					if row.takes == read {
						tries["mayRead"] = func() error { return here.MayRead(t.Context(), anna.By, cid) }
						tries["markRead"] = func() error { return here.MarkRead(t.Context(), chat.MarkRead{Operation: anna, CID: cid}) }
						tries["subscribe"] = func() error {
							f, err := here.Subscribe(t.Context(), chat.Subscribe{By: anna.By, CID: cid})
							if err == nil {
								f.Close()
							}
							return err
						}
					}
					if row.takes == moderate {
						tries = map[string]func() error{
							"pinMessage": func() error {
								return here.PinMessage(t.Context(), chat.PinMessage{Operation: anna, CID: cid, ID: first, Pinned: true})
							},
							"freezeChannel": func() error {
								return here.FreezeChannel(t.Context(), chat.FreezeChannel{Operation: anna, CID: cid})
							},
							"members": func() error {
								return here.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: anna, CID: cid, Remove: []string{"ben"}})
							},
						}
					}
					if row.takes == token {
						issued := here.Now()
						tries = map[string]func() error{
							"sendMessage": func() error {
								op := chat.Operation{By: anna.By, Issued: &issued}
								_, err := here.SendMessage(t.Context(), chat.SendMessage{Operation: op, Message: chat.Message{CID: cid, Sender: anna.By.User(), Text: "hello"}})
								return err
							},
							"any other": func() error { // which asks first
								limits, err := here.TokenLimits(t.Context(), "anna")
								return errors.Join(err, limits.Check(issued, false))
							},
						}
					}
					for what, try := range tries {
						if err := try(); err != nil {
							t.Errorf("%s before: %v", what, err)
						}
					}
					if err := row.does(there, cid); err != nil {
						t.Fatal(err)
					}
					for what, try := range tries {
						if err := try(); chat.CodeOf(err) != chat.Unauthorized {
							t.Errorf("%s: %v, want %s", what, err, chat.Unauthorized)
						}
					}
				})
			}
		})
	}
}

// scene makes a channel with the users anna and ben, who are restricted nowhere, and a
// message, whose id it returns.
func scene(t *testing.T, e *engine.Engine, cid chat.CID, role chat.Role) string {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := e.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: clerk, Users: []chat.UserChange{
		{ID: "anna", Name: "Anna", Role: role}, {ID: "ben", Name: "Ben", Role: chat.RoleUser}}})
	must(err)
	must(e.SetRole(t.Context(), chat.SetRole{Operation: clerk, UserID: "anna", Role: role}))
	for _, kind := range []chat.RestrictionKind{chat.Ban, chat.Mute} {
		must(e.Restrict(t.Context(), chat.Restrict{Operation: clerk, Kind: kind, UserID: "anna", Lift: true}))
	}
	must(e.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "Deals"}))
	must(e.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: clerk, CID: cid, Add: []string{"anna", "ben"}}))
	id, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: clerk, Message: chat.Message{CID: cid, Sender: clerk.By.User(), Text: "hello"}})
	must(err)
	return id
}

// How late an open subscription and settings notice what another server does: within a
// second where servers don't tell each other, and typing not at all. The bounds are those of
// docs/deploy.md, and what a busy machine adds.
func TestWhatIsLateBetweenServers(t *testing.T) {
	const busy = 4 * time.Second
	for _, servers := range twoServers {
		t.Run(servers.how, func(t *testing.T) {
			t.Parallel()
			here, there := servers.open(t)
			cid := chat.CID{Type: chat.Team, ID: "deals"}
			scene(t, there, cid, chat.RoleUser)
			feed, err := here.Subscribe(t.Context(), chat.Subscribe{By: clerk.By, CID: cid})
			if err != nil {
				t.Fatal(err)
			}
			defer feed.Close()
			in := func(what string, bound time.Duration, wait func()) {
				t.Helper()
				begin := time.Now()
				wait()
				took := time.Since(begin)
				t.Logf("%s: after %v", what, took.Round(time.Millisecond))
				if took > bound+busy {
					t.Errorf("%s: after %v, want %v", what, took, bound)
				}
			}
			in("a message", time.Second, func() {
				if _, err := there.SendMessage(t.Context(), chat.SendMessage{Operation: clerk, Message: chat.Message{CID: cid, Sender: clerk.By.User(), Text: "x"}}); err != nil {
					t.Fatal(err)
				}
				next(t, feed, chat.MessageNew)
			})
			in("a ban everywhere", time.Second, func() {
				if err := there.Restrict(t.Context(), chat.Restrict{Operation: clerk, Kind: chat.Ban, UserID: "anna"}); err != nil {
					t.Fatal(err)
				}
				next(t, feed, chat.AccessChanged)
			})
			if _, err := here.Settings(t.Context()); err != nil {
				t.Fatal(err)
			}
			in("a channel type", time.Second, func() {
				if _, err := setup.New(there).CreateChannelType(t.Context(), "advice", func(*chat.TypeSettings) error { return nil }); err != nil {
					t.Fatal(err)
				}
				for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
					s, err := here.Settings(t.Context())
					if _, known := s.Types["advice"]; known {
						return
					}
					if err != nil || time.Now().After(deadline) {
						t.Fatalf("the channel type isn't known: %v", err)
					}
				}
			})
			if err := there.Signal(t.Context(), chat.Actor{ID: "ben"}, cid, chat.TypingStart); err != nil {
				t.Fatal(err)
			}
			if servers.how == "on PostgreSQL with NATS" {
				next(t, feed, chat.TypingStart)
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			for list, err := feed.Next(ctx); err == nil; list, err = feed.Next(ctx) {
				if list[0].Type == chat.TypingStart {
					t.Error("typing came without NATS")
				}
			}
		})
	}
}
