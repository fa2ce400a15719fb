package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// MessageColumns contain only whether a message has reactions: most have none, and querying those
// of each message takes as long as all the rest.
const MessageColumns = `c.cid, m.id, m.seq, m.sender, m.text, m.attachments, m.mentions, m.parent, m.type, m.custom, m.extra,
	m.created_at, m.updated_at, m.edited_at, m.pinned_at, m.pin_expires, m.deleted_at, m.shadowed, m.erased,
	EXISTS (SELECT 1 FROM reactions r WHERE r.channel = m.channel AND r.message = m.id)`

// MessageTables are messages m in channels c.
const MessageTables = `messages m JOIN channels c ON c.no = m.channel`

// AppendMessage stores a message under the next number of its channel, and starts a thread if it is
// the first reply to a message. It returns the number, 0 if the channel doesn't exist. The channel
// is shown again to users who hid it, unless keepHidden is true.
func (tx *Tx) AppendMessage(m *chat.Message, keepHidden bool) (int64, error) {
	h, err := tx.head(m.CID)
	if err != nil || h == nil {
		return 0, err
	}
	if h.hidden && !keepHidden {
		if err := tx.put(`UPDATE channel_settings SET hidden = FALSE WHERE channel = $1 AND hidden`, h.no); err != nil {
			return 0, err
		}
		h.hidden = false
	}
	seq := tx.next(h)
	h.noted(m.CreatedAt)
	tx.provedBy(`SELECT 1 FROM messages WHERE id = $1`, m.ID)
	if err := tx.insertMessage(m, h.no, seq); err != nil || m.Parent == "" {
		return seq, err
	}
	_, err = tx.Change(`INSERT INTO threads (parent, channel, title, custom, created_by, created_at, updated_at)
		SELECT $1, channel, '', '{}', $2, $3, $3 FROM messages WHERE id = $1 ON CONFLICT (parent) DO NOTHING`,
		m.Parent, m.Sender.ID, Micros(m.CreatedAt))
	return seq, err
}

// insertMessage stores a new message. Most messages have only a text and use a shorter statement.
func (tx *Tx) insertMessage(m *chat.Message, channel, seq int64) error {
	created := Micros(m.CreatedAt)
	row, err := rowOf(m)
	if err != nil {
		return err
	}
	key, at := textKey(m.Text), timed(m.ID, created)
	if row == onlyText && m.Parent == "" && m.Type == chat.RegularMessage && key == "" && at == 0 && !m.Shadowed && m.PinnedAt.IsZero() {
		return tx.put(`INSERT INTO messages (id, channel, seq, sender, text, created_at, attachments, mentions, deleted_at)
			VALUES ($1, $2, $3, $4, $5, $6, '', '', 0)`, m.ID, channel, seq, m.Sender.ID, m.Text, created)
	}
	return tx.put(`INSERT INTO messages (id, channel, seq, sender, text, attachments, mentions, created_at, deleted_at,
		parent, custom, extra, pinned_at, aside, text_key, shadowed, type, pin_expires, timed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		m.ID, channel, seq, m.Sender.ID, m.Text, row.attachments, row.mentions, created,
		m.Parent, row.custom, row.extra, Micros(m.PinnedAt), m.Aside(), key, m.Shadowed, string(m.Type), Micros(m.PinExpires), at)
}

// messageRow has the parts of a message's row that are JSON.
type messageRow struct{ attachments, mentions, custom, extra string }

var onlyText = messageRow{custom: "{}", extra: "{}"}

func rowOf(m *chat.Message) (row messageRow, err error) {
	if row.attachments, err = toJSON(m.Attachments); err != nil {
		return row, err
	}
	row.custom, row.extra = "{}", "{}"
	if len(m.Mentions) > 0 {
		if row.mentions, err = toJSON(chat.IDs(m.Mentions)); err != nil {
			return row, err
		}
	}
	if len(m.Custom) > 0 {
		if row.custom, err = ToObject(m.Custom); err != nil {
			return row, err
		}
	}
	if m.MessageExtra != (chat.MessageExtra{}) {
		row.extra, err = ToObject(m.MessageExtra)
	}
	return row, err
}

// textKey returns a text in one case, "" if the database's lower returns the same, so that most
// texts aren't stored twice.
func textKey(text string) string {
	if !hasBeyondASCII(text) {
		return ""
	}
	if folded := fold.Text(text); folded != FoldASCII(text) {
		return folded
	}
	return ""
}

func (tx *Tx) setMessage(m chat.Message) error {
	row, err := rowOf(&m)
	if err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE messages SET text = $2, attachments = $3, mentions = $4, parent = $5, custom = $6, extra = $7,
		updated_at = $8, edited_at = $9, pinned_at = $10, deleted_at = $11, aside = $12, text_key = $13, type = $14,
		erased = $15, pin_expires = $16 WHERE id = $1`,
		m.ID, m.Text, row.attachments, row.mentions, m.Parent, row.custom, row.extra, Micros(m.UpdatedAt), Micros(m.EditedAt),
		Micros(m.PinnedAt), Micros(m.DeletedAt), m.Aside(), textKey(m.Text), string(m.Type), m.Erased, Micros(m.PinExpires))
	return err
}

