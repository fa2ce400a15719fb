package streamapi

import (
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5" // as in auth.go
	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeUserLives() {
	s.mux.HandleFunc("POST /api/v2/users/{id}/deactivate", s.handle("DeactivateUser", s.ofUser(s.deactivate)))
	s.mux.HandleFunc("POST /api/v2/users/{id}/reactivate", s.handle("ReactivateUser", s.ofUser(s.reactivateNamed)))
	s.mux.HandleFunc("POST /api/v2/users/deactivate", s.handle("DeactivateUsers", s.ofUsers(s.deactivate)))
	s.mux.HandleFunc("POST /api/v2/users/reactivate", s.handle("ReactivateUsers", s.ofUsers(s.reactivate)))
	s.mux.HandleFunc("POST /api/v2/users/delete", s.handle("DeleteUsers", s.deleteUsers))
	s.mux.HandleFunc("POST /api/v2/users/restore", s.handle("RestoreUsers", s.restoreUsers))
	s.mux.HandleFunc("GET /api/v2/users/{id}/export", s.handle("ExportUser", s.exportUser))
	s.mux.HandleFunc("POST /api/v2/export/users", s.handle("ExportUsers", s.exportUsers))
	s.mux.HandleFunc("POST /api/v2/guest", s.handle("CreateGuest", s.createGuest))
}

// lifeRequest is the body of requests that deactivate or reactivate users.
type lifeRequest struct {
	UserIDs         []string `json:"user_ids"`
	CreatedByID     string   `json:"created_by_id"`
	Name            *string  `json:"name"`
	DeleteMessages  bool     `json:"mark_messages_deleted"`
	RestoreMessages bool     `json:"restore_messages"`
	DeleteChannels  bool     `json:"mark_channels_deleted"`
	RestoreChannels bool     `json:"restore_channels"`
}

func (s *Server) life(c *call) (req lifeRequest, by chat.Actor, err error) {
	if err = c.into(&req); err != nil {
		return req, by, err
	}
	if req.DeleteChannels || req.RestoreChannels {
		return req, by, wire.Invalid("channels stay where users are deactivated: delete them apart")
	}
	id, err := s.user(c.Context(), req.CreatedByID, nil)
	return req, chat.Actor{ID: id, BackOffice: true}, err
}

// oneUser answers with a user that was changed, or with the reason why it wasn't.
func (s *Server) oneUser(c *call, id string, result map[string]any) (any, error) {
	users, err := s.engine.UsersByID(c.Context(), []string{id})
	if err != nil {
		return nil, err
	}
	u, found := users[id]
	if !found {
		return nil, wire.Missing("there is no user %q", id)
	}
	if line, ok := result[id].(map[string]any); ok && line["status"] == "error" {
		return nil, wire.Invalid("%v", line["error"])
	}
	return map[string]any{"user": wire.UserAnswer(u)}, nil
}

// lifeChange deactivates or reactivates users.
type lifeChange func(c *call, req lifeRequest, by chat.Actor, ids []string) (map[string]any, error)

// ofUser makes an endpoint that applies a change to the user in the path.
func (s *Server) ofUser(change lifeChange) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		req, by, err := s.life(c)
		if err != nil {
			return nil, err
		}
		id := c.PathValue("id")
		result, err := change(c, req, by, []string{id})
		if err != nil {
			return nil, err
		}
		return s.oneUser(c, id, result)
	}
}

// ofUsers makes an endpoint that applies a change to the users in the body.
func (s *Server) ofUsers(change lifeChange) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		req, by, err := s.life(c)
		if err != nil {
			return nil, err
		}
		result, err := change(c, req, by, req.UserIDs)
		return s.task(c, result, err)
	}
}

func (s *Server) deactivate(c *call, req lifeRequest, by chat.Actor, ids []string) (map[string]any, error) {
	return s.engine.DeactivateUsers(c.Context(), ids, by, req.DeleteMessages)
}

func (s *Server) reactivate(c *call, req lifeRequest, by chat.Actor, ids []string) (map[string]any, error) {
	return s.engine.ReactivateUsers(c.Context(), ids, by, req.RestoreMessages, nil)
}

// reactivateNamed also sets the user's name if the request contains one.
func (s *Server) reactivateNamed(c *call, req lifeRequest, by chat.Actor, ids []string) (map[string]any, error) {
	return s.engine.ReactivateUsers(c.Context(), ids, by, req.RestoreMessages, req.Name)
}

// task answers with the id of a task whose result is the given one.
func (s *Server) task(c *call, result map[string]any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	id, err := s.engine.AsTask(c.Context(), result)
	if err != nil {
		return nil, err
	}
	return map[string]any{"task_id": id}, nil
}

