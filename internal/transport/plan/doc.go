// Package plan writes the answer to an operation directly and within bounds.
//
// An [Object] has the fields of an output type whose values are available without I/O. Together
// with a selection it makes a plan, which appends the JSON to the operation's [Output]. gqlgen
// starts a goroutine for each element of a list and several closures for each of its fields, which
// takes ten to thirty times as long, and it doesn't bound what it writes. The bytes are the same.
// If the selection contains a field that an object lacks, gqlgen writes the answer.
//
// The memory of all answers is leased from one [Memory].
package plan
