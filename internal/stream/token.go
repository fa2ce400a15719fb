package stream

import (
	"context"

	"backchannel/internal/chat"
)

// TokenLimits implements chat.Provider. Stream has such a time for its own tokens; the tokens of
// this API are the issuer's.
func (p *Provider) TokenLimits(context.Context, string) (limits chat.TokenLimits, err error) {
	return limits, nil
}

// KeptTokenLimits implements chat.Provider.
func (p *Provider) KeptTokenLimits(ctx context.Context, id string) (chat.TokenLimits, error) {
	return p.TokenLimits(ctx, id)
}

// RevokeTokens implements chat.Provider.
func (p *Provider) RevokeTokens(context.Context, chat.RevokeTokens) error {
	return chat.Lacking("Tokens can't be revoked here while the chat is at Stream. Let the token issuer end the session, or use short-lived tokens.")
}