// deleteMode parses how thoroughly to delete something.
func deleteMode(field, given string, modes ...chat.DeleteMode) (chat.DeleteMode, error) {
	mode := chat.DeleteMode(given)
	if mode != "" && !slices.Contains(modes, mode) {
		return "", wire.Invalid("%s is one of %q", field, modes)
	}
	return mode, nil
}

func (s *Server) deleteUsers(c *call) (any, error) {
	var req struct {
		UserIDs       []string `json:"user_ids"`
		User          string   `json:"user"`
		Messages      string   `json:"messages"`
		Conversations string   `json:"conversations"`
		NewOwner      string   `json:"new_channel_owner_id"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	d := store.UserDeletion{IDs: req.UserIDs, NewOwner: req.NewOwner}
	var err error
	if d.User, err = deleteMode("user", req.User, chat.DeleteSoft, chat.DeletePruning, chat.DeleteHard); err != nil {
		return nil, err
	}
	if d.User == "" {
		d.User = chat.DeleteSoft
	}
	if d.Messages, err = deleteMode("messages", req.Messages, chat.DeleteSoft, chat.DeletePruning, chat.DeleteHard); err != nil {
		return nil, err
	}
	if d.Conversations, err = deleteMode("conversations", req.Conversations, chat.DeleteSoft, chat.DeleteHard); err != nil {
		return nil, err
	}
	result, err := s.engine.DeleteUsers(c.Context(), d)
	return s.task(c, result, err)
}

func (s *Server) restoreUsers(c *call) (any, error) {
	var req struct {
		UserIDs []string `json:"user_ids"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if bad := store.CheckUserIDs(req.UserIDs); bad != nil {
		return nil, bad
	}
	return done, s.engine.RestoreUsers(c.Context(), req.UserIDs)
}

func (s *Server) export(c *call, id string) (*wire.UserExport, error) {
	users, err := s.engine.UsersByID(c.Context(), []string{id})
	if err != nil {
		return nil, err
	}
	u, found := users[id]
	if !found {
		return nil, wire.Missing("there is no user %q", id)
	}
	messages, reactions, err := s.engine.ExportUser(c.Context(), id)
	if err != nil {
		return nil, err
	}
	for i := range reactions {
		reactions[i].User = u
	}
	return &wire.UserExport{User: wire.UserAnswer(u), Messages: wire.MessageAnswers(messages), Reactions: wire.ReactionAnswers(reactions)}, nil
}

func (s *Server) exportUser(c *call) (any, error) { return s.export(c, c.PathValue("id")) }

// usersPerExport bounds a task's result to what a caller can read at once.
const usersPerExport = 25

// exportUsers writes everything about users into a task's result. Stream writes a file instead and
// returns its address.
func (s *Server) exportUsers(c *call) (any, error) {
	var req struct {
		UserIDs []string `json:"user_ids"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.UserIDs) == 0 || len(req.UserIDs) > usersPerExport {
		return nil, wire.Invalid("user_ids must have 1 to %d users", usersPerExport)
	}
	users := make([]*wire.UserExport, len(req.UserIDs))
	for i, id := range req.UserIDs {
		var err error
		if users[i], err = s.export(c, id); err != nil {
			return nil, err
		}
	}
	return s.task(c, map[string]any{"users": users}, nil)
}

// createGuest creates a guest user and its token.
func (s *Server) createGuest(c *call) (any, error) {
	var req struct {
		User *wire.UserRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.User == nil {
		return nil, wire.Invalid("user must be there")
	}
	app, err := s.engine.App(c.Context())
	if err != nil {
		return nil, err
	}
	if app.GuestsOff {
		return nil, &wire.Error{Kind: wire.NotAllowed, Message: "the app's settings allow no guests"}
	}
	made, err := uuid.NewRandom()
	if err != nil {
		return nil, err
	}
	guest := *req.User
	guest.ID, guest.Role = "guest-"+made.String()+"-"+guest.ID, "guest"
	if err := s.replaceUsers(c.Context(), []chat.User{guest.User()}); err != nil {
		return nil, err
	}
	token, err := s.token(guest.ID)
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UsersByID(c.Context(), []string{guest.ID})
	if err != nil {
		return nil, err
	}
	return map[string]any{"user": userIn(users, guest.ID), "access_token": token}, nil
}

// token returns a token for a user.
func (s *Server) token(id string) (string, error) {
	issued := jwt.NewNumericDate(s.engine.Now().Truncate(time.Second))
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{UserID: id, RegisteredClaims: jwt.RegisteredClaims{IssuedAt: issued}}).SignedString(s.secret)
}
