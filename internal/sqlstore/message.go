package sqlstore

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// AppendMessage takes the next number of the message's channel and stores it
// there. It returns that number, 0 where there is no such channel.
func (tx *Tx) AppendMessage(m chat.Message) (int64, error) {
	attachments, err := toJSON(m.Attachments)
	if err != nil {
		return 0, err
	}
	ids := make([]string, len(m.Mentions))
	for i, u := range m.Mentions {
		ids[i] = u.ID
	}
	mentions, err := toJSON(ids)
	if err != nil {
		return 0, err
	}
	return tx.append(messageRow{
		id: m.ID, sender: m.Sender.ID, text: m.Text, attachments: attachments, mentions: mentions, custom: "{}", extra: "{}",
		createdAt: micros(m.CreatedAt), shadowed: m.Shadowed}, m.CID)
}

// messageRow is a message as the database has it when it is new.
type messageRow struct {
	id, sender, text, attachments, mentions, parent, custom, extra string
	createdAt, pinnedAt                                            int64
	aside, keepHidden, shadowed                                    bool
}

// append returns the message's number, 0 where there is no such channel. A channel
// that users hid until something new comes is shown to them again.
func (tx *Tx) append(m messageRow, cid chat.CID) (int64, error) {
	var hidden bool
	place, found, err := returning(tx, func(rows *sql.Rows) (p place, err error) {
		err = rows.Scan(&p.channel, &p.seq, &hidden)
		return p, err
	}, `UPDATE channels SET seq = seq + 1, message_count = message_count + 1, last_message_at = $2
		WHERE cid = $1 RETURNING no, seq, EXISTS (SELECT 1 FROM channel_settings o WHERE o.channel = channels.no AND o.hidden)`,
		cid.String(), m.createdAt)
	if err != nil || !found {
		return 0, err
	}
	if hidden && !m.keepHidden {
		if _, err := tx.change(`UPDATE channel_settings SET hidden = FALSE WHERE channel = $1 AND hidden`, place.channel); err != nil {
			return 0, err
		}
	}
	tx.provedBy(`SELECT 1 FROM messages WHERE id = $1`, m.id)
	_, err = tx.change(`INSERT INTO messages (id, channel, seq, sender, text, attachments, mentions, created_at, deleted_at,
		parent, custom, extra, pinned_at, aside, text_key, shadowed, timed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, $16)`,
		m.id, place.channel, place.seq, m.sender, m.text, m.attachments, m.mentions, m.createdAt,
		m.parent, m.custom, m.extra, m.pinnedAt, m.aside, textKey(m.text), m.shadowed, timed(m.id, m.createdAt))
	return place.seq, err
}

// textKey is a text in one case, "" where the database's lower gives the same: most
// texts need not be kept twice.
func textKey(text string) string {
	if folded := fold.Text(text); folded != foldASCII(text) {
		return folded
	}
	return ""
}

// MessageState returns what decides what may be done with a message of that channel:
// whose it is, whether it is deleted, and who may see it. It reports whether there is
// such a message.
func (tx *Tx) MessageState(cid chat.CID, id string) (chat.Message, bool, error) {
	return txFirst(tx, scanMessageState, `SELECT m.sender, m.shadowed, m.deleted_at FROM messages m JOIN channels c ON c.no = m.channel
		WHERE m.id = $1 AND c.cid = $2`, id, cid.String())
}

// messageColumns say of reactions only whether there are any: most messages have
// none, and asking for those of each takes as long as all the rest.
const messageColumns = `m.id, m.seq, m.text, m.attachments, m.mentions, m.created_at, m.edited_at, m.pinned_at, m.deleted_at,
	EXISTS (SELECT 1 FROM reactions r WHERE r.channel = m.channel AND r.message = m.id),
	CASE WHEN m.pinned_at = 0 THEN '' ELSE m.extra END, m.shadowed, u.id, u.name, u.role, u.created_at, u.updated_at`

// Messages returns up to q.Limit+1 messages of a channel in the order they are
// asked for: from the end, the last comes first. It reports whether there is such
// a channel.
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

// perTake is how many bytes of messages are read before they are asked for. A query is
// over by then: nobody waits with a connection to the database in hand.
const perTake = 1 << 20

// page reads messages in one or more queries.
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
		rows, err := s.query(ctx, `SELECT `+messageColumns+` FROM messages m JOIN users u ON u.id = m.sender
			WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.deleted_at = 0 ORDER BY m.seq DESC LIMIT 1`, cid.String())
		m, found, err := first(rows, err, messageScanner())
		if err != nil {
			return nil, err
		}
		if found {
			m.CID = cid
			list = append(list, m)
		}
	}
	return list, s.fill(ctx, list)
}

// Message returns one message, and whether there is one.
func (s *Store) Message(ctx context.Context, id string) (chat.Message, bool, error) {
	found, err := s.messagesByID(ctx, []string{id})
	m, ok := found[id]
	return m, ok, err
}

func (s *Store) channelNo(ctx context.Context, cid chat.CID) (int64, bool, error) {
	rows, err := s.query(ctx, `SELECT no FROM channels WHERE cid = $1`, cid.String())
	return first(rows, err, scanValue[int64])
}

