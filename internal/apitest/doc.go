// Package apitest serves the API over an engine in a test, and calls it as a client does.
package apitest
