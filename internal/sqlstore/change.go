package sqlstore

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// record is a record of a change until it is stored.
type record struct {
	change  chat.Change
	targets []target
	binned  []binned // after the other targets
	dropped bool
	then    func(c chat.Change)
	users   map[string]bool // within TrackUsers: users that were stored
}

// target is one target of a change.
type target struct {
	chat.ChangeTarget
	channel int64 // channels.no
}

// Record runs fn and, if it succeeds, stores the record of its changes: each write of fn adds a
// target with the state before and after. then is called after the commit with the stored record.
// Record returns false if fn called [Tx.Unrecord].
//
// Records are stored and numbered after all writes of the transaction have run, so that servers
// wait for each other's numbers as briefly as possible.
func (tx *Tx) Record(c chat.Change, fn func() error, then func(c chat.Change)) (bool, error) {
	r := &record{change: c, then: then}
	tx.recording = r
	err := fn()
	tx.recording = nil
	if err != nil || r.dropped {
		return false, err
	}
	tx.records, tx.wrote = append(tx.records, r), true
	tx.provedBy(`SELECT 1 FROM changes WHERE id = $1`, c.ID)
	return true, nil
}

// RecordMore runs fn and adds its changes to a stored record.
func (tx *Tx) RecordMore(id string, no int64, fn func() error) error {
	r := &record{change: chat.Change{ID: id, Seq: no}}
	tx.recording = r
	err := fn()
	tx.recording = nil
	if err != nil || r.dropped || len(r.targets)+len(r.binned) == 0 {
		return err
	}
	last, _, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(no), 0) FROM change_targets WHERE change = $1`, no)
	for i, t := range r.targets {
		if err == nil {
			err = tx.insertTarget(no, int(last)+i+1, t)
		}
	}
	if err != nil {
		return err
	}
	return tx.insertBinned(no, int(last)+len(r.targets), r.binned)
}

// Recording returns the id of the current record, "" for none.
func (tx *Tx) Recording() string {
	if tx.recording == nil {
		return ""
	}
	return tx.recording.change.ID
}

// storeRecords stores the records of all jobs.
func (tx *Tx) storeRecords() error {
	if len(tx.records) == 0 {
		return nil
	}
	last, _, err := Returning(tx, ScanValue[int64], `UPDATE counters SET value = value + $1 WHERE name = 'changes' RETURNING value`, len(tx.records))
	if err != nil {
		return err
	}
	for i, r := range tx.records {
		r.change.Seq, r.change.TargetCount = last-int64(len(tx.records)-1-i), int64(len(r.targets)+countBinned(r.binned))
		if err := tx.storeRecord(r); err != nil {
			return err
		}
		tx.AfterCommit(func() { r.then(r.change) })
	}
	return nil
}

func (tx *Tx) storeRecord(r *record) error {
	for i, t := range r.targets {
		if i < chat.MaxTargetsShown {
			r.change.Targets = append(r.change.Targets, t.ChangeTarget)
		}
		if err := tx.insertTarget(r.change.Seq, i+1, t); err != nil {
			return err
		}
	}
	if err := tx.insertBinned(r.change.Seq, len(r.targets), r.binned); err != nil {
		return err
	}
	for _, b := range r.binned {
		for _, c := range b[:max(0, min(len(b), chat.MaxTargetsShown-len(r.change.Targets)))] {
			r.change.Targets = append(r.change.Targets, chat.ChangeTarget{Kind: chat.ChannelTarget, CID: c.CID})
		}
	}
	c := &r.change
	return tx.put(`INSERT INTO changes (no, id, operation, actor, via, reason, request_id, address, outcome, undoes, targets, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, c.Seq, c.ID, c.Operation, c.By, string(c.Via), c.Reason,
		c.RequestID, c.Address, string(c.Outcome), c.Undoes, c.TargetCount, Micros(c.At))
}

