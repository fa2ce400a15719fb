package app

import (
	"fmt"

	"backchannel/internal/graph"
)

type schemaCommand struct{}

// Run prints the GraphQL schema in its definition language.
func (schemaCommand) Run(s streams) error {
	_, err := fmt.Fprint(s.out, graph.SDL())
	return err
}
