// Package auth identifies callers. It verifies bearer tokens (JSON Web Tokens, RFC 7519) and reads
// the caller's id, name and roles from them. It also issues tokens for development and scripts.
//
// HS256 is verified with the configured secret; RS256, ES256 and EdDSA with the keys of a JSON Web
// Key Set. Other algorithms are refused. The package knows neither HTTP handlers nor what a role
// allows. It doesn't log tokens or refusals: its errors have the reason and are meant for the log,
// not for the caller.
package auth
