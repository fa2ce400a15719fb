package streamapi

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

// A user's own settings of channels: hidden and muted.

func (s *Server) routeChannelSettings() {
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/hide", s.handle("HideChannel", s.hideChannel(true)))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/show", s.handle("ShowChannel", s.hideChannel(false)))
	s.mux.HandleFunc("POST /api/v2/chat/moderation/mute/channel", s.handle("MuteChannel", s.muteChannels(true)))
	s.mux.HandleFunc("POST /api/v2/chat/moderation/unmute/channel", s.handle("UnmuteChannel", s.muteChannels(false)))
}

// actor returns the user in whose name a request acts. The request must name one.
func (s *Server) actor(c *call, id string, whole *wire.UserRequest) (string, error) {
	user, err := s.user(c.Context(), id, whole)
	if err == nil && user == "" {
		err = wire.Invalid("either user or user_id must be provided when using server side auth.")
	}
	return user, err
}

func (s *Server) hideChannel(hidden bool) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		cid, err := c.cid()
		if err != nil {
			return nil, err
		}
		var req struct {
			Clear  bool              `json:"clear_history"`
			UserID string            `json:"user_id"`
			User   *wire.UserRequest `json:"user"`
		}
		if err := c.into(&req); err != nil {
			return nil, err
		}
		user, err := s.actor(c, req.UserID, req.User)
		if err != nil {
			return nil, err
		}
		return struct{}{}, s.engine.HideChannel(c.Context(), cid, []string{user}, hidden, hidden && req.Clear)
	}
}

type channelMute struct {
	CreatedAt wire.Nanos            `json:"created_at"`
	UpdatedAt wire.Nanos            `json:"updated_at"`
	Expires   *wire.Nanos           `json:"expires,omitempty"`
	Channel   *wire.ChannelResponse `json:"channel"`
	User      *wire.UserResponse    `json:"user"`
}

const maxMute = 10 * 365 * 24 * time.Hour

func (s *Server) muteChannels(muted bool) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		var req struct {
			CIDs       []string          `json:"channel_cids"`
			Expiration int64             `json:"expiration"` // milliseconds
			UserID     string            `json:"user_id"`
			User       *wire.UserRequest `json:"user"`
		}
		if err := c.into(&req); err != nil {
			return nil, err
		}
		cids, err := parseCIDs("channel_cids", wire.Unique(req.CIDs))
		if err != nil {
			return nil, err
		}
		if req.Expiration < 0 || req.Expiration > maxMute.Milliseconds() {
			return nil, wire.Invalid("expiration must be between 0 and %d milliseconds", maxMute.Milliseconds())
		}
		user, err := s.actor(c, req.UserID, req.User)
		if err != nil {
			return nil, err
		}
		var until time.Time
		if muted && req.Expiration > 0 {
			until = s.engine.Now().Add(time.Duration(req.Expiration) * time.Millisecond)
		}
		if err := s.engine.MuteChannels(c.Context(), cids, user, muted, until); err != nil || !muted {
			return struct{}{}, err
		}
		return s.mutesAnswer(c, cids, user)
	}
}

func (s *Server) mutesAnswer(c *call, cids []chat.CID, user string) (any, error) {
	users, err := s.engine.UsersByID(c.Context(), []string{user})
	if err != nil {
		return nil, err
	}
	mutes := make([]channelMute, len(cids))
	for i, cid := range cids {
		detail, err := s.engine.ChannelFor(c.Context(), cid, user)
		if err != nil {
			return nil, err
		}
		mutes[i] = channelMute{
			CreatedAt: wire.At(detail.Own.ChangedAt), UpdatedAt: wire.At(detail.Own.ChangedAt), Expires: wire.Maybe(detail.Own.MutedUntil),
			Channel: wire.ChannelAnswer(detail, nil), User: wire.UserAnswer(users[user]),
		}
	}
	if len(mutes) == 1 {
		return map[string]any{"channel_mute": mutes[0]}, nil
	}
	return map[string]any{"channel_mutes": mutes}, nil
}

// parseCIDs reads the cids of a request's field.
func parseCIDs(field string, texts []string) ([]chat.CID, error) {
	if len(texts) == 0 || len(texts) > channelsAtOnce {
		return nil, wire.Invalid("%s must have 1 to %d cids", field, channelsAtOnce)
	}
	cids := make([]chat.CID, len(texts))
	for i, text := range texts {
		cid, err := parseCID(text)
		if err != nil {
			return nil, err
		}
		cids[i] = cid
	}
	return cids, nil
}