// messagesBetween returns messages of a channel: up to the limit, or fewer, if those
// take perTake bytes or more, which is cut.
func (s *Store) messagesBetween(ctx context.Context, by chat.Actor, cid chat.CID, after, before int64, order string, limit int) (list []chat.Message, cut bool, err error) {
	which, args := "", []any{cid.String(), after, before, limit}
	if !by.BackOffice {
		which, args = ` AND `+shownTo("m", "$5"), append(args, by.ID)
	}
	rows, err := s.query(ctx, `SELECT `+messageColumns+` FROM messages m JOIN users u ON u.id = m.sender
		WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.seq > $2 AND m.seq < $3`+which+`
		ORDER BY m.seq `+order+` LIMIT $4`, args...)
	size := 0
	list, err = collectUntil(rows, err, messageScanner(), func(m chat.Message) bool {
		size += m.Size()
		cut = size >= perTake
		return cut
	})
	if err != nil {
		return nil, false, err
	}
	for i := range list {
		list[i].CID = cid
	}
	return list, cut, s.fill(ctx, list)
}

func (s *Store) messagesByID(ctx context.Context, ids []string) (map[string]chat.Message, error) {
	found := make(map[string]chat.Message, len(ids))
	for chunk := range chunks(ids) {
		list, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+messageColumns+`, c.cid FROM messages m JOIN users u ON u.id = m.sender
			JOIN channels c ON c.no = m.channel WHERE m.id IN `+list, args...)
		messages, err := collect(rows, err, messageOfChannelScanner())
		if err == nil {
			err = s.fill(ctx, messages)
		}
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			found[m.ID] = m
		}
	}
	return found, nil
}

// fill adds to messages what other tables have: the users mentioned, who are but
// ids so far, and the reactions where there are any.
func (s *Store) fill(ctx context.Context, list []chat.Message) error {
	var mentioned, reacted []string
	for i := range list {
		m := &list[i]
		if m.Reactions != nil {
			reacted = append(reacted, m.ID)
		}
		for _, u := range m.Mentions {
			mentioned = append(mentioned, u.ID)
		}
	}
	users, err := s.mentionedUsers(ctx, mentioned)
	if err != nil {
		return err
	}
	reactions, err := s.reactions(ctx, reacted)
	if err != nil {
		return err
	}
	for i := range list {
		m := &list[i]
		for n, u := range m.Mentions {
			m.Mentions[n] = users[u.ID]
		}
		m.Mentions = oneGhost(m.Mentions)
		if m.Reactions != nil {
			m.Reactions = reactions[m.ID]
		}
	}
	return nil
}

// mentionedUsers returns users by id. In the place of those who were erased stands
// [chat.GhostID], as it does for senders.
func (s *Store) mentionedUsers(ctx context.Context, ids []string) (map[string]chat.User, error) {
	users, err := s.usersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var ghost *chat.User
	for _, id := range ids {
		if _, found := users[id]; found {
			continue
		}
		if ghost == nil {
			stored, err := s.usersByID(ctx, []string{chat.GhostID})
			if err != nil {
				return nil, err
			}
			ghost = new(stored[chat.GhostID])
			ghost.ID, ghost.Role = chat.GhostID, chat.RoleUser
		}
		users[id] = *ghost
	}
	return users, nil
}

// oneGhost keeps the first of several erased users.
func oneGhost(list []chat.User) []chat.User {
	seen := false
	return slices.DeleteFunc(list, func(u chat.User) bool {
		again := seen && u.ID == chat.GhostID
		seen = seen || u.ID == chat.GhostID
		return again
	})
}

type reactionCount struct {
	message, word string
	count         int
}

func (s *Store) reactions(ctx context.Context, messages []string) (map[string]map[string]int, error) {
	counts := map[string]map[string]int{}
	for chunk := range chunks(messages) {
		list, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT r.message, r.type, COUNT(*) FROM reactions r JOIN messages m ON m.id = r.message
			AND m.channel = r.channel WHERE m.deleted_at = 0 AND m.id IN `+list+` GROUP BY r.message, r.type`, args...)
		found, err := collect(rows, err, func(rows *sql.Rows) (c reactionCount, err error) {
			err = rows.Scan(&c.message, &c.word, &c.count)
			return c, err
		})
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if counts[c.message] == nil {
				counts[c.message] = map[string]int{}
			}
			counts[c.message][c.word] = c.count
		}
	}
	return counts, nil
}

type place struct{ channel, seq int64 }

func scanPlace(rows *sql.Rows) (p place, err error) {
	err = rows.Scan(&p.channel, &p.seq)
	return p, err
}

func scanMessageState(rows *sql.Rows) (m chat.Message, err error) {
	var deleted int64
	err = rows.Scan(&m.Sender.ID, &m.Shadowed, &deleted)
	m.DeletedAt = moment(deleted)
	return m, err
}

// shownTo holds for messages, under that name, that the user may see whose id the
// expression gives.
func shownTo(messages, user string) string {
	return `(NOT ` + messages + `.shadowed OR ` + messages + `.sender = ` + user + `)`
}

func parseSeq(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // written by us
	return n
}
