// Package desk is the back office of a chat. It authorises the caller of each operation of
// the API, checks the input by the rules of package chat, and hands the provider an
// operation with an actor, a name, a key and a digest of its input.
//
// It keeps nothing itself and knows neither SQL nor GraphQL.
package desk
