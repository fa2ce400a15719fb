package sqlstore

import (
	"time"

	"backchannel/internal/chat"
)

// head is a transaction's copy of a channel's row while it appends to the channel's log: the row is
// read once and written once, for any number of messages.
type head struct {
	cid           string
	no, seq, last int64
	hidden        bool // some users hid the channel until the next message
	extra         chat.ChannelExtra
	messages      int64 // number of added messages
	moved         bool  // seq is greater than the database's
}

const headColumns = `cid, no, seq, last_message_at, extra,
	EXISTS (SELECT 1 FROM channel_settings o WHERE o.channel = channels.no AND o.hidden)`

func scanHead(rows Row) (*head, error) {
	var h head
	var extra string
	if err := rows.Scan(&h.cid, &h.no, &h.seq, &h.last, &extra, &h.hidden); err != nil {
		return nil, err
	}
	return &h, FromObject(extra, &h.extra)
}

// keepHeads stores the requested channels, nil for those that don't exist.
func (tx *Tx) keepHeads(cids []string, found []*head) {
	if tx.heads == nil {
		tx.heads = make(map[chat.CID]*head, len(cids))
	}
	for _, cid := range cids {
		tx.heads[SplitCID(cid)] = nil
	}
	for _, h := range found {
		tx.heads[SplitCID(h.cid)] = h
	}
}

// head returns the copy of a channel, nil if it doesn't exist. From now on other servers can't
// append to the channel's log.
func (tx *Tx) head(cid chat.CID) (*head, error) {
	if h, ok := tx.heads[cid]; ok {
		return h, nil
	}
	found, err := asideAll(tx, scanHead, `SELECT `+headColumns+` FROM channels WHERE cid = $1`+tx.writer.dialect.hold, cid.String())
	if err != nil {
		return nil, err
	}
	tx.keepHeads([]string{cid.String()}, found)
	return tx.heads[cid], nil
}

// next returns the next number of a channel's log.
func (tx *Tx) next(h *head) int64 {
	h.seq++
	h.moved, tx.wrote = true, true
	return h.seq
}

// settle writes the copies of channels and drops them, before a statement may read or change the
// rows.
func (tx *Tx) settle() error {
	wrote := tx.wrote
	for _, h := range tx.heads {
		if h == nil || !h.moved {
			continue
		}
		if err := tx.put(`UPDATE channels SET seq = $1, message_count = message_count + $2, last_message_at = $3 WHERE no = $4`,
			h.seq, h.messages, h.last, h.no); err != nil {
			return err
		}
		tx.reached(h.no, h.seq)
	}
	tx.heads, tx.wrote = nil, wrote
	return nil
}

// ChannelExtra returns a channel's additional data and whether the channel exists.
func (tx *Tx) ChannelExtra(cid chat.CID) (chat.ChannelExtra, bool, error) {
	h, err := tx.head(cid)
	if err != nil || h == nil {
		return chat.ChannelExtra{}, false, err
	}
	return h.extra, true, nil
}

// noted counts a new message of the channel.
func (h *head) noted(at time.Time) {
	h.messages++
	h.last = Micros(at)
}
