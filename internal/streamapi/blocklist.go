package streamapi

import (
	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeBlocklists() {
	s.mux.HandleFunc("GET /api/v2/blocklists", s.handle("ListBlockLists", s.listBlocklists))
	s.mux.HandleFunc("POST /api/v2/blocklists", s.handle("CreateBlockList", s.createBlocklist))
	s.mux.HandleFunc("GET /api/v2/blocklists/{name}", s.handle("GetBlockList", s.getBlocklist))
	s.mux.HandleFunc("PUT /api/v2/blocklists/{name}", s.handle("UpdateBlockList", s.updateBlocklist))
	s.mux.HandleFunc("DELETE /api/v2/blocklists/{name}", s.handle("DeleteBlockList", s.deleteBlocklist))
}

// blocklistRequest reads a block list. It refuses all but lists of whole words for the whole app.
func blocklistRequest(c *call) (chat.Blocklist, error) {
	var req struct {
		chat.Blocklist
		Type       string `json:"type"`
		Team       string `json:"team"`
		UserID     string `json:"user_id"`
		Leet       bool   `json:"is_leet_check_enabled"`
		Plural     bool   `json:"is_plural_check_enabled"`
		Substring  bool   `json:"is_substring_matching_enabled"`
		Confusable bool   `json:"is_confusable_folding_enabled"`
	}
	if err := c.into(&req); err != nil {
		return req.Blocklist, err
	}
	if req.Type != "" && req.Type != "word" || req.Leet || req.Plural || req.Substring || req.Confusable || req.Team != "" || req.UserID != "" {
		return req.Blocklist, wire.Invalid("block lists here are of the type word, of whole words as they are, and for the whole app")
	}
	return req.Blocklist, nil
}

func (s *Server) listBlocklists(c *call) (any, error) {
	lists, err := s.engine.Blocklists(c.Context())
	if err != nil {
		return nil, err
	}
	answer := make([]*wire.BlocklistResponse, len(lists))
	for i, b := range lists {
		answer[i] = wire.BlocklistAnswer(b)
	}
	return map[string]any{"blocklists": answer}, nil
}

func (s *Server) oneBlocklist(c *call, name string) (any, error) {
	b, err := s.engine.Blocklist(c.Context(), name)
	if err != nil {
		return nil, err
	}
	return map[string]any{"blocklist": wire.BlocklistAnswer(b)}, nil
}

func (s *Server) getBlocklist(c *call) (any, error) { return s.oneBlocklist(c, c.part("name")) }

func (s *Server) createBlocklist(c *call) (any, error) {
	b, err := blocklistRequest(c)
	if err == nil {
		err = s.engine.CreateBlocklist(c.Context(), b)
	}
	if err != nil {
		return nil, err
	}
	return s.oneBlocklist(c, b.Name)
}

func (s *Server) updateBlocklist(c *call) (any, error) {
	b, err := blocklistRequest(c)
	b.Name = c.part("name")
	if err == nil {
		err = s.engine.ChangeBlocklist(c.Context(), b)
	}
	if err != nil {
		return nil, err
	}
	return s.oneBlocklist(c, b.Name)
}

func (s *Server) deleteBlocklist(c *call) (any, error) {
	return done, s.engine.DeleteBlocklist(c.Context(), c.part("name"))
}
