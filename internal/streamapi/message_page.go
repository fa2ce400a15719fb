package streamapi

import (
	"slices"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

const (
	defaultReplies = 100
	repliesPerPage = 300
)

func (s *Server) getReplies(c *call) (any, error) {
	query := c.URL.Query()
	parent, err := s.engine.MessageByID(c.Context(), c.part("id"), "")
	if err != nil {
		return nil, err
	}
	ask := messageSpan{IDLt: query.Get("id_lt"), IDLte: query.Get("id_lte"), IDGt: query.Get("id_gt"), IDGte: query.Get("id_gte"), IDAround: query.Get("id_around")}
	if ask.Limit, err = number(query.Get("limit")); err != nil {
		return nil, err
	}
	if ask.Limit, err = wire.Page(ask.Limit, defaultReplies, repliesPerPage, 0, 0); err != nil {
		return nil, err
	}
	var order []wire.SortParam
	if err := decode([]byte(query.Get("sort")), &order); err != nil {
		return nil, err
	}
	list, err := s.siblings(c, ask, store.SiblingsQuery{CID: parent.CID, Parent: parent.ID, FromEnd: true}, "")
	if err != nil {
		return nil, err
	}
	for _, by := range order {
		if by.Field != "created_at" {
			return nil, wire.Invalid("replies are sorted by created_at")
		}
		if by.Direction == -1 {
			slices.Reverse(list)
		}
	}
	return map[string]any{"messages": wire.MessageAnswers(list)}, nil
}

// number parses an integer of a query, 0 if it is omitted.
func number(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, wire.Invalid("%q is not a whole number", text)
	}
	return n, nil
}

// messageSpan selects a part of a channel's messages, or of replies, by message ids.
type messageSpan struct {
	Limit    int    `json:"limit"`
	IDLt     string `json:"id_lt"`
	IDLte    string `json:"id_lte"`
	IDGt     string `json:"id_gt"`
	IDGte    string `json:"id_gte"`
	IDAround string `json:"id_around"`
	around   int64  // a message number to use instead of its id; 0 for none
}

// siblings returns a part of the messages that q selects, oldest first: the last ones, or those
// before, after or around an id.
func (s *Server) siblings(c *call, ask messageSpan, q store.SiblingsQuery, viewer string) ([]chat.Message, error) {
	seqs, err := s.seqsOf(c, ask, q.CID)
	if err != nil {
		return nil, err
	}
	q.Limit = ask.Limit
	if around := max(seqs[ask.IDAround], ask.around); around > 0 {
		q.Limit = ask.Limit / 2
		q.Before, q.FromEnd = around, true
		before := []chat.Message{}
		if q.Limit > 0 {
			if before, err = s.engine.Siblings(c.Context(), q, viewer); err != nil {
				return nil, err
			}
		}
		q.Limit, q.FromEnd, q.Before, q.After = ask.Limit-len(before), false, 0, around-1
		after, err := s.engine.Siblings(c.Context(), q, viewer)
		return append(before, after...), err
	}
	if seq := seqs[ask.IDLt]; seq > 0 {
		q.Before = seq
	} else if seq := seqs[ask.IDLte]; seq > 0 {
		q.Before = seq + 1
	}
	if seq := seqs[ask.IDGt]; seq > 0 {
		q.After, q.FromEnd = seq, false
	} else if seq := seqs[ask.IDGte]; seq > 0 {
		q.After, q.FromEnd = seq-1, false
	}
	return s.engine.Siblings(c.Context(), q, viewer)
}

// seqsOf returns the numbers of the messages that a span refers to.
func (s *Server) seqsOf(c *call, ask messageSpan, cid chat.CID) (map[string]int64, error) {
	seqs := map[string]int64{}
	ids := wire.Unique([]string{ask.IDLt, ask.IDLte, ask.IDGt, ask.IDGte, ask.IDAround})
	found, err := s.engine.MessagesByID(c.Context(), ids, "")
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		m, ok := found[id]
		if !ok || m.CID != cid {
			return nil, wire.Missing("there is no message %q here to page from", id)
		}
		seqs[id] = m.Seq
	}
	return seqs, nil
}

func (s *Server) queryMessageHistory(c *call) (any, error) {
	q, err := pageOf(c)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchVersions(c.Context(), q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	list = wire.Turn(answer, q, list)
	history := make([]wire.VersionResponse, len(list))
	for i, v := range list {
		history[i] = wire.VersionResponse{
			MessageID: v.MessageID, Text: v.Text, Attachments: wire.Listed(v.Attachments), Custom: wire.Object(v.Custom),
			UpdatedAt: wire.At(v.WrittenAt), UpdatedBy: v.WrittenBy, Deleted: v.Deleted,
		}
	}
	answer["message_history"] = history
	return answer, nil
}

// channelMessages returns the newest messages of each channel, oldest first, as seen by the viewer
// unless it is "".
func (s *Server) channelMessages(c *call, list []chat.Channel, viewer string, limit int) (map[chat.CID][]*wire.MessageResponse, error) {
	found, err := s.engine.MessagesOf(c.Context(), list, viewer, limit)
	return answersByChannel(found), err
}

const pinnedPerChannel = 10

// pinnedMessages returns the newest pinned messages of each channel.
func (s *Server) pinnedMessages(c *call, list []chat.Channel, viewer string) (map[chat.CID][]*wire.MessageResponse, error) {
	found, err := s.engine.PinnedMessagesOf(c.Context(), list, viewer, pinnedPerChannel)
	return answersByChannel(found), err
}

func answersByChannel(found map[chat.CID][]chat.Message) map[chat.CID][]*wire.MessageResponse {
	answers := make(map[chat.CID][]*wire.MessageResponse, len(found))
	for cid, list := range found {
		answers[cid] = wire.MessageAnswers(list)
	}
	return answers
}
