// Package extra adds to the engine the operations that only Stream's API has. Each is
// put together from the engine's own checks and changes.
package extra

import (
	"time"

	"backchannel/internal/engine"
	"backchannel/internal/streamapi/setup"
	"backchannel/internal/streamapi/store"
)

// Engine is an engine with more operations.
type Engine struct {
	*setup.Engine

	store *store.Store
}

// New returns an engine with more operations than the one given.
func New(e *engine.Engine) *Engine { return &Engine{setup.New(e), store.New(e.Store)} }

func (e *Engine) now() time.Time { return e.Now() }
