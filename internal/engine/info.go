package engine

import "backchannel/internal/chat"

// Info implements chat.Provider.
func (e *Engine) Info() chat.Info {
	return chat.Info{Name: "engine", Supports: chat.Capabilities, BinKept: e.binKept}
}