// HasMessage reports whether a message with that id exists.
func (tx *Tx) HasMessage(id string) (bool, error) {
	_, found, err := TxFirst(tx, ScanValue[string], `SELECT id FROM messages WHERE id = $1`, id)
	return found, err
}

const oneMessage = `SELECT ` + MessageColumns + ` FROM ` + MessageTables + ` WHERE m.id = $1`

// Message returns a message without its data in other tables, and whether it exists. Of an erased
// message only the number is left.
func (tx *Tx) Message(id string) (chat.Message, bool, error) {
	return foreseen(tx, readKey{what: "message", id: id}, MessageScanner(), oneMessage, id)
}

// Messages returns up to q.Limit+1 messages of a channel in query order (with FromEnd, the last one
// comes first) and whether the channel exists.
func (s *Store) Messages(ctx context.Context, q chat.MessageQuery) (list []chat.Message, found bool, err error) {
	before := q.Before
	if before == 0 {
		before = math.MaxInt64
	}
	order := "ASC"
	if q.FromEnd {
		order = "DESC"
	}
	list, err = s.page(ctx, q, q.After, before, order)
	if err != nil || len(list) > 0 {
		return list, true, err
	}
	found, err = s.HasChannel(ctx, q.CID)
	return nil, found, err
}

// perTake is the size of messages that are read before Take is called. The query has ended by then,
// so nobody waits while using a connection.
const perTake = 1 << 20

// page reads messages with one or more queries.
func (s *Store) page(ctx context.Context, q chat.MessageQuery, after, before int64, order string) (list []chat.Message, err error) {
	for {
		some, cut, err := s.messagesBetween(ctx, q.By, q.CID, after, before, order, q.Limit+1-len(list))
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
		if err := q.Took(some); err != nil {
			return nil, err
		}
		if !cut || len(list) > q.Limit {
			return list, nil
		}
		if last := some[len(some)-1].Seq; q.FromEnd {
			before = last
		} else {
			after = last
		}
	}
}

// LastMessages returns the newest message of each channel that isn't deleted.
func (s *Store) LastMessages(ctx context.Context, cids []chat.CID) (list []chat.Message, err error) {
	for _, cid := range cids {
		rows, err := s.Query(ctx, `SELECT `+MessageColumns+` FROM `+MessageTables+`
			WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.deleted_at = 0 ORDER BY m.seq DESC LIMIT 1`, cid.String())
		m, found, err := First(rows, err, MessageScanner())
		if err != nil {
			return nil, err
		}
		if found {
			list = append(list, m)
		}
	}
	return list, s.FillMessages(ctx, list, MessageParts{})
}

// MessagesByID returns the messages that exist, including erased ones.
func (s *Store) MessagesByID(ctx context.Context, ids []string) (map[string]chat.Message, error) {
	list, err := s.MessageRows(ctx, ids)
	if err == nil {
		err = s.FillMessages(ctx, list, MessageParts{})
	}
	return messageMap(list), err
}

func messageMap(list []chat.Message) map[string]chat.Message {
	found := make(map[string]chat.Message, len(list))
	for _, m := range list {
		found[m.ID] = m
	}
	return found
}

func (s *Store) channelNo(ctx context.Context, cid chat.CID) (int64, bool, error) {
	rows, err := s.Query(ctx, `SELECT no FROM channels WHERE cid = $1`, cid.String())
	return First(rows, err, ScanValue[int64])
}

// messagesBetween returns messages of a channel: up to the limit, or fewer if their size reaches
// perTake, in which case cut is true.
func (s *Store) messagesBetween(ctx context.Context, by chat.Actor, cid chat.CID, after, before int64, order string, limit int) (list []chat.Message, cut bool, err error) {
	p := messagesOf(by, cid, after, before, order, limit)
	if err := s.together(ctx, p.query); err != nil {
		return nil, false, err
	}
	return p.list, p.cut, s.FillMessages(ctx, p.list, MessageParts{})
}

