package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// maxFindings is the number of findings of one kind that are reported; the others are only counted.
const maxFindings = 100

// Verify checks the invariants of the database and reports each violation in a sentence: that the
// database itself is intact, that logs have no gaps, that counters are right, and that no row
// refers to something that doesn't exist. It reads one consistent state, also while servers write.
// Its error is about reading, not about what was read.
func (s *Store) Verify(ctx context.Context, report func(fault string)) error {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = tx.Rollback() }()
	tables, err := s.dialect.tables(ctx, tx)
	if err != nil {
		return err
	}
	v := &verification{ctx: ctx, tx: tx, report: report}
	v.whole(s.dialect, tables)
	v.logs()
	v.counters()
	v.belongings(tables)
	v.search(s.dialect)
	return fail(v.err)
}

// verification is one run of Verify. After a query fails, the others are skipped.
type verification struct {
	ctx    context.Context
	tx     *sql.Tx
	report func(string)
	err    error

	damaged bool // the database can't be read further
}

// each reports the rows of a query, each of which is one text.
func (v *verification) each(text string, args ...any) {
	if v.err != nil || v.damaged {
		return
	}
	rows, err := v.tx.QueryContext(v.ctx, text, args...)
	faults, err := Collect(rows, err, ScanValue[string])
	v.failed(err)
	for i, fault := range faults {
		if i == maxFindings {
			v.report(fmt.Sprintf("and %d more of this kind", len(faults)-maxFindings))
			break
		}
		v.report(fault)
	}
}

// failed handles the failure of a query. If the database can't read its own data, that is a
// finding.
func (v *verification) failed(err error) {
	if cause := errors.Unwrap(err); err != nil && (damaged(err) || damaged(cause)) {
		v.damaged = true
		v.report(fmt.Sprintf("the database is damaged, and what follows can't be read: %v", cmp.Or(cause, err)))
		return
	}
	v.err = err
}

// whole reads everything in the database, if the database doesn't check itself.
func (v *verification) whole(d dialect, tables []table) {
	if d.name == onSQLite.name {
		// A search makes SQLite notice what other connections have merged in the index since this
		// one read it. Otherwise the check reports that as damage.
		v.each(`SELECT 'no such user' FROM users_search WHERE rowid < 0`)
		v.each(`SELECT 'the file is damaged: ' || integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`)
		return
	}
	for _, t := range tables {
		v.each(`SELECT 'unreadable' FROM ` + t.name + ` AS t HAVING SUM(LENGTH(CAST(t AS text))) < 0`)
	}
}

// entriesOfLogs are the numbers used in all logs since their floors. In events, the channel 0 is
// the back office's log, and negative numbers are the logs of a hosted chat.
const entriesOfLogs = `(
	SELECT c.no, c.cid, c.seq AS last, c.log_floor AS floor, m.seq FROM ` + allChannels + ` c JOIN messages m ON m.channel = c.no AND m.seq > c.log_floor
	UNION ALL SELECT c.no, c.cid, c.seq, c.log_floor, e.seq FROM ` + allChannels + ` c JOIN events e ON e.channel = c.no AND e.seq > c.log_floor
	UNION ALL SELECT c.no, c.cid, c.seq, c.log_floor, c.log_floor FROM ` + allChannels + ` c
	UNION ALL SELECT 0, 'the back office', b.last, b.floor, b.floor FROM ` + backOfficeLog + `
	UNION ALL SELECT 0, 'the back office', b.last, b.floor, e.seq FROM ` + backOfficeLog + ` JOIN events e ON e.channel = 0 AND e.seq > b.floor
	UNION ALL SELECT h.no, h.name, h.seq, h.log_floor, h.log_floor FROM ` + hostedLogNames + `
	UNION ALL SELECT h.no, h.name, h.seq, h.log_floor, e.seq FROM ` + hostedLogNames + ` JOIN events e ON e.channel = h.no AND e.seq > h.log_floor
) AS l`

const hostedLogNames = `(SELECT no, seq, log_floor, CASE cid WHEN '' THEN 'the back office' ELSE cid END || ', a hosted chat,' AS name FROM hosted_logs) AS h`

// allChannels are the channels and those in the bin that can be restored, which must be intact.
const allChannels = `(SELECT no, cid, seq, log_floor, member_count, message_count FROM channels
	UNION ALL SELECT no, cid, seq, log_floor, member_count, message_count FROM bin WHERE NOT erasing)`

const backOfficeLog = `(SELECT e.value AS last, f.value AS floor FROM counters e, counters f
	WHERE e.name = 'backoffice' AND f.name = 'backoffice_floor') AS b`

// logs finds numbers that are missing, used twice, or beyond the end.
func (v *verification) logs() {
	v.each(`SELECT 'the log of ' || cid || ' has a gap: between ' || seq || ' and ' || next || ' nothing is there' FROM (
		SELECT cid, seq, COALESCE(LEAD(seq) OVER (PARTITION BY no ORDER BY seq), last + 1) AS next FROM ` + entriesOfLogs + `
		) AS gaps WHERE next > seq + 1 ORDER BY cid, seq`)
	v.each(`SELECT 'the log of ' || cid || ' has the number ' || seq || ' twice' FROM ` + entriesOfLogs + `
		WHERE seq > floor GROUP BY no, cid, seq HAVING COUNT(*) > 1 ORDER BY cid, seq`)
	v.each(`SELECT 'the log of ' || cid || ' ends at ' || last || ', and an entry has the number ' || MAX(seq) FROM ` + entriesOfLogs + `
		GROUP BY no, cid, last HAVING MAX(seq) > last ORDER BY cid`)
}

