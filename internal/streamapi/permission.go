package streamapi

import (
	"slices"

	"backchannel/internal/streamapi/setup"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) listPermissions(*call) (any, error) {
	list := []*wire.PermissionResponse{}
	for _, id := range setup.Permissions() {
		list = append(list, wire.PermissionAnswer(id))
	}
	return map[string]any{"permissions": list}, nil
}

func (s *Server) getPermission(c *call) (any, error) {
	id := c.part("id")
	if !slices.Contains(setup.Permissions(), id) {
		return nil, wire.Missing("there is no permission %q", id)
	}
	return map[string]any{"permission": wire.PermissionAnswer(id)}, nil
}
