// Package desk is the back office of a chat. For each operation of the API it authorises the
// caller, validates the input by the rules of package chat, and passes an operation with an actor,
// a name, a key and a digest of its input to the provider.
//
// It has no state of its own and knows neither SQL nor GraphQL.
package desk
