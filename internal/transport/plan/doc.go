// Package plan writes the answer to an operation in one go, and within bounds.
//
// An [Object] lists the fields of an output type whose values are at hand. With what is
// selected of it, it makes a plan, and the plan appends the JSON to the [Output] of the
// operation. gqlgen starts a goroutine for each element of a list and several closures
// for each of its fields, which costs ten to thirty times as much, and nothing bounds
// what it writes. The bytes are the same. If something is selected that an object lacks,
// gqlgen writes the answer.
//
// What all answers together take of memory is leased from one [Memory].
package plan
