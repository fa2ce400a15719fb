package streamapi

import "backchannel/internal/chat"

func (s *Server) routeDevices() {
	s.mux.HandleFunc("GET /api/v2/devices", s.handle("ListDevices", s.listDevices))
	s.mux.HandleFunc("POST /api/v2/devices", s.handle("CreateDevice", s.createDevice))
	s.mux.HandleFunc("DELETE /api/v2/devices", s.handle("DeleteDevice", s.deleteDevice))
}

// deviceResponse is a device as answers have it.
type deviceResponse struct {
	chat.Device
	ID        string `json:"id"`
	UserID    string `json:"user_id"`
	CreatedAt nanos  `json:"created_at"`
}

func deviceAnswers(list []chat.Device) []*deviceResponse {
	answers := make([]*deviceResponse, len(list))
	for i, d := range list {
		answers[i] = &deviceResponse{Device: d, ID: d.ID, UserID: d.UserID, CreatedAt: at(d.CreatedAt)}
	}
	return answers
}

func (s *Server) createDevice(c *call) (any, error) {
	var req struct {
		ID           string       `json:"id"`
		PushProvider string       `json:"push_provider"`
		ProviderName string       `json:"push_provider_name"`
		HardwareID   string       `json:"hardware_id"`
		VoIP         bool         `json:"voip_token"`
		UserID       string       `json:"user_id"`
		User         *userRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.named(c, req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	return done, s.engine.PutDevice(c.Context(), chat.Device{
		ID: req.ID, UserID: user, Provider: req.PushProvider, Name: req.ProviderName, HardwareID: req.HardwareID, VoIP: req.VoIP})
}

// named is the user whom a request must name.
func (s *Server) named(c *call, id string, whole *userRequest) (string, error) {
	user, err := s.user(c.Context(), id, whole)
	if err == nil && user == "" {
		err = invalid("either user or user_id must be provided when using server side auth.")
	}
	return user, err
}

func (s *Server) listDevices(c *call) (any, error) {
	user, err := s.named(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Devices(c.Context(), user)
	if err != nil {
		return nil, err
	}
	return map[string]any{"devices": deviceAnswers(list)}, nil
}

func (s *Server) deleteDevice(c *call) (any, error) {
	q := c.URL.Query()
	user, err := s.named(c, q.Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	return done, s.engine.DropDevice(c.Context(), user, q.Get("id"))
}
