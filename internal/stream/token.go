package stream

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// TokensAfter implements chat.Provider. Stream keeps such a moment for its own tokens;
// those of this API are the token issuer's.
func (p *Provider) TokensAfter(context.Context, string) (time.Time, error) { return time.Time{}, nil }

// RevokeTokens implements chat.Provider.
func (p *Provider) RevokeTokens(context.Context, chat.RevokeTokens) error {
	return chat.Lacking("Tokens can't be revoked here while the chat is at Stream. Let the token issuer end the session, or use short-lived tokens.")
}
