package streamapi

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5" // as in internal/auth

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

// claims are the claims of Stream's tokens.
type claims struct {
	jwt.RegisteredClaims
	Server bool   `json:"server"`
	UserID string `json:"user_id"`
}

// leeway is how far the caller's clock may be off.
const leeway = 5 * time.Second

// authorize accepts requests of the caller's own back end, with a server token signed with the
// secret. It refuses users' tokens, since this API is for servers. It checks a user's token first,
// so that the error distinguishes a valid token from an invalid one.
func (s *Server) authorize(r *http.Request) error {
	key := r.URL.Query().Get("api_key")
	if key == "" || subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) != 1 {
		return &wire.Error{Kind: wire.BadKey, Message: "api_key not found"}
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		return &wire.Error{Kind: wire.BadAuth, Message: "no Authorization header"}
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithLeeway(leeway), jwt.WithIssuedAt(), jwt.WithTimeFunc(s.engine.Now))
	if err != nil {
		return badToken(err)
	}
	switch {
	case c.Server:
		return nil
	case c.UserID == "":
		return &wire.Error{Kind: wire.BadAuth, Message: "the token names neither a server nor a user"}
	}
	return s.userToken(r, c)
}

// userToken returns the error for a user's valid token.
func (s *Server) userToken(r *http.Request, c claims) error {
	users, err := s.engine.UsersByID(r.Context(), []string{c.UserID})
	if err != nil {
		return err
	}
	app, err := s.engine.App(r.Context())
	if err != nil {
		return err
	}
	u, known := users[c.UserID]
	switch {
	case !known:
		return &wire.Error{Kind: wire.BadAuth, Message: "the token's user does not exist"}
	case revoked(c, u.TokensAfter) || revoked(c, app.TokensAfter):
		return &wire.Error{Kind: wire.TokenRevoked, Message: "the token was revoked"}
	case !u.DeactivatedAt.IsZero():
		return &wire.Error{Kind: wire.NotAllowed, Message: "the user is deactivated"}
	}
	return &wire.Error{Kind: wire.NotAllowed, Message: "this endpoint is for servers: use a token with the claim server"}
}

// revoked reports whether a token was issued before the given time. It is false if the time is
// zero. A token without an issue time counts as older.
func revoked(c claims, before time.Time) bool {
	return !before.IsZero() && (c.IssuedAt == nil || c.IssuedAt.Before(before))
}

func badToken(err error) error {
	kind := wire.BadSignature
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		kind = wire.TokenExpired
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		kind = wire.TokenEarly
	case errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		kind = wire.TokenBadDate
	case errors.Is(err, jwt.ErrTokenMalformed):
		kind = wire.BadAuth
	}
	return &wire.Error{Kind: kind, Message: "the token was refused", Cause: chat.Denied(err)}
}
