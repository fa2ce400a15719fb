package wire

import (
	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// UnreadResponse is how much a user hasn't read, in answers.
type UnreadResponse struct {
	Total        int64            `json:"total_unread_count"`
	TotalThreads int64            `json:"total_unread_threads_count"`
	ByTeam       map[string]int64 `json:"total_unread_count_by_team,omitempty"`
	Channels     []unreadChannel  `json:"channels"`
	Types        []*unreadType    `json:"channel_type"`
	Threads      []any            `json:"threads"`
}

type unreadChannel struct {
	CID      string `json:"channel_id"`
	Count    int64  `json:"unread_count"`
	LastRead Nanos  `json:"last_read"`
}

type unreadType struct {
	Type     chat.ChannelType `json:"channel_type"`
	Channels int              `json:"channel_count"`
	Count    int64            `json:"unread_count"`
}

// UnreadAnswer sums up a user's unread channels.
func UnreadAnswer(list []store.Unread) *UnreadResponse {
	answer := &UnreadResponse{Channels: []unreadChannel{}, Types: []*unreadType{}, Threads: []any{}}
	types := map[chat.ChannelType]*unreadType{}
	for _, u := range list {
		answer.Total += u.Count
		answer.Channels = append(answer.Channels, unreadChannel{CID: u.CID.String(), Count: u.Count, LastRead: At(u.LastRead)})
		t := types[u.CID.Type]
		if t == nil {
			t = &unreadType{Type: u.CID.Type}
			types[u.CID.Type] = t
			answer.Types = append(answer.Types, t)
		}
		t.Channels++
		t.Count += u.Count
		if u.Team != "" {
			if answer.ByTeam == nil {
				answer.ByTeam = map[string]int64{}
			}
			answer.ByTeam[u.Team] += u.Count
		}
	}
	return answer
}
