package streamapi

import (
	"cmp"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

const (
	bansPerPage = 300
	defaultBans = 100
	farthestBan = 1_000
	mutesAtOnce = 100
	maxTimeout  = 10 * 365 * 24 * 60 // minutes
)

func (s *Server) routeModeration() {
	s.mux.HandleFunc("POST /api/v2/moderation/ban", s.handle("Ban", s.ban))
	s.mux.HandleFunc("POST /api/v2/moderation/unban", s.handle("Unban", s.unban))
	s.mux.HandleFunc("POST /api/v2/moderation/mute", s.handle("Mute", s.mute))
	s.mux.HandleFunc("POST /api/v2/moderation/unmute", s.handle("Unmute", s.unmute))
	s.mux.HandleFunc("GET /api/v2/chat/query_banned_users", s.handle("QueryBannedUsers", s.queryBannedUsers))
	s.mux.HandleFunc("GET /api/v2/chat/query_future_channel_bans", s.handle("QueryFutureChannelBans", s.queryFutureChannelBans))
}

// until returns the end of a timeout in minutes; zero if there is no timeout.
func (s *Server) until(minutes *int) (time.Time, error) {
	if minutes == nil || *minutes == 0 {
		return time.Time{}, nil
	}
	if *minutes < 0 || *minutes > maxTimeout {
		return time.Time{}, wire.Invalid("timeout is from 1 to %d minutes", maxTimeout)
	}
	return s.engine.Now().Add(time.Duration(*minutes) * time.Minute), nil
}

type banRequest struct {
	TargetUserID   string            `json:"target_user_id"`
	ChannelCID     string            `json:"channel_cid"`
	BannedByID     string            `json:"banned_by_id"`
	BannedBy       *wire.UserRequest `json:"banned_by"`
	UserID         string            `json:"user_id"`
	Reason         string            `json:"reason"`
	Timeout        *int              `json:"timeout"`
	Shadow         bool              `json:"shadow"`
	IPBan          bool              `json:"ip_ban"`
	FutureChannels bool              `json:"ban_from_future_channels"`
	DeleteMessages string            `json:"delete_messages"`
}

func (s *Server) ban(c *call) (any, error) {
	var req banRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.IPBan || req.FutureChannels {
		return nil, wire.Invalid("bans of addresses and from channels to come are not there: ban the user")
	}
	r, err := restriction(req.TargetUserID, req.ChannelCID)
	if err != nil {
		return nil, err
	}
	by, err := s.user(c.Context(), cmp.Or(req.BannedByID, req.UserID), req.BannedBy)
	if err != nil {
		return nil, err
	}
	if by == "" {
		return nil, wire.Invalid("either banned_by or banned_by_id must be provided when using server side auth.")
	}
	if by == r.UserID {
		return nil, wire.Invalid("cannot ban yourself")
	}
	r.Operation.By = server(by)
	if r.Until, err = s.until(req.Timeout); err != nil {
		return nil, err
	}
	r.Reason = req.Reason
	if req.Shadow {
		r.Kind = chat.Shadow
	}
	r.Messages, err = deleteMode("delete_messages", req.DeleteMessages, chat.DeleteSoft, chat.DeletePruning, chat.DeleteHard)
	if err != nil {
		return nil, err
	}
	return done, s.engine.Restrict(c.Context(), r)
}

// restriction returns a ban of the user in the channel, or in all channels if cid is "".
func restriction(target, cid string) (r chat.Restrict, err error) {
	r = chat.Restrict{Operation: chat.Operation{By: server("")}, Kind: chat.Ban, UserID: target}
	if bad := chat.CheckUserID(target); bad != nil {
		return r, bad
	}
	if cid != "" {
		r.CID, err = parseCID(cid)
	}
	return r, err
}

func (s *Server) unban(c *call) (any, error) {
	q := c.URL.Query()
	r, err := restriction(q.Get("target_user_id"), q.Get("channel_cid"))
	if err != nil {
		return nil, err
	}
	r.Lift = true
	return done, s.engine.Restrict(c.Context(), r)
}

func (s *Server) queryBannedUsers(c *call) (any, error) {
	var req struct {
		wire.QueryRequest
		Current bool `json:"exclude_expired_bans"`
	}
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	asked, err := req.Search(defaultBans, bansPerPage, farthestBan)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchBans(c.Context(), store.RestrictionSearch{Search: asked, Current: req.Current})
	if err != nil {
		return nil, err
	}
	return s.bansAnswer(c, list)
}

func (s *Server) bansAnswer(c *call, list []chat.Restriction) (any, error) {
	var ids []string
	channels := map[chat.CID]*wire.ChannelResponse{}
	for _, r := range list {
		ids = append(ids, r.UserID, r.By)
		if r.CID == (chat.CID{}) || channels[r.CID] != nil {
			continue
		}
		detail, err := s.engine.ChannelFor(c.Context(), r.CID, "")
		if err == nil {
			channels[r.CID] = wire.ChannelAnswer(detail, nil)
		} else if chat.CodeOf(err) != chat.NotFound {
			return nil, err
		}
	}
	users, err := s.engine.UsersByID(c.Context(), wire.Unique(ids))
	if err != nil {
		return nil, err
	}
	bans := make([]*wire.BanResponse, len(list))
	for i, r := range list {
		bans[i] = &wire.BanResponse{
			User: userIn(users, r.UserID), BannedBy: userIn(users, r.By), Channel: channels[r.CID], Reason: wire.MaybeText(r.Reason),
			Shadow: r.Kind == chat.Shadow, Expires: wire.Maybe(r.Until), CreatedAt: wire.At(r.CreatedAt),
		}
	}
	return map[string]any{"bans": bans}, nil
}

func userIn(users map[string]chat.User, id string) *wire.UserResponse {
	if u, ok := users[id]; ok {
		return wire.UserAnswer(u)
	}
	return nil
}

// queryFutureChannelBans answers with an empty list, since there are no such bans here.
func (s *Server) queryFutureChannelBans(c *call) (any, error) {
	var req struct {
		Limit  int `json:"limit"`
		Offset int `json:"offset"`
	}
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	if _, err := wire.Page(req.Limit, defaultBans, bansPerPage, req.Offset, farthestBan); err != nil {
		return nil, err
	}
	return map[string]any{"bans": []any{}}, nil
}

type muteRequest struct {
	TargetIDs []string          `json:"target_ids"`
	Timeout   *int              `json:"timeout"`
	UserID    string            `json:"user_id"`
	User      *wire.UserRequest `json:"user"`
}

// muter reads a request to mute or unmute users.
func (s *Server) muter(c *call) (req muteRequest, by string, err error) {
	if err = c.into(&req); err != nil {
		return req, "", err
	}
	if len(req.TargetIDs) == 0 || len(req.TargetIDs) > mutesAtOnce {
		return req, "", wire.Invalid("target_ids must have 1 to %d users", mutesAtOnce)
	}
	if by, err = s.actor(c, req.UserID, req.User); err != nil {
		return req, "", err
	}
	for _, id := range req.TargetIDs {
		if id == by {
			return req, "", wire.Invalid("users can't mute themselves")
		}
	}
	return req, by, nil
}

func (s *Server) mute(c *call) (any, error) {
	req, by, err := s.muter(c)
	if err != nil {
		return nil, err
	}
	until, err := s.until(req.Timeout)
	if err != nil {
		return nil, err
	}
	unknown, err := s.engine.Relate(c.Context(), store.Silence, by, req.TargetIDs, until)
	if err != nil {
		return nil, err
	}
	mutes, err := s.mutesOf(c, by)
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]bool, len(req.TargetIDs))
	for _, id := range req.TargetIDs {
		wanted[id] = true
	}
	made := []*wire.MuteResponse{}
	for _, m := range mutes[by] {
		if m.Target != nil && wanted[m.Target.ID] {
			made = append(made, m)
		}
	}
	own, err := s.ownUser(c, by)
	if err != nil {
		return nil, err
	}
	return map[string]any{"mutes": made, "non_existing_users": wire.Listed(unknown), "own_user": own}, nil
}

