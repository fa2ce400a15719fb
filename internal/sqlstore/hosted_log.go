package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"backchannel/internal/chat"
)

// HostedLog is the log of a channel or of the back office of a hosted chat. That chat has no log,
// so it is kept here, with the changes that were seen there.
type HostedLog struct {
	CID chat.CID // zero for the back office
	LogEnd
	Begun time.Time // the chat's time from which on it has all messages; zero if it must start anew
	// Newest is the chat's time of change of the newest change of a message that was reported.
	// Searched is the time up to which changes of all messages were searched.
	Newest, Searched time.Time
	Idle             time.Duration // since it was last checked

	no int64
}

func hostedLogColumns(clock string) string {
	return `no, cid, seq, log_floor, begun, newest, searched, ` + clock + ` - followed`
}

func scanHostedLog(rows Row) (l HostedLog, err error) {
	var cid string
	var begun, newest, searched, idle int64
	err = rows.Scan(&l.no, &cid, &l.Seq, &l.Floor, &begun, &newest, &searched, &idle)
	l.Begun, l.Newest, l.Searched, l.Idle = Moment(begun), Moment(newest), Moment(searched), time.Duration(idle)*time.Microsecond
	if cid != "" {
		l.CID = SplitCID(cid)
	}
	return l, err
}

// hostedName returns the name under which a log of a hosted chat is stored.
func hostedName(cid chat.CID) string {
	if cid == (chat.CID{}) {
		return ""
	}
	return cid.String()
}

// HostedLog returns the log of a channel of a hosted chat and whether it exists.
func (s *Store) HostedLog(ctx context.Context, cid chat.CID) (HostedLog, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+hostedLogColumns(s.dialect.clock)+` FROM hosted_logs WHERE cid = $1`, hostedName(cid))
	return First(rows, err, scanHostedLog)
}

// HostedLogs returns the logs of a hosted chat that have subscribers, by cid.
func (s *Store) HostedLogs(ctx context.Context) ([]HostedLog, error) {
	rows, err := s.Query(ctx, `SELECT `+hostedLogColumns(s.dialect.clock)+` FROM hosted_logs
		WHERE wanted > `+s.dialect.clock+` ORDER BY cid`)
	return Collect(rows, err, scanHostedLog)
}

// HostedSeqs returns the ends of the logs of a hosted chat, by cid, except for logs that must start
// anew.
func (s *Store) HostedSeqs(ctx context.Context, cids []chat.CID) (map[chat.CID]int64, error) {
	seqs := make(map[chat.CID]int64, len(cids))
	for chunk := range Chunks(cids) {
		list, args := In(chunk, func(c chat.CID) any { return hostedName(c) })
		rows, err := s.Query(ctx, `SELECT `+hostedLogColumns(s.dialect.clock)+` FROM hosted_logs WHERE begun > 0 AND cid IN `+list, args...)
		found, err := Collect(rows, err, scanHostedLog)
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			seqs[l.CID] = l.Seq
		}
	}
	return seqs, nil
}

// HoldHostedLog returns a log as the transaction sees it, and locks it against other writers.
func (tx *Tx) HoldHostedLog(cid chat.CID) (HostedLog, bool, error) {
	return Returning(tx, scanHostedLog, `UPDATE hosted_logs SET seq = seq WHERE cid = $1 RETURNING `+
		hostedLogColumns(tx.writer.dialect.clock), hostedName(cid))
}

