package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"backchannel/internal/chat"
)

const messageDetailColumns = `c.cid, m.id, m.seq, m.sender, COALESCE(f.role, ''), m.text, m.attachments, m.mentions, m.parent,
	m.custom, m.extra, m.created_at, m.updated_at, m.edited_at, m.pinned_at, m.deleted_at, m.shadowed`

const messageDetailTables = `messages m JOIN channels c ON c.no = m.channel
	LEFT JOIN members f ON f.channel = m.channel AND f.user_id = m.sender`

// AppendMessageDetail takes the next number of the message's channel and stores it
// there, and begins a thread where it is the first reply to a message. It returns
// the number, 0 where there is no such channel.
func (tx *Tx) AppendMessageDetail(m chat.MessageDetail, keepHidden bool) (int64, error) {
	row, err := rowOf(m)
	if err != nil {
		return 0, err
	}
	row.keepHidden = keepHidden
	seq, err := tx.append(row, m.CID)
	if err != nil || seq == 0 || m.Parent == "" {
		return seq, err
	}
	_, err = tx.change(`INSERT INTO threads (parent, channel, title, custom, created_by, created_at, updated_at)
		SELECT $1, channel, '', '{}', $2, $3, $3 FROM messages WHERE id = $1 ON CONFLICT (parent) DO NOTHING`,
		m.Parent, m.Sender.ID, row.createdAt)
	return seq, err
}

func rowOf(m chat.MessageDetail) (row messageRow, err error) {
	row = messageRow{
		id: m.ID, sender: m.Sender.ID, text: m.Text, parent: m.Parent, createdAt: micros(m.CreatedAt), pinnedAt: micros(m.PinnedAt),
		aside: m.Aside(), shadowed: m.Shadowed,
	}
	if row.attachments, err = toJSON(m.Attachments); err != nil {
		return row, err
	}
	ids := make([]string, len(m.Mentions))
	for i, u := range m.Mentions {
		ids[i] = u.ID
	}
	if row.mentions, err = toJSON(ids); err != nil {
		return row, err
	}
	if row.custom, err = toObject(m.Custom); err != nil {
		return row, err
	}
	row.extra, err = toObject(m.MessageExtra)
	return row, err
}

// HasMessage reports whether there is a message of that id.
func (tx *Tx) HasMessage(id string) (bool, error) {
	_, found, err := txFirst(tx, scanValue[string], `SELECT id FROM messages WHERE id = $1`, id)
	return found, err
}

const oneMessageDetail = `SELECT ` + messageDetailColumns + ` FROM ` + messageDetailTables + ` WHERE m.id = $1`

// MessageDetail returns a message without what other tables have of it, and
// whether there is one. Erased ones aren't there.
func (tx *Tx) MessageDetail(id string) (chat.MessageDetail, bool, error) {
	m, found, err := txFirst(tx, scanMessageDetail, oneMessageDetail, id)
	return m, found && !m.Erased, err
}

// SetMessageDetail stores what a message is from now on. Its place in the log and its
// sender stay.
func (tx *Tx) SetMessageDetail(m chat.MessageDetail) error {
	row, err := rowOf(m)
	if err != nil {
		return err
	}
	_, err = tx.change(`UPDATE messages SET text = $2, attachments = $3, mentions = $4, parent = $5, custom = $6, extra = $7,
		updated_at = $8, edited_at = $9, pinned_at = $10, deleted_at = $11, aside = $12, text_key = $13 WHERE id = $1`,
		row.id, row.text, row.attachments, row.mentions, row.parent, row.custom, row.extra, micros(m.UpdatedAt),
		micros(m.EditedAt), row.pinnedAt, micros(m.DeletedAt), row.aside, textKey(row.text))
	return err
}

// RepliesTo returns the replies to a message, without what other tables have of
// them.
func (tx *Tx) RepliesTo(parent string) ([]chat.MessageDetail, error) {
	return txCollect(tx, scanMessageDetail, `SELECT `+messageDetailColumns+` FROM `+messageDetailTables+`
		WHERE m.parent = $1 AND m.parent <> '' ORDER BY m.seq`, parent)
}

