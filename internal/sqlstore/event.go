package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// Entry is an event as stored in the log, with ids only.
type Entry struct {
	Type    chat.EventType
	CID     chat.CID
	User    string // id
	Message string // id
	Detail  string
	At      time.Time
}

// Log appends an entry to a channel's log. It returns the entry's seq and whether the channel
// exists.
func (tx *Tx) Log(e Entry) (seq int64, found bool, err error) {
	h, err := tx.head(e.CID)
	if err != nil || h == nil {
		return 0, false, err
	}
	seq = tx.next(h)
	return seq, true, tx.insertEntry(place{h.no, seq}, e)
}

// LogBackOffice appends an entry to the back office's log. Once that is durable, fn is called with
// the entry's seq. All servers need that log's counter, so a batch locks it last.
func (tx *Tx) LogBackOffice(e Entry, fn func(seq int64)) error {
	tx.desk, tx.wrote = append(tx.desk, deskEntry{e, fn, nil}), true
	return checkText([]any{e.CID.ID, e.User, e.Message, e.Detail})
}

// deskEntry is an entry for the back office's log; one for each channel of binned unless that is
// empty.
type deskEntry struct {
	Entry
	then   func(seq int64)
	binned binned
}

// logBackOffice appends the entries of all jobs.
func (tx *Tx) logBackOffice() error {
	if len(tx.desk) == 0 {
		return nil
	}
	n := 0
	for _, e := range tx.desk {
		n += max(1, len(e.binned))
	}
	last, _, err := Returning(tx, ScanValue[int64], `UPDATE counters SET value = value + $1 WHERE name = 'backoffice' RETURNING value`, n)
	if err != nil {
		return err
	}
	tx.reached(0, last)
	seq := last - int64(n)
	for _, e := range tx.desk {
		if e.binned == nil {
			err = tx.insertEntry(place{seq: seq + 1}, e.Entry)
		} else {
			err = tx.insertDeletions(seq, e.Entry, e.binned)
		}
		if err != nil {
			return err
		}
		seq += int64(max(1, len(e.binned)))
		tx.AfterCommit(func() { e.then(seq) })
	}
	return nil
}

