package streamapi

import (
	"bytes"
	"encoding/json"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

const farthestFound = 1_000

func (s *Server) routeSearch() {
	s.mux.HandleFunc("GET /api/v2/chat/search", s.handle("Search", s.searchMessages))
}

type searchRequest struct {
	Query    string           `json:"query"`
	Channels json.RawMessage  `json:"filter_conditions"`
	Messages json.RawMessage  `json:"message_filter_conditions"`
	Sort     []wire.SortParam `json:"sort"`
	Limit    int              `json:"limit"`
	Offset   int              `json:"offset"`
	Next     string           `json:"next"`
}

func (s *Server) searchMessages(c *call) (any, error) {
	var req searchRequest
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	channels, q, err := req.search()
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchMessages(c.Context(), channels, q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	list = wire.Turn(answer, q, list)
	if prev, ok := answer["prev"]; ok {
		delete(answer, "prev")
		answer["previous"] = prev
	}
	answer["results"], err = s.found(c, list)
	return answer, err
}

// search returns the searches for a request. It asks for one item more, so that [wire.Turn] knows
// whether there are more.
func (r searchRequest) search() (channels store.Filter, q store.Search, err error) {
	byFilter := given(r.Messages)
	switch {
	case !given(r.Channels):
		return channels, q, wire.Invalid("filter_conditions must say which channels to search")
	case r.Query != "" && byFilter:
		return channels, q, wire.Invalid("query and message_filter_conditions can't be combined")
	case r.Query == "" && !byFilter:
		return channels, q, wire.Invalid("query or message_filter_conditions is needed")
	case r.Offset != 0 && r.Next != "":
		return channels, q, wire.Invalid("offset and next can't be combined")
	}
	farthest := farthestFound
	if q.Offset = r.Offset; r.Next != "" {
		farthest = wire.FarthestPage
		if q.Offset, err = wire.OffsetOf(r.Next); err != nil {
			return channels, q, err
		}
	}
	if q.Limit, err = wire.Page(r.Limit, wire.LargestPage, wire.LargestPage, q.Offset, farthest); err != nil {
		return channels, q, err
	}
	q.Limit++
	// All results are equally relevant, so the other fields decide the order.
	by := r.Sort[:len(r.Sort):len(r.Sort)]
	for len(by) > 0 && by[0].Field == "relevance" {
		by = by[1:]
	}
	if q.Sort, err = wire.Sorts(by); err != nil {
		return channels, q, err
	}
	if r.Query != "" {
		if refused := chat.CheckSearch(r.Query, maxSearch); refused != nil {
			return channels, q, refused
		}
		text, err := json.Marshal(map[string]any{"text": map[string]string{"$q": r.Query}})
		if err != nil {
			return channels, q, err
		}
		r.Messages = text
	}
	channels, refused := store.ParseFilter(r.Channels)
	if refused == nil {
		q.Filter, refused = store.ParseFilter(r.Messages)
	}
	if refused != nil {
		return channels, q, refused
	}
	return channels, q, nil
}

const maxSearch = 255 // characters

// given reports whether a filter contains a condition.
func given(filter json.RawMessage) bool {
	var fields map[string]json.RawMessage
	filter = bytes.TrimSpace(filter)
	return len(filter) > 0 && (json.Unmarshal(filter, &fields) != nil || len(fields) > 0)
}

func (s *Server) found(c *call, list []chat.Message) ([]any, error) {
	channels, err := s.channelsOf(c, list)
	if err != nil {
		return nil, err
	}
	results := make([]any, len(list))
	for i, m := range list {
		results[i] = map[string]any{"message": wire.FoundMessage{MessageResponse: wire.MessageAnswer(m), Channel: channels[m.CID]}}
	}
	return results, nil
}

// channelsOf returns the channels of messages.
func (s *Server) channelsOf(c *call, list []chat.Message) (map[chat.CID]*wire.ChannelResponse, error) {
	var cids []any
	seen := map[chat.CID]bool{}
	for _, m := range list {
		if !seen[m.CID] {
			seen[m.CID] = true
			cids = append(cids, m.CID.String())
		}
	}
	answers := make(map[chat.CID]*wire.ChannelResponse, len(cids))
	if len(cids) == 0 {
		return answers, nil
	}
	found, err := s.engine.SearchChannels(c.Context(), store.ChannelSearch{Search: store.Search{
		Filter: store.Filter{Op: store.FilterIn, Field: "cid", Value: cids}, Limit: len(cids)}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, one := range found {
		ids = append(ids, one.CreatedBy, one.TruncatedBy)
	}
	users, err := s.engine.UsersByID(c.Context(), wire.Unique(ids))
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		answers[one.CID] = wire.ChannelAnswer(one, users)
	}
	return answers, nil
}
