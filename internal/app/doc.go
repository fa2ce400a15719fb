// Package app is the program: its commands and flags, the wiring of the packages,
// the HTTP server with its routes, health and graceful stop.
//
// It has no rules of the chat or of the API.
package app