func (tx *Tx) insertEntry(p place, e Entry) error {
	cid := ""
	if e.CID != (chat.CID{}) {
		cid = e.CID.String()
	}
	return tx.put(`INSERT INTO events (channel, seq, type, cid, user_id, message, detail, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.channel, p.seq, string(e.Type), cid, e.User, e.Message, e.Detail, Micros(e.At))
}

// LogEnd is the end of a log.
type LogEnd struct {
	Seq   int64 // of the last entry
	Floor int64 // entries up to this one were removed
}

// ChannelLog returns the end of a channel's log and whether the channel exists.
func (s *Store) ChannelLog(ctx context.Context, cid chat.CID) (LogEnd, bool, error) {
	rows, err := s.Query(ctx, `SELECT seq, log_floor FROM channels WHERE cid = $1`, cid.String())
	return First(rows, err, scanLogEnd)
}

// BackOfficeLog returns the end of the back office's log.
func (s *Store) BackOfficeLog(ctx context.Context) (LogEnd, error) {
	rows, err := s.Query(ctx, `SELECT c.value, f.value FROM counters c, counters f
		WHERE c.name = 'backoffice' AND f.name = 'backoffice_floor'`)
	end, _, err := First(rows, err, scanLogEnd)
	return end, err
}

func scanLogEnd(rows Row) (e LogEnd, err error) {
	err = rows.Scan(&e.Seq, &e.Floor)
	return e, err
}

// Span is a part of a log: after one seq, up to another, at most that many entries. The log must
// have reached the end of the span: messages and other entries are read one after the other, and
// only entries from before both reads are in both.
type Span struct {
	After, UpTo int64
	Limit       int
}

// Events returns a span of a channel's log, including messages, in order, and whether the channel
// exists.
func (s *Store) Events(ctx context.Context, cid chat.CID, part Span) (list []chat.Event, found bool, err error) {
	var channels []int64
	page := messagesOf(chat.Actor{BackOffice: true}, cid, part.After, part.UpTo+1, "ASC", part.Limit)
	if err := s.together(ctx,
		query{`SELECT no FROM channels WHERE cid = $1`, []any{cid.String()}, taking(&channels, ScanValue[int64])},
		page.query,
		query{`SELECT ` + eventColumns + ` WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND seq > $2 AND seq <= $3
			ORDER BY seq LIMIT $4`, []any{cid.String(), part.After, part.UpTo, part.Limit}, taking(&list, scanEvent)},
	); err != nil || len(channels) == 0 {
		return nil, false, err
	}
	if page.cut {
		last := page.list[len(page.list)-1].Seq
		list = slices.DeleteFunc(list, func(e chat.Event) bool { return e.Seq > last })
	}
	messages, err := s.fillEntries(ctx, list, page.list)
	if err != nil {
		return nil, true, err
	}
	list = slices.Grow(list, len(messages))
	for i := range messages {
		m := &messages[i]
		list = append(list, chat.Event{
			Seq: m.Seq, Type: chat.MessageNew, CID: cid, User: m.Sender, Message: m, CreatedAt: m.CreatedAt})
	}
	slices.SortFunc(list, func(a, b chat.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return list[:min(len(list), part.Limit)], true, nil
}

// BackOfficeEvents returns a span of the back office's log.
func (s *Store) BackOfficeEvents(ctx context.Context, part Span) ([]chat.Event, error) {
	return s.entries(ctx, 0, part)
}

// AccessChanges are the changes of rights in a span of the back office's log.
type AccessChanges struct {
	Users   []string // users whose rights changed in all channels
	Deleted bool     // channels were deleted
	Read    int64    // the seq up to which the span was read
}

// AccessChanges reads a span of the back office's log.
func (s *Store) AccessChanges(ctx context.Context, part Span) (AccessChanges, error) {
	found := AccessChanges{Read: part.After}
	rows, err := s.Query(ctx, `SELECT `+eventColumns+`
		WHERE channel = 0 AND seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`, part.After, part.UpTo, part.Limit)
	list, err := Collect(rows, err, scanEvent)
	for _, e := range list {
		found.Read = e.Seq
		found.Deleted = found.Deleted || e.Type == chat.ChannelDeleted
		if e.CID == (chat.CID{}) {
			found.Users = append(found.Users, e.User.ID)
		}
	}
	return found, err
}

// entries returns the log's entries, except messages, with what their ids refer to.
func (s *Store) entries(ctx context.Context, channel int64, part Span) ([]chat.Event, error) {
	list, err := s.bareEntries(ctx, channel, part)
	if err == nil {
		_, err = s.fillEntries(ctx, list, nil)
	}
	return list, err
}

// fillEntries adds what the ids of entries stand for, and at the same time the parts in other
// tables to messages beside them, which it returns.
func (s *Store) fillEntries(ctx context.Context, list []chat.Event, beside []chat.Message) ([]chat.Message, error) {
	var users, messages []string
	for _, e := range list {
		users = append(users, e.User.ID)
		if e.Message != nil {
			messages = append(messages, e.Message.ID)
		}
	}
	known, err := s.usersByID(ctx, users)
	if err != nil {
		return nil, err
	}
	rows, err := s.MessageRows(ctx, messages)
	if err != nil {
		return nil, err
	}
	own := len(beside)
	beside = append(beside, rows...)
	if err := s.FillMessages(ctx, beside, MessageParts{}); err != nil {
		return nil, err
	}
	said := messageMap(beside[own:])
	for i := range list {
		complete(&list[i], known, said)
	}
	return beside[:own], nil
}

const eventColumns = `seq, type, cid, user_id, message, detail, at FROM events`

// bareEntries returns the log's entries with ids only.
func (s *Store) bareEntries(ctx context.Context, channel int64, part Span) ([]chat.Event, error) {
	rows, err := s.Query(ctx, `SELECT `+eventColumns+`
		WHERE channel = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`, channel, part.After, part.UpTo, part.Limit)
	return Collect(rows, err, scanEvent)
}

func complete(e *chat.Event, users map[string]chat.User, messages map[string]chat.Message) {
	if u, ok := users[e.User.ID]; ok {
		e.User = u
	}
	if e.Reaction != nil {
		e.Reaction.User = e.User
	}
	if e.Message != nil {
		if m, ok := messages[e.Message.ID]; ok {
			e.Message = &m
		} else {
			e.Message = nil
		}
	}
}

// ForgetEvents removes entries from before a time and stores where the logs start now.
func (tx *Tx) ForgetEvents(before time.Time) error {
	gone, err := TxCollect(tx, scanPlace, `SELECT channel, MAX(seq) FROM events WHERE at < $1 GROUP BY channel`, Micros(before))
	if err != nil {
		return err
	}
	for _, p := range gone {
		logs := []string{"channels", "bin"}
		if p.channel < 0 {
			logs = []string{"hosted_logs"}
		}
		for _, of := range logs {
			if _, err := tx.Change(`UPDATE `+of+` SET log_floor = $2 WHERE no = $1 AND log_floor < $2`, p.channel, p.seq); err != nil {
				return err
			}
		}
		if p.channel == 0 {
			if _, err := tx.Change(`UPDATE counters SET value = $1 WHERE name = 'backoffice_floor'`, p.seq); err != nil {
				return err
			}
		}
		if _, err := tx.Change(`DELETE FROM events WHERE channel = $1 AND seq <= $2`, p.channel, p.seq); err != nil {
			return err
		}
	}
	return nil
}

func scanEvent(rows Row) (e chat.Event, err error) {
	var cid, message, detail string
	var at int64
	err = rows.Scan(&e.Seq, &e.Type, &cid, &e.User.ID, &message, &detail, &at)
	e.CreatedAt = Moment(at)
	if cid != "" {
		e.CID = SplitCID(cid)
	}
	if message != "" {
		e.Message = &chat.Message{ID: message}
	}
	switch e.Type {
	case chat.ReactionNew, chat.ReactionDeleted:
		e.Reaction = &chat.Reaction{Type: detail}
	case chat.MessageRead:
		e.ReadSeq = parseSeq(detail)
	}
	return e, err
}
