package streamapi

import (
	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

const (
	channelsPerPage  = 30
	defaultChannels  = 10
	farthestChannel  = 1_000
	membersPerAnswer = 100
	channelsAtOnce   = 100 // deleted, muted or exported in one call
	membersAtOnce    = 100 // added, removed and so on in one call
)

func (s *Server) routeChannels() {
	s.mux.HandleFunc("POST /api/v2/chat/channels", s.handle("QueryChannels", s.queryChannels))
	s.mux.HandleFunc("PUT /api/v2/chat/channels/batch", s.handle("ChannelBatchUpdate", s.updateChannelsBatch))
	s.mux.HandleFunc("POST /api/v2/chat/channels/delete", s.handle("DeleteChannels", s.deleteChannels))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/query", s.handle("GetOrCreateChannel", s.getOrCreateDistinct))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/query", s.handle("GetOrCreateChannel", s.getOrCreateChannel))
	s.mux.HandleFunc("GET /api/v2/chat/channels/{type}/{id}", s.handle("GetChannel", s.getChannel))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}", s.handle("UpdateChannel", s.updateChannel))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}", s.handle("UpdateChannelPartial", s.updateChannelPartial))
	s.mux.HandleFunc("DELETE /api/v2/chat/channels/{type}/{id}", s.handle("DeleteChannel", s.deleteChannel))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/truncate", s.handle("TruncateChannel", s.truncateChannel))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/event", s.handle("SendEvent", s.sendEvent))
	s.mux.HandleFunc("POST /api/v2/chat/users/{id}/event", s.handle("SendUserCustomEvent", s.sendUserEvent))
	s.mux.HandleFunc("POST /api/v2/chat/export_channels", s.handle("ExportChannels", s.exportChannels))
}

// stateWanted says which parts of a channel an answer contains.
type stateWanted struct {
	viewer   string
	members  int
	messages int
	read     bool // the members' read states
}

// states adds members, messages and other parts to channels.
func (s *Server) states(c *call, list []chat.Channel, want stateWanted) ([]*wire.ChannelState, error) {
	var ids []string
	cids := make([]chat.CID, len(list))
	for i, one := range list {
		cids[i] = one.CID
		ids = append(ids, one.CreatedBy, one.TruncatedBy)
	}
	users, err := s.engine.UsersByID(c.Context(), wire.Unique(ids))
	if err != nil {
		return nil, err
	}
	members := map[chat.CID][]chat.Member{}
	if want.members > 0 {
		if members, err = s.engine.MembersOf(c.Context(), cids, want.members); err != nil {
			return nil, err
		}
	}
	var messages, pinned map[chat.CID][]*wire.MessageResponse
	if want.messages > 0 {
		if messages, err = s.channelMessages(c, list, want.viewer, want.messages); err != nil {
			return nil, err
		}
		if pinned, err = s.pinnedMessages(c, list, want.viewer); err != nil {
			return nil, err
		}
	}
	configs, err := s.channelConfigs(c, list)
	if err != nil {
		return nil, err
	}
	var read map[chat.CID]map[string]chat.ReadState
	if want.read {
		if read, err = s.engine.ReadStates(c.Context(), members); err != nil {
			return nil, err
		}
	}
	states := make([]*wire.ChannelState, len(list))
	for i, one := range list {
		state := &wire.ChannelState{
			Channel: wire.ChannelAnswer(one, users).With(configs[i], one.MessageCount), Members: []*wire.MemberResponse{},
			Messages: wire.Listed(messages[one.CID]), PinnedMessages: wire.Listed(pinned[one.CID]), Threads: []any{},
		}
		for _, m := range members[one.CID] {
			state.Members = append(state.Members, wire.MemberAnswer(m))
			if want.read {
				state.Read = append(state.Read, wire.ReadAnswer(m, read[one.CID][m.User.ID]))
			}
		}
		if state.Membership, err = s.membership(c, one.CID, want.viewer); err != nil {
			return nil, err
		}
		state.Hidden, state.HiddenBefore = state.Channel.Hidden, state.Channel.HiddenBefore
		states[i] = state
	}
	return states, nil
}