// BeginHostedLog creates a log, or starts it anew, so that nobody can resume from before. It has
// all messages since one time of the chat's, and all changes since another.
func (tx *Tx) BeginHostedLog(cid chat.CID, begun, newest time.Time) (HostedLog, error) {
	l, found, err := tx.HoldHostedLog(cid)
	if err != nil {
		return l, err
	}
	if found {
		if err := tx.EndHostedLog(l); err != nil {
			return l, err
		}
	} else {
		no, _, err := Returning(tx, ScanValue[int64], `UPDATE counters SET value = value - 1 WHERE name = 'hosted_logs' RETURNING value`)
		if err != nil {
			return l, err
		}
		if _, err := tx.Change(`INSERT INTO hosted_logs (no, cid, seq, log_floor, begun, newest, searched, followed, wanted)
			VALUES ($1, $2, COALESCE((SELECT value FROM counters WHERE name = '`+logBase+`'), 0), 0, 0, 0, 0, 0, 0)`, no, hostedName(cid)); err != nil {
			return l, err
		}
	}
	l, _, err = Returning(tx, scanHostedLog, `UPDATE hosted_logs SET seq = seq + 1, log_floor = seq + 1, begun = $2, newest = $3, searched = $3,
		followed = `+tx.writer.dialect.clock+` WHERE cid = $1 RETURNING `+hostedLogColumns(tx.writer.dialect.clock),
		hostedName(cid), Micros(begun), Micros(newest))
	return l, err
}

// EndHostedLog removes a log's entries and states. The next user of the log must start it anew.
func (tx *Tx) EndHostedLog(l HostedLog) error {
	for _, text := range []string{
		`DELETE FROM events WHERE channel = $1`,
		`DELETE FROM hosted_states WHERE log = $1`,
		`UPDATE hosted_logs SET seq = seq + 1, log_floor = seq + 1, begun = 0 WHERE no = $1`,
	} {
		if _, err := tx.Change(text, l.no); err != nil {
			return err
		}
	}
	return nil
}

// LogHosted appends to a log that the transaction has locked and returns the entry's seq.
func (tx *Tx) LogHosted(l HostedLog, e Entry) (int64, error) {
	seq, _, err := Returning(tx, ScanValue[int64], `UPDATE hosted_logs SET seq = seq + 1 WHERE no = $1 RETURNING seq`, l.no)
	if err != nil {
		return 0, err
	}
	return seq, tx.insertEntry(place{channel: l.no, seq: seq}, e)
}

// ToldSince reports whether the log has an event about a message after a seq.
func (l HostedLog) ToldSince(tx *Tx, after int64, message string) (bool, error) {
	_, told, err := TxFirst(tx, ScanValue[int64], `SELECT seq FROM events WHERE channel = $1 AND seq > $2 AND message = $3 LIMIT 1`, l.no, after, message)
	return told, err
}

// FollowedHosted stores that a log was checked, and up to when; a zero time is left as it is.
func (tx *Tx) FollowedHosted(l HostedLog, newest, searched time.Time) error {
	_, err := tx.Change(`UPDATE hosted_logs SET followed = `+tx.writer.dialect.clock+`,
		newest = CASE WHEN newest < $2 THEN $2 ELSE newest END,
		searched = CASE WHEN searched < $3 THEN $3 ELSE searched END WHERE no = $1`, l.no, Micros(newest), Micros(searched))
	return err
}

// WantHosted stores that logs have subscribers, for the given time.
func (tx *Tx) WantHosted(cids []chat.CID, during time.Duration) error {
	for _, cid := range cids {
		_, err := tx.Change(`UPDATE hosted_logs SET wanted = `+tx.writer.dialect.clock+` + $2 WHERE cid = $1`, hostedName(cid), during.Microseconds())
		if err != nil {
			return err
		}
	}
	return nil
}

// HostedState is the last seen state of something that a log reports on.
type HostedState struct {
	State string    // JSON
	At    time.Time // the chat's time of the state; zero if unknown
}

// HostedState returns the last seen state of a thing and whether there is one.
func (tx *Tx) HostedState(l HostedLog, subject string) (HostedState, bool, error) {
	return TxFirst(tx, scanHostedState, `SELECT state, at FROM hosted_states WHERE log = $1 AND subject = $2`, l.no, subject)
}

func scanHostedState(rows Row) (s HostedState, err error) {
	var at int64
	err = rows.Scan(&s.State, &at)
	s.At = Moment(at)
	return s, err
}