func (tx *Tx) insertTarget(change int64, no int, t target) error {
	return tx.put(`INSERT INTO change_targets (change, no, kind, cid, channel_no, user_id, item, state_before, state_after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, change, no, string(t.Kind), cidOrNone(t.CID), t.channel, t.UserID, t.Item, t.Before, t.After)
}

func cidOrNone(cid chat.CID) string {
	if cid == (chat.CID{}) {
		return ""
	}
	return cid.String()
}

// Unrecord declares that the current operation leaves no record, since it concerns only the caller
// itself.
func (tx *Tx) Unrecord() {
	if tx.recording != nil {
		tx.recording.dropped = true
	}
}

// Note adds targets without state to the current record.
func (tx *Tx) Note(targets ...chat.ChangeTarget) {
	if tx.recording == nil {
		return
	}
	for _, t := range targets {
		tx.recording.targets = append(tx.recording.targets, target{ChangeTarget: t})
	}
}

// ChangeToUndo returns a record without its targets, and whether it exists. Other servers can't
// undo it before this transaction ends.
func (tx *Tx) ChangeToUndo(id string) (chat.Change, bool, error) {
	return TxFirst(tx, scanChange, `SELECT `+changeColumns+` FROM changes h WHERE h.id = $1`+tx.writer.dialect.hold, id)
}

// changeColumns include the number of targets, to which jobs add, and whether the change has an
// inverse that is still possible. A message that its sender deleted is never restored by others. An edit
// or recall everywhere can be undone as soon as its job begins, and afterwards if it had an effect.
const changeColumns = `h.no, h.id, h.operation, h.actor, h.via, h.reason, h.request_id, h.address, h.outcome, h.undoes,
	COALESCE((SELECT MAX(t.no) FROM change_targets t WHERE t.change = h.no), 0), h.at,
	COALESCE((SELECT MIN(u.id) FROM changes u WHERE u.undoes = h.id AND u.undoes <> '' AND u.outcome = 'done'), ''),
	CASE WHEN h.operation = 'deleteChannels' THEN EXISTS (SELECT 1 FROM bin b WHERE b.change = h.id AND NOT b.erasing)
		WHEN h.operation IN ('editAnnouncement', 'recallAnnouncement') AND EXISTS (SELECT 1 FROM jobs j WHERE j.change = h.id AND j.ended_at = 0) THEN TRUE
		ELSE EXISTS (SELECT 1 FROM change_targets t WHERE t.change = h.no AND t.state_before <> t.state_after)
			AND NOT EXISTS (SELECT 1 FROM change_targets t WHERE t.change = h.no AND t.state_before = '' AND t.state_after <> '' AND ` + made + `)
			AND NOT (h.operation = 'deleteMessage' AND EXISTS (SELECT 1 FROM change_targets t WHERE t.change = h.no AND t.kind = 'message' AND t.user_id = h.actor)) END`

// made is [chat.ChangeTarget.Made] for a row t that didn't exist before.
const made = `(t.kind IN ('channel', 'user', 'message', 'webhook') OR t.kind = 'setting' AND t.item NOT IN ('app app',
	'channel_type commerce', 'channel_type gaming', 'channel_type livestream', 'channel_type messaging', 'channel_type team'))`

// ChangeLog has the records of changes in a store.
type ChangeLog struct{ store *Store }

// ChangesIn returns the records of changes in a store.
func ChangesIn(s *Store) ChangeLog { return ChangeLog{s} }

// List returns up to one more record than the query's limit, newest first: those without an
// outcome, and then the others.
func (l ChangeLog) List(ctx context.Context, q chat.ChangeQuery) ([]chat.Change, error) {
	list, err := l.pending(ctx, q)
	if err != nil || len(list) > q.Limit {
		return shown(list[:min(len(list), q.Limit+1)]), err
	}
	q.Limit -= len(list)
	more, err := l.list(ctx, q)
	return append(shown(list), more...), err
}

func (l ChangeLog) list(ctx context.Context, q chat.ChangeQuery) ([]chat.Change, error) {
	where, args := []string{"h.outcome <> $1"}, []any{""}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if q.After > 0 {
		add("h.no < ?", q.After)
	}
	if q.By != "" {
		add("h.actor = ?", q.By)
	}
	if q.Operation != "" {
		add("h.operation = ?", q.Operation)
	}
	if q.Outcome != "" {
		add("h.outcome = ?", string(q.Outcome))
	}
	if q.CID != (chat.CID{}) {
		add("h.no IN (SELECT t.change FROM change_targets t WHERE t.cid = ?)", q.CID.String())
	}
	if q.UserID != "" {
		add("h.no IN (SELECT t.change FROM change_targets t WHERE t.user_id = ?)", q.UserID)
	}
	if !q.Since.IsZero() {
		add("h.at >= ?", Micros(q.Since))
	}
	if !q.Until.IsZero() {
		add("h.at < ?", Micros(q.Until))
	}
	args = append(args, q.Limit+1)
	return l.read(ctx, `SELECT `+changeColumns+` FROM changes h WHERE `+strings.Join(where, " AND ")+
		` ORDER BY h.no DESC LIMIT $`+strconv.Itoa(len(args)), args...)
}

// One returns a record and whether it exists.
func (l ChangeLog) One(ctx context.Context, id string) (c chat.Change, found bool, err error) {
	list, err := l.read(ctx, `SELECT `+changeColumns+` FROM changes h WHERE h.id = $1`, id)
	if err == nil && len(list) == 0 {
		list, err = l.pendingOne(ctx, id)
		list = shown(list)
	}
	if err != nil || len(list) == 0 {
		return c, false, err
	}
	return list[0], true, nil
}

// between returns records of a part of the log of changes, oldest first.
func (l ChangeLog) between(ctx context.Context, part Span) ([]chat.Change, error) {
	return l.read(ctx, `SELECT `+changeColumns+` FROM changes h WHERE h.no > $1 AND h.no <= $2 ORDER BY h.no LIMIT $3`,
		part.After, part.UpTo, part.Limit)
}

// Each calls fn with the records of a period, oldest first and with all targets; those without an
// outcome come last. A zero time is no bound; until is exclusive.
func (l ChangeLog) Each(ctx context.Context, since, until time.Time, fn func(chat.Change) error) error {
	const atOnce = 200
	last := int64(math.MaxInt64)
	if !until.IsZero() {
		last = Micros(until)
	}
	for after, more := int64(0), true; more; {
		list, err := l.read(ctx, `SELECT `+changeColumns+` FROM changes h WHERE h.no > $1 AND h.at >= $2 AND h.at < $3 ORDER BY h.no LIMIT $4`,
			after, max(Micros(since), 0), last, atOnce)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := l.complete(ctx, &c); err != nil {
				return err
			}
			if err := fn(c); err != nil {
				return err
			}
			after = c.Seq
		}
		more = len(list) == atOnce
	}
	open, err := l.pending(ctx, chat.ChangeQuery{Since: since, Until: until})
	for _, c := range slices.Backward(open) {
		if err == nil {
			err = fn(c)
		}
	}
	return err
}

// Whole is like One, with all targets.
func (l ChangeLog) Whole(ctx context.Context, id string) (chat.Change, bool, error) {
	c, found, err := l.One(ctx, id)
	if err == nil && found {
		err = l.complete(ctx, &c)
	}
	return c, found, err
}

// complete adds the targets that lists omit.
func (l ChangeLog) complete(ctx context.Context, c *chat.Change) error {
	const atOnce = 1_000
	for int64(len(c.Targets)) < c.TargetCount {
		more, err := l.targets(ctx, c.Seq, len(c.Targets), atOnce)
		if err != nil || len(more) == 0 {
			return err
		}
		c.Targets = append(c.Targets, more...)
	}
	return nil
}

// End returns the end of the log of changes.
func (l ChangeLog) End(ctx context.Context) (LogEnd, error) {
	rows, err := l.store.Query(ctx, `SELECT c.value, (SELECT MAX(at) FROM (
		SELECT COALESCE((SELECT MIN(no) - 1 FROM changes), c.value) AS at UNION ALL SELECT value FROM counters WHERE name = '`+logBase+`') AS floors)
		FROM counters c WHERE c.name = 'changes'`)
	end, _, err := First(rows, err, scanLogEnd)
	return end, err
}

func (l ChangeLog) read(ctx context.Context, text string, args ...any) ([]chat.Change, error) {
	rows, err := l.store.Query(ctx, text, args...)
	list, err := Collect(rows, err, scanChange)
	for i := range list {
		if err == nil {
			list[i].Targets, err = l.targets(ctx, list[i].Seq, 0, chat.MaxTargetsShown)
		}
	}
	return list, err
}

// targets returns the targets of a change after the first ones.
func (l ChangeLog) targets(ctx context.Context, seq int64, after, limit int) ([]chat.ChangeTarget, error) {
	rows, err := l.store.Query(ctx, `SELECT kind, cid, channel_no, user_id, item, state_before, state_after FROM change_targets
		WHERE change = $1 AND no > $2 ORDER BY no LIMIT $3`, seq, after, limit)
	found, err := Collect(rows, err, scanTarget)
	list := make([]chat.ChangeTarget, len(found))
	for i, t := range found {
		list[i] = t.ChangeTarget
	}
	return list, err
}

// ForgetChanges removes records from before a time, a few at a time. It reports whether there are
// more.
func (tx *Tx) ForgetChanges(before time.Time) (bool, error) {
	const atOnce = 500
	if _, err := tx.Change(`DELETE FROM change_intents WHERE at < $1`, Micros(before)); err != nil {
		return false, err
	}
	last, found, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(no), 0) FROM
		(SELECT no, at FROM changes ORDER BY no LIMIT $2) oldest WHERE at < $1`, Micros(before), atOnce)
	if err != nil || !found || last == 0 {
		return false, err
	}
	for _, text := range []string{`DELETE FROM change_targets WHERE change <= $1`, `DELETE FROM changes WHERE no <= $1`} {
		if _, err := tx.Change(text, last); err != nil {
			return false, err
		}
	}
	return true, nil
}

