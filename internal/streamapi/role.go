package streamapi

import "backchannel/internal/streamapi/wire"

func (s *Server) routeRoles() {
	s.mux.HandleFunc("GET /api/v2/roles", s.handle("ListRoles", s.listRoles))
	s.mux.HandleFunc("POST /api/v2/roles", s.handle("CreateRole", s.createRole))
	s.mux.HandleFunc("DELETE /api/v2/roles/{name}", s.handle("DeleteRole", s.deleteRole))
	s.mux.HandleFunc("GET /api/v2/permissions", s.handle("ListPermissions", s.listPermissions))
	s.mux.HandleFunc("GET /api/v2/permissions/{id}", s.handle("GetPermission", s.getPermission))
}

func (s *Server) listRoles(c *call) (any, error) {
	roles, err := s.engine.Roles(c.Context())
	if err != nil {
		return nil, err
	}
	list := make([]*wire.RoleResponse, len(roles))
	for i, r := range roles {
		list[i] = wire.RoleAnswer(r)
	}
	return map[string]any{"roles": list}, nil
}

func (s *Server) createRole(c *call) (any, error) {
	var req struct {
		Name string `json:"name"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	made, err := s.engine.CreateRole(c.Context(), req.Name)
	if err != nil {
		return nil, err
	}
	return map[string]any{"role": wire.RoleAnswer(made)}, nil
}

func (s *Server) deleteRole(c *call) (any, error) {
	return done, s.engine.DeleteRole(c.Context(), c.part("name"))
}
