package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

// draftNoun is what may be asked of drafts, which are d, in the channels c.
func draftNoun() noun {
	return noun{
		tie: "d.created_at DESC, c.cid, d.parent",
		fields: map[string]field{
			"channel_cid": is(ofText, "c.cid"),
			"parent_id":   is(ofText, "d.parent"),
			"user_id":     is(ofText, "d.user_id"),
			"created_at":  is(ofMoment, "d.created_at"),
		},
	}
}

const (
	draftColumns = `c.cid, d.user_id, d.parent, d.body, d.created_at`
	draftTables  = `drafts d JOIN channels c ON c.no = d.channel`
)

// SearchDrafts returns those of a user's drafts that match, in order, the newest
// first where nothing else is asked. InvalidArguments: the filter or sort asks what
// can't be asked.
func (s *Store) SearchDrafts(ctx context.Context, user string, q chat.Listing, at time.Time) ([]chat.Draft, error) {
	l := &listing{dialect: s.dialect, noun: draftNoun()}
	rest, refused := l.rest(`d.user_id = `+l.bind(user), q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+draftColumns+` FROM `+draftTables+rest, l.args...)
	list, err := collect(rows, err, scanDraft)
	if err != nil {
		return nil, err
	}
	return list, s.fillDrafts(ctx, list, at)
}

// Draft returns a user's draft in a channel, or in a thread there, and whether there
// is one.
func (s *Store) Draft(ctx context.Context, cid chat.CID, user, parent string, at time.Time) (chat.Draft, bool, error) {
	rows, err := s.query(ctx, `SELECT `+draftColumns+` FROM `+draftTables+`
		WHERE c.cid = $1 AND d.user_id = $2 AND d.parent = $3`, cid.String(), user, parent)
	list, err := collect(rows, err, scanDraft)
	if err != nil || len(list) == 0 {
		return chat.Draft{}, false, err
	}
	err = s.fillDrafts(ctx, list, at)
	return list[0], true, err
}

// fillDrafts adds the users, and the messages that are quoted.
func (s *Store) fillDrafts(ctx context.Context, list []chat.Draft, at time.Time) error {
	messages := make([]chat.MessageDetail, len(list))
	for i, d := range list {
		messages[i] = d.Message
	}
	err := s.fillMessages(ctx, messages, "", at)
	for i := range list {
		list[i].Message = messages[i]
	}
	return err
}

// OtherDrafts counts a user's drafts elsewhere than in that channel or thread.
func (tx *Tx) OtherDrafts(cid chat.CID, user, parent string) (int64, error) {
	n, _, err := txFirst(tx, scanValue[int64], `SELECT COUNT(*) FROM drafts d JOIN channels c ON c.no = d.channel
		WHERE d.user_id = $2 AND (c.cid <> $1 OR d.parent <> $3)`, cid.String(), user, parent)
	return n, err
}

// PutDraft stores a draft in the place of the one before, whose time stays.
func (tx *Tx) PutDraft(d chat.Draft) error {
	body, err := toObject(d.Message)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO drafts (channel, user_id, parent, body, created_at) SELECT no, $2, $3, $4, $5 FROM channels WHERE cid = $1
		ON CONFLICT (channel, user_id, parent) DO UPDATE SET body = excluded.body`,
		d.Message.CID.String(), d.Message.Sender.ID, d.Message.Parent, body, micros(d.CreatedAt))
	return err
}

// DropDraft removes a draft and reports whether there was one.
func (tx *Tx) DropDraft(cid chat.CID, user, parent string) (bool, error) {
	n, err := tx.change(`DELETE FROM drafts WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2 AND parent = $3`,
		cid.String(), user, parent)
	return n > 0, err
}

func scanDraft(rows *sql.Rows) (d chat.Draft, err error) {
	var cid, user, parent, body string
	var created int64
	if err = rows.Scan(&cid, &user, &parent, &body, &created); err != nil {
		return d, err
	}
	err = fromObject(body, &d.Message)
	d.Message.CID, d.Message.Sender.ID, d.Message.Parent, d.CreatedAt = splitCID(cid), user, parent, moment(created)
	return d, err
}
