package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"backchannel/internal/sqlstore"
)

// messagesPerChannel is the number of messages in a grown database, per channel. All of them are in the
// first channel, which is harder than spreading them.
const messagesPerChannel = 10

// grownAt is the time of all messages, so that each subject gives the same answer.
var grownAt = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

// seedGrown fills a new database.
func seedGrown(ctx context.Context, dir string, channels int) error {
	return seedMessages(ctx, dir, channels, channels*messagesPerChannel, messageText)
}

// seedMessages fills a new database by SQL: a million separate writes would take minutes.
func seedMessages(ctx context.Context, dir string, channels, messages int, text string) error {
	store, err := openSeeded(ctx, dir, channels)
	if err != nil {
		return err
	}
	if err := store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.InsertUser(sampleSender()) }); err != nil {
		return errors.Join(err, store.Close())
	}
	if err := store.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "backchannel.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	return errors.Join(fillMessages(ctx, db, messages, text), db.Close())
}

func fillMessages(ctx context.Context, db *sql.DB, messages int, text string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO messages (id, channel, seq, sender, text, attachments, mentions, created_at, deleted_at)
		SELECT printf('01930000-%04x-7000-8000-%012x', i / 65536, i), c.no, n.i, 'clerk', $2, '', '', $3, 0
		FROM n, channels c WHERE c.cid = $4`, messages, text, grownAt.UnixMicro(), "livestream:"+sampleChannelID(0, 1))
	if err != nil {
		return fmt.Errorf("adding messages: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE channels SET seq = $1, message_count = $1 WHERE cid = $2`,
		messages, "livestream:"+sampleChannelID(0, 1)); err != nil {
		return fmt.Errorf("counting messages: %w", err)
	}
	return tx.Commit()
}

// serveGrown runs the real server on a grown database.
func serveGrown(ctx context.Context, dir string, channels int) (*subject, error) {
	if err := seedGrown(ctx, dir, channels); err != nil {
		return nil, err
	}
	return serveDir(ctx, dir)
}

const (
	messagesQuery = `{ messages(cid: "livestream:channel-00000", last: 50) { nodes { id seq text sender { id name } createdAt } } }`
	channelsQuery = `{ channels(first: 50) { nodes { id cid type name avatar } pageInfo { hasNextPage endCursor } } }`
)

// The store's SQL for these two queries, for the bare driver. The store also checks for reactions.
const (
	messagesSQL = `SELECT m.id, m.seq, m.text, m.attachments, m.mentions, m.created_at, m.edited_at, m.pinned_at, m.deleted_at,
		u.id, u.name, u.role, u.created_at, u.updated_at FROM messages m JOIN users u ON u.id = m.sender
		WHERE m.channel = $1 AND m.seq > $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4`
	channelsSQL = `SELECT cid, name, avatar, frozen, message_count, member_count, seq, created_by, created_at, updated_at, last_message_at FROM channels
		WHERE (name_key, cid) > ($1, $2) AND ($3 = '' OR type = $3)
		AND ($4 = '' OR name_text LIKE $4 ESCAPE '\' OR lower(id) LIKE $4 ESCAPE '\')
		AND ($6 = '' OR no IN (SELECT channel FROM members WHERE user_id = $6))
		ORDER BY name_key, cid LIMIT $5`
)

// openStatement opens a grown database and prepares a query on the bare driver.
func openStatement(ctx context.Context, dir string, channels int, text string) (*sql.DB, *sql.Stmt, error) {
	if err := seedGrown(ctx, dir, channels); err != nil {
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "backchannel.db")+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=cache_size(-8000)&_pragma=query_only(true)")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(readingClients)
	db.SetMaxIdleConns(readingClients)
	stmt, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, stmt, nil
}

// openDriver is the floor of reads: the query on database/sql and its driver,
// prepared once, each row scanned, in process.
func openDriver(ctx context.Context, dir string, channels int, text string, fields func() []any, args ...any) (*subject, error) {
	db, stmt, err := openStatement(ctx, dir, channels, text)
	if err != nil {
		return nil, err
	}
	read := func() error { return readPage(ctx, stmt, fields(), args...) }
	load := func(clients int, d time.Duration) (tally, error) {
		operations := make([]operation, clients)
		for i := range operations {
			operations[i] = read
		}
		return drive(operations, d)
	}
	return &subject{load: load, close: func() error { return errors.Join(stmt.Close(), db.Close()) }}, nil
}

func readPage(ctx context.Context, stmt *sql.Stmt, fields []any, args ...any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
	}
	if n != pageRows && rows.Err() == nil {
		return fmt.Errorf("the page has %d rows", n)
	}
	return rows.Err()
}

// messageRow and channelRow return new variables to scan a row into.
func messageRow() []any {
	var s [8]string
	var n [7]int64
	return []any{&s[0], &n[0], &s[1], &s[2], &s[3], &n[1], &n[2], &n[3], &n[4], &s[4], &s[5], &s[6], &n[5], &n[6]}
}

func channelRow() []any {
	var s [4]string
	var n [6]int64
	var frozen bool
	return []any{&s[0], &s[1], &s[2], &frozen, &n[0], &n[1], &n[2], &s[3], &n[3], &n[4], &n[5]}
}
