// Package fanout delivers the events of one feed to many members. Members that see the same events
// in the same form share a group: one feed, and one rendering of each event. A member that starts
// earlier in the log catches up on a feed of its own and then joins. Each member receives every
// event after its start once and in order.
//
// It knows neither transports nor GraphQL.
package fanout