// EraseMessage leaves nothing of a message but its number, its id and its sender.
func (tx *Tx) EraseMessage(m chat.MessageDetail, at time.Time) error {
	if err := tx.ForgetContent(m); err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM threads WHERE parent = $1`,
		`DELETE FROM flags WHERE message = $1`,
		`DELETE FROM hidden_messages WHERE message = $1 AND channel = (SELECT channel FROM messages WHERE id = $1)`,
	} {
		if _, err := tx.change(text, m.ID); err != nil {
			return err
		}
	}
	gone := chat.MessageDetail{ID: m.ID, DeletedAt: at, UpdatedAt: at}
	gone.Erased = true
	return tx.SetMessageDetail(gone)
}

// HideMessage deletes a message of that channel for one user.
func (tx *Tx) HideMessage(cid chat.CID, user, id string, at time.Time) error {
	_, err := tx.change(`INSERT INTO hidden_messages (channel, user_id, message, at)
		SELECT no, $2, $3, $4 FROM channels WHERE cid = $1 ON CONFLICT (channel, user_id, message) DO NOTHING`,
		cid.String(), user, id, micros(at))
	return err
}

// HiddenMessages counts the messages of a channel that a user deleted for itself.
func (tx *Tx) HiddenMessages(cid chat.CID, user string) (int, error) {
	n, _, err := txFirst(tx, scanValue[int], `SELECT COUNT(*) FROM hidden_messages h JOIN channels c ON c.no = h.channel
		WHERE c.cid = $1 AND h.user_id = $2`, cid.String(), user)
	return n, err
}

// MessageDetails returns those of the messages that there are, with what a viewer
// did to them where one is given.
func (s *Store) MessageDetails(ctx context.Context, ids []string, viewer string, at time.Time) (map[string]chat.MessageDetail, error) {
	list, err := s.messageRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := s.fillMessages(ctx, list, viewer, at); err != nil {
		return nil, err
	}
	found := make(map[string]chat.MessageDetail, len(list))
	for _, m := range list {
		found[m.ID] = m
	}
	return found, nil
}

func (s *Store) messageRows(ctx context.Context, ids []string) ([]chat.MessageDetail, error) {
	var all []chat.MessageDetail
	for chunk := range chunks(ids) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+messageDetailColumns+` FROM `+messageDetailTables+` WHERE m.id IN `+marks, args...)
		list, err := collect(rows, err, scanMessageDetail)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return slices.DeleteFunc(all, func(m chat.MessageDetail) bool { return m.Erased }), nil
}

func scanMessageDetail(rows *sql.Rows) (m chat.MessageDetail, err error) {
	var cid, attachments, mentions, custom, extra string
	var created, updated, edited, pinned, deleted int64
	err = rows.Scan(&cid, &m.ID, &m.Seq, &m.Sender.ID, &m.MemberRole, &m.Text, &attachments, &mentions, &m.Parent,
		&custom, &extra, &created, &updated, &edited, &pinned, &deleted, &m.Shadowed)
	if err != nil {
		return m, err
	}
	m.CID = splitCID(cid)
	m.CreatedAt, m.UpdatedAt, m.EditedAt = moment(created), moment(updated), moment(edited)
	m.PinnedAt, m.DeletedAt = moment(pinned), moment(deleted)
	if err := fromJSON(attachments, &m.Attachments); err != nil {
		return m, err
	}
	if m.Mentions, err = mentioned(mentions); err != nil {
		return m, err
	}
	if err := fromObject(extra, &m.MessageExtra); err != nil {
		return m, err
	}
	return m, fromObject(custom, &m.Custom)
}

// mentioned are users of whom only the id is known so far.
func mentioned(text string) ([]chat.User, error) {
	var ids []string
	err := fromJSON(text, &ids)
	users := make([]chat.User, len(ids))
	for i, id := range ids {
		users[i].ID = id
	}
	return users, err
}
