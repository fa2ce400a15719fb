package streamapi

import "backchannel/internal/streamapi/wire"

func (s *Server) routeTasks() {
	s.mux.HandleFunc("GET /api/v2/tasks/{id}", s.handle("GetTask", s.getTask))
}

func (s *Server) getTask(c *call) (any, error) {
	t, err := s.engine.Task(c.Context(), c.part("id"))
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"task_id": t.ID, "status": "completed", "created_at": wire.At(t.CreatedAt), "updated_at": wire.At(t.UpdatedAt), "result": wire.Object(t.Result),
	}, nil
}