// PutHostedState stores the state of a thing.
func (tx *Tx) PutHostedState(l HostedLog, subject string, s HostedState) error {
	return tx.putHostedState(l.no, subject, s)
}

func (tx *Tx) putHostedState(log int64, subject string, s HostedState) error {
	_, err := tx.Change(`INSERT INTO hosted_states (log, subject, state, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (log, subject) DO UPDATE SET state = $3, at = $4`, log, subject, s.State, Micros(s.At))
	return err
}

// PutHostedUser stores the state of a user, for the events of all logs.
func (tx *Tx) PutHostedUser(u chat.User, at time.Time) error {
	text, err := json.Marshal(hostedUser{u.Name, u.Role})
	if err != nil {
		return fmt.Errorf("encoding a user: %w", err)
	}
	old, found, err := TxFirst(tx, scanHostedState, `SELECT state, at FROM hosted_states WHERE log = 0 AND subject = $1`, u.ID)
	if err != nil || found && old.State == string(text) && at.Sub(old.At) < time.Hour {
		return err
	}
	return tx.putHostedState(0, u.ID, HostedState{State: string(text), At: at})
}

// hostedUser is the stored state of a user of a hosted chat.
type hostedUser struct {
	Name string    `json:"name,omitempty"`
	Role chat.Role `json:"role"`
}

// HostedEvents returns a span of a log, in order. Of a message an event has the id,
// and what was last seen of it, by the subject that name makes of the id, given to
// read; of a user, the name and role that were last seen.
func (s *Store) HostedEvents(ctx context.Context, l HostedLog, part Span, name func(id string) string, read func(state string) (*chat.Message, error)) ([]chat.Event, error) {
	list, err := s.bareEntries(ctx, l.no, part)
	if err != nil {
		return nil, err
	}
	var users, subjects []string
	for _, e := range list {
		users = append(users, e.User.ID)
		if e.Message != nil {
			subjects = append(subjects, name(e.Message.ID))
		}
	}
	known, err := s.hostedStates(ctx, 0, users)
	if err != nil {
		return nil, err
	}
	said, err := s.hostedStates(ctx, l.no, subjects)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := completeHosted(&list[i], known, said, name, read); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func completeHosted(e *chat.Event, users, messages map[string]HostedState, name func(string) string, read func(string) (*chat.Message, error)) error {
	if text, ok := users[e.User.ID]; ok {
		var u hostedUser
		if err := json.Unmarshal([]byte(text.State), &u); err != nil {
			return fmt.Errorf("reading a user: %w", err)
		}
		e.User.Name, e.User.Role = u.Name, u.Role
	}
	if e.User.Role == "" {
		e.User.Role = chat.RoleUser
	}
	if e.Reaction != nil {
		e.Reaction.User = e.User
	}
	if e.Message == nil {
		return nil
	}
	text, ok := messages[name(e.Message.ID)]
	if !ok {
		e.Message = nil
		return nil
	}
	m, err := read(text.State)
	e.Message = m
	return err
}

// HostedStates returns the last seen states of things that a log reports on, by subject.
func (s *Store) HostedStates(ctx context.Context, l HostedLog, subjects []string) (map[string]HostedState, error) {
	return s.hostedStates(ctx, l.no, subjects)
}

func (s *Store) hostedStates(ctx context.Context, log int64, subjects []string) (map[string]HostedState, error) {
	type kept struct {
		subject string
		HostedState
	}
	states := make(map[string]HostedState, len(subjects))
	for chunk := range Chunks(subjects) {
		list, args := In(chunk, func(id string) any { return id })
		rows, err := s.Query(ctx, fmt.Sprintf(`SELECT subject, state, at FROM hosted_states WHERE log = %d AND subject IN %s`, log, list), args...)
		found, err := Collect(rows, err, func(rows Row) (r kept, err error) {
			var at int64
			err = rows.Scan(&r.subject, &r.State, &at)
			r.At = Moment(at)
			return r, err
		})
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			states[r.subject] = r.HostedState
		}
	}
	return states, nil
}
