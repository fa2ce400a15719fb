package streamapi

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

func (s *Server) routeReminders() {
	const path = " /api/v2/chat/messages/{id}/reminders"
	s.mux.HandleFunc("POST"+path, s.handle("CreateReminder", func(c *call) (any, error) {
		return s.setReminder(c, s.engine.Remind)
	}))
	s.mux.HandleFunc("PATCH"+path, s.handle("UpdateReminder", func(c *call) (any, error) {
		r, err := s.setReminder(c, s.engine.MoveReminder)
		return map[string]any{"reminder": r}, err
	}))
	s.mux.HandleFunc("DELETE"+path, s.handle("DeleteReminder", s.deleteReminder))
	s.mux.HandleFunc("POST /api/v2/chat/reminders/query", s.handle("QueryReminders", s.queryReminders))
}

// reminderResponse is a reminder as answers have it.
type reminderResponse struct {
	MessageID  string           `json:"message_id"`
	UserID     string           `json:"user_id"`
	ChannelCID string           `json:"channel_cid"`
	RemindAt   *nanos           `json:"remind_at,omitempty"`
	Message    *messageResponse `json:"message,omitempty"`
	Channel    *channelResponse `json:"channel,omitempty"`
	User       *userResponse    `json:"user,omitempty"`
	CreatedAt  nanos            `json:"created_at"`
	UpdatedAt  nanos            `json:"updated_at"`
}

// setReminder makes a reminder, or moves it.
func (s *Server) setReminder(c *call, set func(ctx context.Context, message, user string, at time.Time) (chat.Reminder, error)) (*reminderResponse, error) {
	var req struct {
		RemindAt *time.Time   `json:"remind_at"`
		UserID   string       `json:"user_id"`
		User     *userRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.actor(c, req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	r, err := set(c.Context(), c.part("id"), user, optionalTime(req.RemindAt))
	if err != nil {
		return nil, err
	}
	answers, err := s.reminderAnswers(c, user, []chat.Reminder{r})
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// reminderAnswers completes a user's reminders with what they are of.
func (s *Server) reminderAnswers(c *call, user string, list []chat.Reminder) ([]*reminderResponse, error) {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.MessageID
	}
	found, channels, err := s.messagesInChannels(c, unique(ids), user)
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UserDetails(c.Context(), []string{user})
	if err != nil {
		return nil, err
	}
	answers := make([]*reminderResponse, len(list))
	for i, r := range list {
		answers[i] = &reminderResponse{
			MessageID: r.MessageID, UserID: r.UserID, ChannelCID: r.CID.String(), RemindAt: maybe(r.At),
			Channel: channels[r.CID], User: userIn(users, r.UserID), CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt),
		}
		if m, ok := found[r.MessageID]; ok {
			answers[i].Message = messageAnswer(m)
		}
	}
	return answers, nil
}

func (s *Server) deleteReminder(c *call) (any, error) {
	user, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	return done, s.engine.DropReminder(c.Context(), c.part("id"), user)
}

func (s *Server) queryReminders(c *call) (any, error) {
	q, user, err := s.ownQuery(c)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchReminders(c.Context(), user, q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	answer["reminders"], err = s.reminderAnswers(c, user, turn(answer, q, list))
	return answer, err
}
