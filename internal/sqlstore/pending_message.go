package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

const onePending = `SELECT body FROM pending_messages WHERE id = $1`

// KeepPending keeps a message that waits to be committed.
func (tx *Tx) KeepPending(p chat.PendingMessage) error {
	body, err := toObject(p)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO pending_messages (id, channel, body, created_at)
		SELECT $2, no, $3, $4 FROM channels WHERE cid = $1`, p.Message.CID.String(), p.Message.ID, body, micros(p.Message.CreatedAt))
	return err
}

// PendingMessage returns a message that waits, without what other tables have of
// it, and whether there is one.
func (tx *Tx) PendingMessage(id string) (chat.PendingMessage, bool, error) {
	return txFirst(tx, scanPending, onePending, id)
}

// PendingMessage returns a message that waits, and whether there is one.
func (s *Store) PendingMessage(ctx context.Context, id string, at time.Time) (chat.PendingMessage, bool, error) {
	rows, err := s.query(ctx, onePending, id)
	p, found, err := first(rows, err, scanPending)
	if err != nil || !found {
		return p, found, err
	}
	list := []chat.MessageDetail{p.Message}
	err = s.fillMessages(ctx, list, "", at)
	p.Message = list[0]
	return p, true, err
}

// DropPending forgets a message that waits and reports whether it was there.
func (tx *Tx) DropPending(id string) (bool, error) {
	n, err := tx.change(`DELETE FROM pending_messages WHERE id = $1`, id)
	return n > 0, err
}

func scanPending(rows *sql.Rows) (p chat.PendingMessage, err error) {
	var body string
	if err = rows.Scan(&body); err != nil {
		return p, err
	}
	err = fromObject(body, &p)
	return p, err
}
