package auth

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// lastSecond is the end of the year 9999: a later time means that one.
const lastSecond = 253402300799

// rules is what a token's claims must say, and where its roles stand.
type rules struct {
	roleClaim, issuer, audience string
}

func newRules(cfg Config) rules {
	r := rules{roleClaim: cfg.RoleClaim, issuer: cfg.Issuer, audience: cfg.Audience}
	if r.roleClaim == "" {
		r.roleClaim = defaultRoleClaim
	}
	return r
}

// verified is what a well-signed token says, and when that holds.
type verified struct {
	caller    Caller
	notBefore time.Time // zero where the token has no nbf
	keys      *keySet   // the keys it was verified under; nil without a JWKS
}

// check tells whether the token holds at a time, to the second and without
// leeway: from nbf on, and until exp.
func (v verified) check(now time.Time) error {
	if expires := v.caller.Expires; !expires.IsZero() && !now.Before(expires) {
		return fmt.Errorf("%w: since %s", ErrExpired, expires.Format(time.RFC3339))
	}
	if now.Before(v.notBefore) {
		return fmt.Errorf("%w: not before %s", ErrNotYetValid, v.notBefore.Format(time.RFC3339))
	}
	return nil
}

// read takes the claims of a well-signed token. Its errors are ErrBad.
func (r rules) read(claims map[string]any) (verified, error) {
	if issuer, _ := claims["iss"].(string); r.issuer != "" && issuer != r.issuer {
		return verified{}, fmt.Errorf("%w: the issuer is %.64q, not %q", ErrBad, issuer, r.issuer)
	}
	if r.audience != "" && !names(claims["aud"], r.audience) {
		return verified{}, fmt.Errorf("%w: the audience does not name %q", ErrBad, r.audience)
	}
	subject, _ := claims["sub"].(string)
	if subject == "" {
		return verified{}, fmt.Errorf("%w: no sub", ErrBad)
	}
	expires, err := instant(claims, "exp")
	if err != nil {
		return verified{}, err
	}
	notBefore, err := instant(claims, "nbf")
	if err != nil {
		return verified{}, err
	}
	name, _ := claims["name"].(string)
	roles, _ := claimAt(claims, r.roleClaim)
	caller := Caller{ID: subject, Name: name, Roles: rolesIn(roles), Expires: expires}
	return verified{caller: caller, notBefore: notBefore}, nil
}

// names tells whether an aud claim, a string or a list, names an audience.
func names(claim any, audience string) bool {
	switch claim := claim.(type) {
	case string:
		return claim == audience
	case []any:
		return slices.Contains(claim, any(audience))
	}
	return false
}

// instant reads seconds since 1970. The library's own reading takes 0 for "no
// such claim", and so an exp of 0 for a token that never expires.
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
