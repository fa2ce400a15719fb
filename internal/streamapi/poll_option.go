package streamapi

import (
	"slices"

	"backchannel/internal/chat"
)

func (s *Server) routePollOptions() {
	const path = " /api/v2/polls/{id}/options"
	s.mux.HandleFunc("POST"+path, s.handle("CreatePollOption", s.createPollOption))
	s.mux.HandleFunc("PUT"+path, s.handle("UpdatePollOption", s.updatePollOption))
	s.mux.HandleFunc("GET"+path+"/{option}", s.handle("GetPollOption", s.getPollOption))
	s.mux.HandleFunc("DELETE"+path+"/{option}", s.handle("DeletePollOption", s.deletePollOption))
}

// shownOption is an option as answers have it.
func shownOption(o chat.PollOption) chat.PollOption {
	o.Custom = object(o.Custom)
	return o
}

// optionOf reads an option, in the name of the user that the request names.
func (s *Server) optionOf(c *call) (o chat.PollOption, err error) {
	var req struct {
		chat.PollOption
		UserID string       `json:"user_id"`
		User   *userRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return o, err
	}
	_, err = s.user(c.Context(), req.UserID, req.User)
	return req.PollOption, err
}

func (s *Server) createPollOption(c *call) (any, error) {
	o, err := s.optionOf(c)
	if err != nil {
		return nil, err
	}
	o.ID = ""
	var p chat.Poll
	err = s.engine.ChangePoll(c.Context(), c.part("id"), func(poll *chat.Poll) error {
		poll.Options = append(poll.Options, o)
		p = *poll
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"poll_option": shownOption(p.Options[len(p.Options)-1])}, nil // which has its id by now
}

func (s *Server) updatePollOption(c *call) (any, error) {
	o, err := s.optionOf(c)
	if err != nil {
		return nil, err
	}
	err = s.engine.ChangePoll(c.Context(), c.part("id"), func(p *chat.Poll) error {
		i := slices.IndexFunc(p.Options, func(old chat.PollOption) bool { return old.ID == o.ID })
		if i < 0 {
			return noOption(o.ID)
		}
		p.Options[i] = o
		return nil
	})
	return map[string]any{"poll_option": shownOption(o)}, err
}

func (s *Server) getPollOption(c *call) (any, error) {
	p, err := s.engine.Poll(c.Context(), c.part("id"), "")
	if err != nil {
		return nil, err
	}
	o, found := p.Option(c.part("option"))
	if !found {
		return nil, noOption(c.part("option"))
	}
	return map[string]any{"poll_option": shownOption(o)}, nil
}

func (s *Server) deletePollOption(c *call) (any, error) {
	if _, err := s.viewer(c); err != nil {
		return nil, err
	}
	id := c.part("option")
	return done, s.engine.ChangePoll(c.Context(), c.part("id"), func(p *chat.Poll) error {
		if _, there := p.Option(id); !there {
			return noOption(id)
		}
		p.Options = slices.DeleteFunc(p.Options, func(o chat.PollOption) bool { return o.ID == id })
		return nil
	})
}

func noOption(id string) error { return missing("the poll has no option %q", id) }