func scanChange(rows Row) (c chat.Change, err error) {
	var at int64
	err = rows.Scan(&c.Seq, &c.ID, &c.Operation, &c.By, &c.Via, &c.Reason, &c.RequestID, &c.Address, &c.Outcome, &c.Undoes, &c.TargetCount, &at, &c.UndoneBy, &c.CanUndo)
	c.At = Moment(at)
	if c.Operation != "deleteChannels" {
		c.CanUndo = c.CanUndo && c.Outcome == chat.ChangeDone && c.UndoneBy == "" && chat.HasInverse(c.Operation)
	}
	return c, err
}

func scanTarget(rows Row) (t target, err error) {
	var cid string
	err = rows.Scan(&t.Kind, &cid, &t.channel, &t.UserID, &t.Item, &t.Before, &t.After)
	if cid != "" {
		t.CID = SplitCID(cid)
	}
	return t, err
}

// Events returns a part of the log of changes as events.
func (l ChangeLog) Events(ctx context.Context, part Span) ([]chat.Event, error) {
	list, err := l.between(ctx, part)
	events := make([]chat.Event, len(list))
	for i := range list {
		events[i] = chat.Event{Seq: list[i].Seq, Type: chat.ChangeRecorded, Change: &list[i], CreatedAt: list[i].At}
	}
	return events, err
}
