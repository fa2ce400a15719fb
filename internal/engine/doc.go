// Package engine is Backchannel's own chat: a chat.Provider over a database, with the rules
// that need state, one file for each subject. permission.go says who may do what.
//
// It knows neither GraphQL nor HTTP, and checks no input that package chat can
// check without state.
package engine
