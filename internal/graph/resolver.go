package graph

import (
	"backchannel/internal/desk"
	"backchannel/internal/transport"
)

// Resolver answers the fields of the schema: it turns arguments into the desk's
// inputs and the desk's answers into the schema's types, and decides nothing.
type Resolver struct {
	Desk *desk.Desk

	server *transport.Server // for its figures
}

// done is the answer of the documented mutations.
func done(err error) (*bool, error) {
	if err != nil {
		return nil, err
	}
	return new(true), nil
}

// optional is null if the text is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// value is the zero value if the argument is null or left out.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
