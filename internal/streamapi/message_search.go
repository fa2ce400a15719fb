package streamapi

import (
	"bytes"
	"encoding/json"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

const farthestFound = 1_000

func (s *Server) routeSearch() {
	s.mux.HandleFunc("GET /api/v2/chat/search", s.handle("Search", s.searchMessages))
}

type searchRequest struct {
	Query    string          `json:"query"`
	Channels json.RawMessage `json:"filter_conditions"`
	Messages json.RawMessage `json:"message_filter_conditions"`
	Sort     []sortParam     `json:"sort"`
	Limit    int             `json:"limit"`
	Offset   int             `json:"offset"`
	Next     string          `json:"next"`
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
	list = turn(answer, q, list)
	if prev, ok := answer["prev"]; ok {
		delete(answer, "prev")
		answer["previous"] = prev
	}
	answer["results"], err = s.found(c, list)
	return answer, err
}

// search reads what is asked for, and one more, so that [turn] sees whether there
// are more.
func (r searchRequest) search() (channels store.Filter, q store.Search, err error) {
	byFilter := given(r.Messages)
	switch {
	case !given(r.Channels):
		return channels, q, invalid("filter_conditions must say which channels to search")
	case r.Query != "" && byFilter:
		return channels, q, invalid("query and message_filter_conditions can't be combined")
	case r.Query == "" && !byFilter:
		return channels, q, invalid("query or message_filter_conditions is needed")
	case r.Offset != 0 && r.Next != "":
		return channels, q, invalid("offset and next can't be combined")
	}
	farthest := farthestFound
	if q.Offset = r.Offset; r.Next != "" {
		farthest = farthestPage
		if q.Offset, err = offsetOf(r.Next); err != nil {
			return channels, q, err
		}
	}
	if q.Limit, err = page(r.Limit, largestPage, largestPage, q.Offset, farthest); err != nil {
		return channels, q, err
	}
	q.Limit++
	// All results are equally relevant: the other fields decide the order.
	by := r.Sort[:len(r.Sort):len(r.Sort)]
	for len(by) > 0 && by[0].Field == "relevance" {
		by = by[1:]
	}
	if q.Sort, err = sorts(by); err != nil {
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

// given reports whether a filter asks for anything.
func given(filter json.RawMessage) bool {
	var fields map[string]json.RawMessage
	filter = bytes.TrimSpace(filter)
	return len(filter) > 0 && (json.Unmarshal(filter, &fields) != nil || len(fields) > 0)
}

// foundMessage is a message with the channel that it is in.
type foundMessage struct {
	*messageResponse
	Channel *channelResponse `json:"channel"`
}

func (s *Server) found(c *call, list []chat.Message) ([]any, error) {
	channels, err := s.channelsOf(c, list)
	if err != nil {
		return nil, err
	}
	results := make([]any, len(list))
	for i, m := range list {
		results[i] = map[string]any{"message": foundMessage{messageAnswer(m), channels[m.CID]}}
	}
	return results, nil
}

// channelsOf are the channels that messages are in.
func (s *Server) channelsOf(c *call, list []chat.Message) (map[chat.CID]*channelResponse, error) {
	var cids []any
	seen := map[chat.CID]bool{}
	for _, m := range list {
		if !seen[m.CID] {
			seen[m.CID] = true
			cids = append(cids, m.CID.String())
		}
	}
	answers := make(map[chat.CID]*channelResponse, len(cids))
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
	users, err := s.engine.UsersByID(c.Context(), unique(ids))
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		answers[one.CID] = channelAnswer(one, users)
	}
	return answers, nil
}
