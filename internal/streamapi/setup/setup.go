// Package setup administers what only Stream's API can change: channel types, block lists, roles
// and the app's settings. The engine decides what they mean for messages.
package setup

import (
	"time"

	"backchannel/internal/engine"
)

// Engine is an engine whose settings can be changed.
type Engine struct{ *engine.Engine }

// New returns an engine whose settings can be changed.
func New(e *engine.Engine) *Engine { return &Engine{e} }

func (e *Engine) now() time.Time { return e.Now() }
