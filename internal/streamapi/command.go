package streamapi

import "backchannel/internal/chat"

func (s *Server) routeCommands() {
	s.mux.HandleFunc("GET /api/v2/chat/commands", s.handle("ListCommands", s.listCommands))
	s.mux.HandleFunc("POST /api/v2/chat/commands", s.handle("CreateCommand", s.createCommand))
	s.mux.HandleFunc("GET /api/v2/chat/commands/{name}", s.handle("GetCommand", s.getCommand))
	s.mux.HandleFunc("PUT /api/v2/chat/commands/{name}", s.handle("UpdateCommand", s.updateCommand))
	s.mux.HandleFunc("DELETE /api/v2/chat/commands/{name}", s.handle("DeleteCommand", s.deleteCommand))
}

// commandResponse is a command as answers have it.
type commandResponse struct {
	chat.Command
	CreatedAt *nanos `json:"created_at,omitempty"`
	UpdatedAt *nanos `json:"updated_at,omitempty"`
}

func commandAnswer(c chat.Command) *commandResponse {
	return &commandResponse{Command: c, CreatedAt: maybe(c.CreatedAt), UpdatedAt: maybe(c.UpdatedAt)}
}

func (s *Server) listCommands(c *call) (any, error) {
	list, err := s.engine.Commands(c.Context())
	if err != nil {
		return nil, err
	}
	answer := make([]*commandResponse, len(list))
	for i, one := range list {
		answer[i] = commandAnswer(one)
	}
	return map[string]any{"commands": answer}, nil
}

func (s *Server) getCommand(c *call) (any, error) {
	found, err := s.engine.Command(c.Context(), c.part("name"))
	if err != nil {
		return nil, err
	}
	return commandAnswer(found), nil
}

func (s *Server) createCommand(c *call) (any, error) {
	var command chat.Command
	if err := c.into(&command); err != nil {
		return nil, err
	}
	if err := s.engine.CreateCommand(c.Context(), command); err != nil {
		return nil, err
	}
	return s.wholeCommand(c, command.Name)
}

func (s *Server) updateCommand(c *call) (any, error) {
	var req struct {
		Description string  `json:"description"`
		Args        *string `json:"args"`
		Set         *string `json:"set"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	name := c.part("name")
	err := s.engine.ChangeCommand(c.Context(), name, func(command *chat.Command) {
		command.Description = req.Description
		if req.Args != nil {
			command.Args = *req.Args
		}
		if req.Set != nil {
			command.Set = *req.Set
		}
	})
	if err != nil {
		return nil, err
	}
	return s.wholeCommand(c, name)
}

func (s *Server) wholeCommand(c *call, name string) (any, error) {
	found, err := s.engine.Command(c.Context(), name)
	if err != nil {
		return nil, err
	}
	return map[string]any{"command": commandAnswer(found)}, nil
}

func (s *Server) deleteCommand(c *call) (any, error) {
	name := c.part("name")
	return map[string]any{"name": name}, s.engine.DeleteCommand(c.Context(), name)
}
