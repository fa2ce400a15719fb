package streamapi

import "backchannel/internal/chat"

func (s *Server) routeChecks() {
	s.mux.HandleFunc("POST /api/v2/check_sqs", s.handle("CheckSQS", s.checkQueue("SQS")))
	s.mux.HandleFunc("POST /api/v2/check_sns", s.handle("CheckSNS", s.checkQueue("SNS")))
	s.mux.HandleFunc("POST /api/v2/check_push", s.handle("CheckPush", s.checkPush))
}

// checkQueue says that nothing would come through, whatever the settings are.
func (s *Server) checkQueue(kind string) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		var settings map[string]any
		if err := c.into(&settings); err != nil {
			return nil, err
		}
		return map[string]any{"status": "error", "error": "this server sends nothing to " + kind}, nil
	}
}

const nothingPushed = "this server pushes nothing: it knows no push providers"

// checkPush shows what a push would tell of a message, and says that there is none.
func (s *Server) checkPush(c *call) (any, error) {
	var req struct {
		MessageID   string       `json:"message_id"`
		EventType   string       `json:"event_type"`
		APN         string       `json:"apn_template"`
		Firebase    string       `json:"firebase_template"`
		Data        string       `json:"firebase_data_template"`
		SkipDevices bool         `json:"skip_devices"`
		UserID      string       `json:"user_id"`
		User        *userRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	switch {
	case req.APN+req.Firebase+req.Data != "":
		return nil, invalid("there are no push templates here; leave them out")
	case req.EventType != "" && req.EventType != string(chat.MessageNew):
		return nil, invalid("event_type is %s", chat.MessageNew)
	case req.MessageID == "":
		return nil, invalid("message_id must name the message to push")
	}
	user, err := s.actor(c, req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	m, err := s.engine.MessageDetail(c.Context(), req.MessageID, "")
	if err != nil {
		return nil, err
	}
	failed := map[string]any{}
	if !req.SkipDevices {
		devices, err := s.engine.Devices(c.Context(), user)
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			failed[d.ID] = map[string]string{"error_message": nothingPushed, "provider": d.Provider, "provider_name": d.Name}
		}
	}
	return map[string]any{
		"event_type": chat.MessageNew, "skip_devices": req.SkipDevices, "general_errors": []string{nothingPushed}, "device_errors": failed,
		"rendered_message": map[string]string{
			"type": string(chat.MessageNew), "message_id": m.ID, "cid": m.CID.String(), "channel_type": string(m.CID.Type), "channel_id": m.CID.ID,
			"receiver_id": user, "version": "v2",
		},
	}, nil
}
