package stream

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// TokensAfter implements chat.Provider. Stream keeps such a time for its own tokens; the
// tokens of this API come from the token issuer.
func (p *Provider) TokensAfter(context.Context, string) (time.Time, error) { return time.Time{}, nil }

// RevokeTokens implements chat.Provider.
func (p *Provider) RevokeTokens(context.Context, chat.RevokeTokens) error {
	return chat.Lacking("Tokens can't be revoked here while the chat is at Stream. Let the token issuer end the session, or use short-lived tokens.")
}
