package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// MessageIDsBy returns ids of messages that a user sent, those of one channel where
// one is given, after an id and in their order.
func (tx *Tx) MessageIDsBy(user string, cid chat.CID, after string, limit int) ([]string, error) {
	if cid == (chat.CID{}) {
		return txCollect(tx, scanValue[string], `SELECT id FROM messages WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3`,
			user, after, limit)
	}
	return txCollect(tx, scanValue[string], `SELECT id FROM messages WHERE sender = $1 AND id > $2
		AND channel = (SELECT no FROM channels WHERE cid = $4) ORDER BY id LIMIT $3`, user, after, limit, cid.String())
}

// ChannelsOf returns the channels that a user is a member of; those with just one
// other member where pairs is set.
func (tx *Tx) ChannelsOf(user string, pairs bool) ([]chat.CID, error) {
	list, err := txCollect(tx, scanValue[string], `SELECT c.cid FROM members m JOIN channels c ON c.no = m.channel
		WHERE m.user_id = $1 AND (NOT $2 OR c.member_count = 2)`, user, pairs)
	cids := make([]chat.CID, len(list))
	for i, text := range list {
		cids[i] = splitCID(text)
	}
	return cids, err
}

// ForgetUser removes what is known about a user beside itself and its messages.
func (tx *Tx) ForgetUser(id string) error {
	for _, text := range []string{
		`DELETE FROM user_relations WHERE user_id = $1 OR target = $1`,
		`DELETE FROM channel_settings WHERE user_id = $1`,
		`DELETE FROM restrictions WHERE user_id = $1`,
		`DELETE FROM hidden_messages WHERE user_id = $1`,
		`DELETE FROM flags WHERE user_id = $1 OR target = $1`,
		`DELETE FROM reactions WHERE user_id = $1`,
	} {
		if _, err := tx.change(text, id); err != nil {
			return err
		}
	}
	return nil
}

// HandOver gives a user's channels to another.
func (tx *Tx) HandOver(user, heir string) error {
	n, err := tx.change(`UPDATE channels SET created_by = $2 WHERE created_by = $1`, user, heir)
	return tx.noted(n, err)
}

// DropUser removes a user for good. What is left of its messages, their numbers,
// stays in the name of a ghost.
func (tx *Tx) DropUser(id string, at time.Time) error {
	delete(tx.users, id)
	if _, found, err := tx.User(chat.GhostID); err != nil || !found {
		if err == nil {
			err = tx.PutUser(chat.User{ID: chat.GhostID, Role: chat.RoleUser, CreatedAt: at, UpdatedAt: at, DeletedAt: at})
		}
		if err != nil {
			return err
		}
	}
	for _, text := range []string{
		`UPDATE messages SET sender = '` + chat.GhostID + `' WHERE sender = $1`,
		`UPDATE events SET user_id = '` + chat.GhostID + `' WHERE user_id = $1`,
		`DELETE FROM users WHERE id = $1`,
	} {
		if _, err := tx.change(text, id); err != nil {
			return err
		}
	}
	return nil
}

// MessageIDsBy returns ids of the messages that a user sent, in their order.
func (s *Store) MessageIDsBy(ctx context.Context, user string, limit int) ([]string, error) {
	rows, err := s.query(ctx, `SELECT id FROM messages WHERE sender = $1 ORDER BY id LIMIT $2`, user, limit)
	return collect(rows, err, scanValue[string])
}

// ReactionsBy returns a user's reactions, the oldest first.
func (s *Store) ReactionsBy(ctx context.Context, user string, limit int) ([]chat.Reaction, error) {
	rows, err := s.query(ctx, `SELECT `+reactionColumns+` FROM reactions r
		WHERE r.user_id = $1 ORDER BY r.created_at, r.message, r.type LIMIT $2`, user, limit)
	return collect(rows, err, scanReaction)
}
