// Package desk is what makes a back office of a chat. Every operation of the API
// passes here: it authorises the caller, checks the input by the rules of package
// chat, and hands the provider an operation with an actor, a name, a key and a
// digest of its input.
//
// It keeps nothing itself and knows neither SQL nor GraphQL.
package desk
