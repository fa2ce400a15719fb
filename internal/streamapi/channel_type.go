package streamapi

import (
	"encoding/json"
	"maps"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeChannelTypes() {
	s.mux.HandleFunc("GET /api/v2/chat/channeltypes", s.handle("ListChannelTypes", s.listChannelTypes))
	s.mux.HandleFunc("POST /api/v2/chat/channeltypes", s.handle("CreateChannelType", s.createChannelType))
	s.mux.HandleFunc("GET /api/v2/chat/channeltypes/{name}", s.handle("GetChannelType", s.getChannelType))
	s.mux.HandleFunc("PUT /api/v2/chat/channeltypes/{name}", s.handle("UpdateChannelType", s.updateChannelType))
	s.mux.HandleFunc("DELETE /api/v2/chat/channeltypes/{name}", s.handle("DeleteChannelType", s.deleteChannelType))
}

// channelConfigs returns the effective settings of each channel.
func (s *Server) channelConfigs(c *call, channels []chat.Channel) ([]*wire.ChannelConfig, error) {
	configs := make([]*wire.ChannelConfig, len(channels))
	for i, one := range channels {
		t, err := s.engine.ChannelConfig(c.Context(), one.CID.Type, one.ConfigOverrides)
		if err != nil {
			return nil, err
		}
		configs[i] = &wire.ChannelConfig{ChannelTypeResponse: wire.WholeChannelType(t), Grants: one.ConfigOverrides["grants"]}
	}
	return configs, nil
}

func (s *Server) listChannelTypes(c *call) (any, error) {
	types, err := s.engine.ChannelTypes(c.Context())
	if err != nil {
		return nil, err
	}
	answer := make(map[string]*wire.ChannelTypeResponse, len(types))
	for name, t := range types {
		answer[string(name)] = wire.WholeChannelType(t)
	}
	return map[string]any{"channel_types": answer}, nil
}

func (s *Server) getChannelType(c *call) (any, error) {
	t, err := s.engine.ChannelType(c.Context(), chat.ChannelType(c.part("name")))
	if err != nil {
		return nil, err
	}
	return wire.WholeChannelType(t), nil
}

func (s *Server) createChannelType(c *call) (any, error) {
	var named struct {
		Name string `json:"name"`
	}
	if err := c.into(&named); err != nil {
		return nil, err
	}
	change, err := s.typeChange(c)
	if err != nil {
		return nil, err
	}
	made, err := s.engine.CreateChannelType(c.Context(), chat.ChannelType(named.Name), change)
	if err != nil {
		return nil, err
	}
	return wire.ChannelTypeAnswer(made), nil
}

func (s *Server) updateChannelType(c *call) (any, error) {
	change, err := s.typeChange(c)
	if err != nil {
		return nil, err
	}
	changed, err := s.engine.ChangeChannelType(c.Context(), chat.ChannelType(c.part("name")), change)
	if err != nil {
		return nil, err
	}
	return wire.ChannelTypeAnswer(changed), nil
}

func (s *Server) deleteChannelType(c *call) (any, error) {
	return done, s.engine.DeleteChannelType(c.Context(), chat.ChannelType(c.part("name")))
}

// done is the answer of an operation without a result.
var done = map[string]any{}

// typeChange returns a function that sets the settings that the request contains and leaves the
// others. Nulls are ignored, except that null resets grants to the defaults.
func (s *Server) typeChange(c *call) (func(t *chat.TypeSettings) error, error) {
	var given map[string]json.RawMessage
	if err := c.into(&given); err != nil {
		return nil, err
	}
	grants, hasGrants := given["grants"]
	resets := hasGrants && string(grants) == "null"
	maps.DeleteFunc(given, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	text, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	return func(t *chat.TypeSettings) error {
		if resets {
			t.Grants = engine.DefaultGrants(chat.ChannelType(t.Name))
		}
		t.Grants, t.Commands = maps.Clone(t.Grants), slices.Clone(t.Commands)
		if err := decode(text, t); err != nil {
			return err
		}
		if slices.Contains(t.Commands, wire.AllCommands) {
			t.Commands = chat.BuiltInCommands()
		}
		return nil
	}, nil
}