func (s *Server) unmute(c *call) (any, error) {
	req, by, err := s.muter(c)
	if err != nil {
		return nil, err
	}
	unknown, err := s.engine.Unrelate(c.Context(), store.Silence, by, req.TargetIDs)
	if err != nil {
		return nil, err
	}
	return map[string]any{"non_existing_users": wire.Listed(unknown)}, nil
}

// mutesOf returns the mutes of the given users, by user.
func (s *Server) mutesOf(c *call, users ...string) (map[string][]*wire.MuteResponse, error) {
	list, err := s.engine.Relations(c.Context(), store.Silence, users...)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, 2*len(list))
	for _, r := range list {
		ids = append(ids, r.UserID, r.Target)
	}
	known, err := s.engine.UsersByID(c.Context(), wire.Unique(ids))
	if err != nil {
		return nil, err
	}
	mutes := map[string][]*wire.MuteResponse{}
	for _, r := range list {
		mutes[r.UserID] = append(mutes[r.UserID], &wire.MuteResponse{
			User: userIn(known, r.UserID), Target: userIn(known, r.Target), Expires: wire.Maybe(r.Until),
			CreatedAt: wire.At(r.CreatedAt), UpdatedAt: wire.At(r.UpdatedAt),
		})
	}
	return mutes, nil
}
