// Package extra adds to the engine the operations that only Stream's API has. They are composed of
// the engine's own checks and changes.
package extra

import (
	"time"

	"backchannel/internal/engine"
	"backchannel/internal/streamapi/setup"
	"backchannel/internal/streamapi/store"
)

// Engine is an engine with the additional operations.
type Engine struct {
	*setup.Engine

	store *store.Store
}

// New adds the operations to an engine, which finishes them if they were cut short.
func New(o *engine.Engine) *Engine {
	e := &Engine{setup.New(o), store.New(o.Store)}
	e.Finishes(restoringMessages, e.finishRestoration)
	e.Finishes(deletingUsers, e.finishUsers)
	return e
}

func (e *Engine) now() time.Time { return e.Now() }
