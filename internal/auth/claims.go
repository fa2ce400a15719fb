package auth

import (
	"fmt"
	"math"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// lastSecond is the end of the year 9999. Later times are replaced by it.
const lastSecond = 253402300799

const (
	defaultUserClaim = "sub"
	maxLifetime      = 3653 * 24 * time.Hour // ten years
)

// rules are the required claims of a token, and the names of the claims with the user and its
// roles.
type rules struct {
	userClaim, roleClaim, issuer, audience string
	leeway, maxLifetime                    time.Duration
}

func newRules(cfg Config) rules {
	r := rules{
		userClaim: cfg.UserClaim, roleClaim: cfg.RoleClaim, issuer: cfg.Issuer, audience: cfg.Audience,
		leeway: cfg.Leeway, maxLifetime: cfg.MaxLifetime,
	}
	if r.userClaim == "" {
		r.userClaim = defaultUserClaim
	}
	if r.maxLifetime == 0 {
		r.maxLifetime = maxLifetime
	}
	if r.roleClaim == "" {
		r.roleClaim = defaultRoleClaim
	}
	return r
}

// verified is the content of a token with a valid signature, and when it is valid.
type verified struct {
	caller    Caller
	notBefore time.Time // zero if the token has no nbf
	keys      *keySet   // the keys that it was verified with; nil without a JWKS
}

// check returns an error if a token isn't valid at a time. It is valid from nbf and iat until exp,
// each with the leeway, unless exp is too far ahead.
func (r rules) check(v verified, now time.Time) error {
	if !now.Before(v.caller.Expires) {
		return fmt.Errorf("%w: since %s", ErrExpired, v.caller.Expires.Format(time.RFC3339))
	}
	for _, from := range []time.Time{v.notBefore, v.caller.IssuedAt} {
		if now.Add(r.leeway).Before(from) {
			return fmt.Errorf("%w: not before %s", ErrNotYetValid, from.Format(time.RFC3339))
		}
	}
	if lasts := v.caller.Expires.Sub(now) - r.leeway; lasts > r.maxLifetime {
		return fmt.Errorf("%w: exp is more than %s ahead (--jwt-max-lifetime); it is in seconds since 1970", ErrBad, r.maxLifetime)
	}
	return nil
}

// read reads the claims of a token with a valid signature. Its errors are ErrBad.
func (r rules) read(claims map[string]any) (verified, error) {
	if issuer, _ := claims["iss"].(string); r.issuer != "" && issuer != r.issuer {
		return verified{}, fmt.Errorf("%w: the issuer is %.64q, not %q", ErrBad, issuer, r.issuer)
	}
	if r.audience != "" && !names(claims["aud"], r.audience) {
		return verified{}, fmt.Errorf("%w: the audience does not name %q", ErrBad, r.audience)
	}
	subject, err := r.user(claims)
	if err != nil {
		return verified{}, err
	}
	expires, err := instant(claims, "exp")
	if err != nil {
		return verified{}, err
	}
	if _, ok := claims["exp"]; !ok {
		return verified{}, fmt.Errorf("%w: no exp", ErrBad)
	}
	notBefore, err := instant(claims, "nbf")
	if err != nil {
		return verified{}, err
	}
	issuedAt, err := instant(claims, "iat")
	if err != nil {
		return verified{}, err
	}
	name, _ := claims["name"].(string)
	roles, _ := claimAt(claims, r.roleClaim)
	caller := Caller{ID: subject, Name: name, Roles: rolesIn(roles), IssuedAt: issuedAt, Expires: expires.Add(r.leeway)}
	return verified{caller: caller, notBefore: notBefore}, nil
}

// user returns the user's id, which must be valid for a chat user.
func (r rules) user(claims map[string]any) (string, error) {
	claim, _ := claimAt(claims, r.userClaim)
	id, _ := claim.(string)
	switch bad := chat.NotInUserIDs(id); {
	case id == "":
		return "", fmt.Errorf("%w: no %s that is a string (--user-claim)", ErrBad, r.userClaim)
	case id == chat.GhostID:
		return "", fmt.Errorf("%w: the user id in %s is that of the placeholder for deleted users", ErrBad, r.userClaim)
	case bad != "":
		return "", fmt.Errorf("%w: the user id in %s has the character %q, which none may have; another claim can be chosen with --user-claim",
			ErrBad, r.userClaim, bad)
	case chat.CheckUserID(id) != nil:
		return "", fmt.Errorf("%w: the user id in %s has more than %d characters; another claim can be chosen with --user-claim",
			ErrBad, r.userClaim, chat.MaxUserIDLength)
	}
	return id, nil
}

// names reports whether an aud claim, a string or a list, contains an audience.
func names(claim any, audience string) bool {
	switch claim := claim.(type) {
	case string:
		return claim == audience
	case []any:
		return slices.Contains(claim, any(audience))
	}
	return false
}

// instant reads a claim in seconds since 1970. The library treats 0 as a missing claim, and so an
// exp of 0 as no expiry.
func instant(claims map[string]any, name string) (time.Time, error) {
	value, ok := claims[name]
	if !ok {
		return time.Time{}, nil
	}
	seconds, ok := value.(float64)
	if !ok {
		return time.Time{}, fmt.Errorf("%w: %s is not a number", ErrBad, name)
	}
	whole, part := math.Modf(min(max(seconds, 0), lastSecond))
	return time.Unix(int64(whole), int64(part*1e9)).UTC(), nil
}
