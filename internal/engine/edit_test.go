package engine_test

import (
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
)

func TestEdits(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) sqlstore.Options{
		"SQLite":     func(t *testing.T) sqlstore.Options { return inFolder(t) },
		"PostgreSQL": func(t *testing.T) sqlstore.Options { return sqlstore.Options{URL: pgtest.Open(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			chattest.RunEdits(t, func(t *testing.T) (chat.Provider, chattest.Back) {
				e := open(t, where(t))
				return e, chattest.Back{
					Post: func(m chat.Message) error {
						_, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: m})
						return err
					},
					Read: func(id string) (chat.Message, error) { return extra.New(e).MessageByID(t.Context(), id, "") },
				}
			})
		})
	}
}
