// Package engine is Backchannel's own chat: a chat.Provider with a database, and the rules that
// need state, one file for each subject. permission.go decides who may do what.
//
// It knows neither GraphQL nor HTTP, and doesn't repeat checks of inputs that package chat can make
// without state.
package engine