// messagePage is a query of messages, and once it has run what it has found, without the
// parts in other tables.
type messagePage struct {
	query
	list []chat.Message
	cut  bool
}

func messagesOf(by chat.Actor, cid chat.CID, after, before int64, order string, limit int) *messagePage {
	which, args := "", []any{cid.String(), after, before, limit}
	if !by.BackOffice {
		which, args = ` AND `+ShownTo("m", "$5"), append(args, by.ID)
	}
	p := &messagePage{}
	p.text, p.args = `SELECT `+MessageColumns+` FROM `+MessageTables+`
		WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.seq > $2 AND m.seq < $3`+which+`
		ORDER BY m.seq `+order+` LIMIT $4`, args
	p.take = func(rows cursor) (err error) {
		size := 0
		p.cut = false
		p.list, err = scanUntil(rows, MessageScanner(), func(m chat.Message) bool {
			size += m.Size()
			p.cut = size >= perTake
			return p.cut
		})
		return err
	}
	return p
}

// MessageRows returns the messages that exist, without their data in other tables.
func (s *Store) MessageRows(ctx context.Context, ids []string) (all []chat.Message, err error) {
	for chunk := range Chunks(ids) {
		marks, args := In(chunk, Same)
		rows, err := s.Query(ctx, `SELECT `+MessageColumns+` FROM `+MessageTables+` WHERE m.id IN `+marks, args...)
		list, err := Collect(rows, err, MessageScanner())
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

type place struct{ channel, seq int64 }

func scanPlace(rows Row) (p place, err error) {
	err = rows.Scan(&p.channel, &p.seq)
	return p, err
}

// ShownTo is SQL that is true for messages that a user may see. The arguments are the table's alias
// and an expression for the user's id.
func ShownTo(messages, user string) string {
	return `(NOT ` + messages + `.shadowed OR ` + messages + `.sender = ` + user + `)`
}

// MessageScanner returns a function that scans the messages of one query, without their data in
// other tables, and with only the ids of users. It uses the same variables for all rows, since new
// ones would cost as much as the scanning.
func MessageScanner() func(Row) (chat.Message, error) {
	var r struct {
		chat.Message
		cid, attachments, mentions, custom, extra          string
		created, updated, edited, pinned, expires, deleted int64
		reacted                                            bool
	}
	fields := []any{&r.cid, &r.ID, &r.Seq, &r.Sender.ID, &r.Text, &r.attachments, &r.mentions, &r.Parent, &r.Type, &r.custom, &r.extra,
		&r.created, &r.updated, &r.edited, &r.pinned, &r.expires, &r.deleted, &r.Shadowed, &r.Erased, &r.reacted}
	return func(rows Row) (chat.Message, error) {
		if err := rows.Scan(fields...); err != nil {
			return chat.Message{}, err
		}
		m := r.Message
		m.CID = SplitCID(r.cid)
		m.CreatedAt, m.UpdatedAt, m.EditedAt = Moment(r.created), Moment(r.updated), Moment(r.edited)
		m.PinnedAt, m.PinExpires, m.DeletedAt = Moment(r.pinned), Moment(r.expires), Moment(r.deleted)
		if r.reacted && r.deleted == 0 {
			m.Reactions = map[string]chat.ReactionGroup{}
		}
		if r.attachments == "" && r.mentions == "" && r.extra == "{}" && r.custom == "{}" {
			return m, nil // and m stays off the heap
		}
		return withJSON(m, messageRow{r.attachments, r.mentions, r.custom, r.extra})
	}
}

// withJSON returns a message with the decoded JSON parts of its row.
func withJSON(m chat.Message, r messageRow) (chat.Message, error) {
	err := FromJSON(r.attachments, &m.Attachments)
	if err == nil {
		m.Mentions, err = Mentioned(r.mentions)
	}
	if err == nil {
		err = FromObject(r.extra, &m.MessageExtra)
	}
	if err == nil {
		err = FromObject(r.custom, &m.Custom)
	}
	return m, err
}

// Mentioned returns the mentioned users, of whom only the ids are known.
func Mentioned(text string) ([]chat.User, error) {
	var ids []string
	err := FromJSON(text, &ids)
	return chat.Users(ids), err
}

func toJSON[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("encoding a list: %w", err)
	}
	return string(text), nil
}

// FromJSON parses a list as stored in the database.
func FromJSON[T any](text string, list *[]T) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), list)
}

func parseSeq(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // written by us
	return n
}
