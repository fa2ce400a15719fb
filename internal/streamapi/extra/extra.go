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

// New adds the operations to an engine.
func New(e *engine.Engine) *Engine { return &Engine{setup.New(e), store.New(e.Store)} }

func (e *Engine) now() time.Time { return e.Now() }
