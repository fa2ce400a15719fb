package streamapi

import (
	"time"

	"backchannel/internal/chat"
)

func (s *Server) routeLocations() {
	s.mux.HandleFunc("GET /api/v2/users/live_locations", s.handle("GetUserLiveLocations", s.getLocations))
	s.mux.HandleFunc("PUT /api/v2/users/live_locations", s.handle("UpdateLiveLocation", s.moveLocation))
}

// locationRequest is a location as requests have it.
type locationRequest struct {
	Latitude  *float64   `json:"latitude"`
	Longitude *float64   `json:"longitude"`
	Device    string     `json:"created_by_device_id"`
	EndAt     *time.Time `json:"end_at"`
}

// location is that of a new message.
func (r *locationRequest) location() (*chat.Location, error) {
	if r == nil {
		return nil, nil
	}
	if r.Latitude == nil || r.Longitude == nil {
		return nil, invalid("shared_location needs latitude and longitude")
	}
	return &chat.Location{Latitude: *r.Latitude, Longitude: *r.Longitude, Device: r.Device, EndAt: optionalTime(r.EndAt)}, nil
}

// locationResponse is a location as answers have it.
type locationResponse struct {
	MessageID  string           `json:"message_id"`
	ChannelCID string           `json:"channel_cid"`
	UserID     string           `json:"user_id"`
	Device     string           `json:"created_by_device_id"`
	Latitude   float64          `json:"latitude"`
	Longitude  float64          `json:"longitude"`
	EndAt      *nanos           `json:"end_at,omitempty"`
	CreatedAt  nanos            `json:"created_at"`
	UpdatedAt  nanos            `json:"updated_at"`
	Message    *messageResponse `json:"message,omitempty"`
	Channel    *channelResponse `json:"channel,omitempty"`
}

func locationAnswer(l chat.Location) *locationResponse {
	return &locationResponse{
		MessageID: l.MessageID, ChannelCID: l.CID.String(), UserID: l.UserID, Device: l.Device, Latitude: l.Latitude, Longitude: l.Longitude,
		EndAt: maybe(l.EndAt), CreatedAt: at(l.CreatedAt), UpdatedAt: at(l.UpdatedAt),
	}
}

// locationAnswers completes locations with the messages and channels.
func (s *Server) locationAnswers(c *call, list []chat.Location) ([]*locationResponse, error) {
	ids := make([]string, len(list))
	for i, l := range list {
		ids[i] = l.MessageID
	}
	found, channels, err := s.messagesInChannels(c, ids, "")
	if err != nil {
		return nil, err
	}
	answers := make([]*locationResponse, len(list))
	for i, l := range list {
		answers[i] = locationAnswer(l)
		answers[i].Channel = channels[l.CID]
		if m, ok := found[l.MessageID]; ok {
			answers[i].Message = messageAnswer(m)
		}
	}
	return answers, nil
}

func (s *Server) getLocations(c *call) (any, error) {
	user, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.LiveLocations(c.Context(), user)
	if err != nil {
		return nil, err
	}
	answers, err := s.locationAnswers(c, list)
	return map[string]any{"active_live_locations": answers}, err
}

// moveLocation says where a user is now, or until when it says so.
func (s *Server) moveLocation(c *call) (any, error) {
	var req struct {
		locationRequest
		MessageID string `json:"message_id"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	l, err := s.engine.MoveLocation(c.Context(), req.MessageID, user, func(l *chat.Location) {
		if req.Latitude != nil {
			l.Latitude = *req.Latitude
		}
		if req.Longitude != nil {
			l.Longitude = *req.Longitude
		}
		if req.EndAt != nil {
			l.EndAt = *req.EndAt
		}
	})
	if err != nil {
		return nil, err
	}
	answers, err := s.locationAnswers(c, []chat.Location{l})
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}
