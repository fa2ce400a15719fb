package streamapi

import (
	"encoding/json"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeFlags() {
	s.mux.HandleFunc("POST /api/v2/moderation/flag", s.handle("Flag", s.flag))
	s.mux.HandleFunc("POST /api/v2/moderation/unflag", s.handle("Unflag", s.unflag))
	s.mux.HandleFunc("POST /api/v2/moderation/flags", s.handle("QueryModerationFlags", s.queryFlags))
	s.mux.HandleFunc("POST /api/v2/moderation/flag_count", s.handle("GetFlagCount", s.countFlags))
	s.mux.HandleFunc("GET /api/v2/chat/moderation/flags/message", s.handle("QueryMessageFlags", s.queryMessageFlags))
}

type flagRequest struct {
	EntityID   string            `json:"entity_id"`
	EntityType string            `json:"entity_type"`
	Reason     string            `json:"reason"`
	Custom     map[string]any    `json:"custom"`
	Payload    json.RawMessage   `json:"moderation_payload"`
	UserID     string            `json:"user_id"`
	User       *wire.UserRequest `json:"user"`
}

// flagOf reads a request to flag or unflag a message or user.
func (s *Server) flagOf(c *call) (f store.Flag, err error) {
	var req flagRequest
	if err := c.into(&req); err != nil {
		return f, err
	}
	f = store.Flag{Reason: req.Reason, Custom: req.Custom}
	switch {
	case req.EntityID == "":
		return f, wire.Invalid("entity_id is a required field")
	case len(req.Payload) > 0 && !empty(req.Payload):
		return f, wire.Invalid("a flag here is of what is in the chat; leave moderation_payload out")
	case req.EntityType == store.MessageEntity:
		f.MessageID = req.EntityID
	case req.EntityType == store.UserEntity:
		f.TargetID = req.EntityID
	default:
		return f, wire.Invalid("entity_type is one of %q", []string{store.MessageEntity, store.UserEntity})
	}
	f.By, err = s.actor(c, req.UserID, req.User)
	return f, err
}

func (s *Server) flag(c *call) (any, error) {
	f, err := s.flagOf(c)
	if err != nil {
		return nil, err
	}
	item, err := s.engine.Flag(c.Context(), f)
	return map[string]any{"item_id": item}, err
}

func (s *Server) unflag(c *call) (any, error) {
	f, err := s.flagOf(c)
	if err != nil {
		return nil, err
	}
	return done, s.engine.Unflag(c.Context(), f)
}

func (s *Server) countFlags(c *call) (any, error) {
	var req struct {
		Creator string `json:"entity_creator_id"`
		Type    string `json:"entity_type"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Creator == "" {
		return nil, wire.Invalid("entity_creator_id is a required field")
	}
	n, err := s.engine.CountFlags(c.Context(), req.Creator, req.Type)
	return map[string]any{"count": n}, err
}

func (s *Server) queryFlags(c *call) (any, error) {
	q, err := pageOf(c)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchFlags(c.Context(), store.FlagSearch{Search: q, Deleted: true})
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	list = wire.Turn(answer, q, list)
	users, err := s.flaggers(c, list)
	if err != nil {
		return nil, err
	}
	flags := make([]wire.FlagResponse, len(list))
	for i, f := range list {
		flags[i] = wire.FlagResponse{
			EntityID: f.MessageID, EntityType: store.MessageEntity, Creator: f.TargetID, Item: f.Item, Type: "user_flag",
			UserID: f.By, User: userIn(users, f.By), Reason: f.Reason, Result: []any{}, Labels: []string{}, Custom: wire.Object(f.Custom),
			CreatedAt: wire.At(f.CreatedAt), UpdatedAt: wire.At(f.UpdatedAt),
		}
		if f.MessageID == "" {
			flags[i].EntityID, flags[i].EntityType = f.TargetID, store.UserEntity
		}
	}
	answer["flags"] = flags
	return answer, nil
}

func (s *Server) flaggers(c *call, list []store.Flag) (map[string]chat.User, error) {
	ids := make([]string, len(list))
	for i, f := range list {
		ids[i] = f.By
	}
	return s.engine.UsersByID(c.Context(), wire.Unique(ids))
}

const (
	defaultFlags = 100
	flagsPerPage = 100
	farthestFlag = 1_000
)

func (s *Server) queryMessageFlags(c *call) (any, error) {
	var req struct {
		wire.QueryRequest
		Deleted bool `json:"show_deleted_messages"`
	}
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	q, err := req.Search(defaultFlags, flagsPerPage, farthestFlag)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchFlags(c.Context(), store.FlagSearch{Search: q, OfMessages: true, Deleted: req.Deleted})
	if err != nil {
		return nil, err
	}
	users, err := s.flaggers(c, list)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, f := range list {
		ids[i] = f.MessageID
	}
	messages, err := s.engine.MessagesByID(c.Context(), wire.Unique(ids), "")
	if err != nil {
		return nil, err
	}
	flags := make([]wire.MessageFlagResponse, len(list))
	for i, f := range list {
		flags[i] = wire.MessageFlagResponse{User: userIn(users, f.By), Reason: f.Reason, Custom: wire.Object(f.Custom),
			CreatedAt: wire.At(f.CreatedAt), UpdatedAt: wire.At(f.UpdatedAt)}
		if m, ok := messages[f.MessageID]; ok {
			flags[i].Message = wire.MessageAnswer(m)
		}
	}
	return map[string]any{"flags": flags}, nil
}