func (v *verification) counters() {
	v.each(`SELECT 'the channel ' || cid || ' counts ' || member_count || ' members, and there are ' || there FROM (
		SELECT cid, member_count, (SELECT COUNT(*) FROM members m WHERE m.channel = c.no) AS there FROM ` + allChannels + ` c
		) AS counted WHERE member_count <> there ORDER BY cid`)
	// Erased messages are counted unless they were truncated.
	v.each(`SELECT 'the channel ' || cid || ' counts ' || message_count || ' messages, and there are ' || there FROM (
		SELECT c.cid, c.message_count, COUNT(m.id) AS there, COALESCE(SUM(CASE WHEN m.erased THEN 1 ELSE 0 END), 0) AS erased
		FROM ` + allChannels + ` c LEFT JOIN messages m ON m.channel = c.no GROUP BY c.no, c.cid, c.message_count
		) AS counted WHERE message_count > there OR message_count < there - erased ORDER BY cid`)
	v.each(`SELECT 'the counter of channels is at ' || value || ', and a channel has the number ' || (SELECT MAX(no) FROM ` + allChannels + ` c)
		FROM counters WHERE name = 'channels' AND value < (SELECT MAX(no) FROM ` + allChannels + ` c)`)
	v.each(`SELECT 'the counter of hosted logs is at ' || value || ', and a log has the number ' || (SELECT MIN(no) FROM hosted_logs)
		FROM counters WHERE name = 'hosted_logs' AND value > (SELECT MIN(no) FROM hosted_logs)`)
	v.each(`SELECT 'the counter ' || n.name || ' is missing' FROM (SELECT 'channels' AS name UNION ALL SELECT 'backoffice' UNION ALL
		SELECT 'backoffice_floor' UNION ALL SELECT 'settings' UNION ALL SELECT 'names' UNION ALL SELECT 'changes' UNION ALL
		SELECT 'hosted_logs' UNION ALL SELECT 'hosted_changes') AS n
		WHERE n.name NOT IN (SELECT name FROM counters)`)
}

// search finds users who aren't in SQLite's index of trigrams, and those whom a search overlooks.
func (v *verification) search(d dialect) {
	if d.name == onPostgres.name {
		v.each(`SELECT 'the user ' || u.id || ' stands before the shelf it is on' FROM users u LEFT JOIN user_shelves s ON s.no = u.shelf
			WHERE s.no IS NULL OR (u.name_key, u.id) < (s.name_key, s.id) ORDER BY u.id`)
		return
	}
	v.each(`SELECT 'the user ' || id || ' can not be searched' FROM users WHERE no NOT IN (SELECT id FROM users_search_docsize) ORDER BY id`)
	v.each(`SELECT 'the search finds a user that is not there (number ' || id || ')' FROM users_search_docsize
		WHERE id NOT IN (SELECT no FROM users) ORDER BY id`)
	v.each(`SELECT 'the user ' || id || ' stands in the wrong place of the search' FROM (SELECT id, no,
		(SELECT s.no FROM user_shelves s WHERE (s.name_key, s.id) <= (u.name_key, u.id) ORDER BY s.name_key DESC, s.id DESC LIMIT 1) AS place,
		(SELECT MAX(s.no) FROM user_shelves s WHERE s.no <= u.no) AS shelf FROM users u) AS u WHERE place <> shelf ORDER BY id`)
}

// belongings finds rows that refer to channels and messages that don't exist, in every table with
// such a column.
func (v *verification) belongings(tables []table) {
	for _, t := range tables {
		if t.has("channel") {
			v.each(`SELECT 'in ' || '` + t.name + `' || ' there are ' || COUNT(*) || ' rows of a channel that is not there (number ' || channel || ')'
				FROM ` + t.name + ` WHERE channel <> 0 AND channel NOT IN (SELECT no FROM channels UNION ALL SELECT no FROM bin UNION ALL SELECT no FROM hosted_logs)
				GROUP BY channel ORDER BY channel`)
		}
	}
	v.each(`SELECT 'in hosted_states there are ' || COUNT(*) || ' rows of a log that is not there (number ' || log || ')'
		FROM hosted_states WHERE log <> 0 AND log NOT IN (SELECT no FROM hosted_logs) GROUP BY log ORDER BY log`)
	for _, of := range OfMessages {
		v.each(`SELECT 'in ' || '` + of.Table + `' || ' there are ' || COUNT(*) || ' rows of a message that is not there (' || ` + of.Column + ` || ')'
			FROM ` + of.Table + ` WHERE ` + of.Column + ` <> '' AND ` + of.Column + ` NOT IN (SELECT id FROM messages)
			GROUP BY ` + of.Column + ` ORDER BY ` + of.Column)
	}
}
