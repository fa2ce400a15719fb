// Package auth says who calls: it verifies bearer tokens (JSON Web Tokens,
// RFC 7519) and reads the caller's id, name and roles from them; it also mints
// tokens for development and scripts.
//
// HS256 is verified with the configured secret, RS256, ES256 and EdDSA with the
// keys of a JSON Web Key Set, and nothing else is accepted. The package knows
// neither HTTP handlers nor what a role allows; it never logs: its errors carry
// the reason and are meant for the log, not for the caller.
package auth
