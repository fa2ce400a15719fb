package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// MaxUsersAtOnce is the maximum number of users that one call deletes, deactivates or restores.
const MaxUsersAtOnce = 100

// UserDeletion says which data of users to delete.
type UserDeletion struct {
	IDs           []string
	User          chat.DeleteMode
	Messages      chat.DeleteMode
	Conversations chat.DeleteMode // channels with exactly two members, one of them the user
	NewOwner      string          // the new owner of the users' channels; GhostID if "" and the users are deleted permanently
}

// Check returns an error if a deletion isn't valid.
func (d UserDeletion) Check() *chat.Error {
	if bad := CheckUserIDs(d.IDs); bad != nil {
		return bad
	}
	if d.User == chat.DeleteHard && (d.Messages != chat.DeleteHard || d.Conversations != chat.DeleteHard) {
		return chat.Invalid("user", "Users can only be deleted hard together with their messages and conversations.")
	}
	if d.Conversations == chat.DeletePruning {
		return chat.Invalid("conversations", `conversations is "soft" or "hard".`)
	}
	return nil
}

// CheckUserIDs returns an error if a list of user ids isn't valid.
func CheckUserIDs(ids []string) *chat.Error {
	if len(ids) == 0 || len(ids) > MaxUsersAtOnce {
		return chat.Invalid("user_ids", "user_ids must have 1 to %d users.", MaxUsersAtOnce)
	}
	for _, id := range ids {
		if bad := chat.CheckUserID(id); bad != nil {
			return bad
		}
	}
	return nil
}

// ChannelsOf returns the channels that a user is a member of; if pairs is true, only those with
// exactly one other member.
func ChannelsOf(tx *sqlstore.Tx, user string, pairs bool) ([]chat.CID, error) {
	list, err := sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT c.cid FROM members m JOIN channels c ON c.no = m.channel
		WHERE m.user_id = $1 AND (NOT $2 OR c.member_count = 2)`, user, pairs)
	cids := make([]chat.CID, len(list))
	for i, text := range list {
		cids[i] = sqlstore.SplitCID(text)
	}
	return cids, err
}

// ForgetUser removes everything about a user except the user itself, its messages and its bans.
func ForgetUser(tx *sqlstore.Tx, id string) error {
	for _, text := range []string{
		`DELETE FROM user_relations WHERE user_id = $1 OR target = $1`,
		`DELETE FROM channel_settings WHERE user_id = $1`,
		`DELETE FROM restrictions WHERE user_id = $1 AND kind NOT IN ('ban', 'shadow')`,
		`DELETE FROM hidden_messages WHERE user_id = $1`,
		`DELETE FROM flags WHERE user_id = $1 OR target = $1`,
		`DELETE FROM reactions WHERE user_id = $1`,
		`UPDATE change_targets SET state_before = '', state_after = '' WHERE user_id = $1`,
		`UPDATE changes SET address = '' WHERE actor = $1`,
		`UPDATE jobs SET actor_name = '' WHERE actor = $1`,
		`UPDATE announcements SET sender_name = '' WHERE sender = $1`,
	} {
		if _, err := tx.Change(text, id); err != nil {
			return err
		}
	}
	sqlstore.ForgetStates(tx, id, "")
	return nil
}

// forgottenAtOnce is the number of messages that one transaction erases.
const forgottenAtOnce = 200

// ForgetInBin erases a part of a user's data and messages in channels of the bin. It reports
// whether there is more.
func ForgetInBin(tx *sqlstore.Tx, user string, at time.Time) (more bool, err error) {
	ids, err := sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT m.id FROM messages m JOIN bin b ON b.no = m.channel
		WHERE m.sender = $1 AND NOT m.erased LIMIT $2`, user, forgottenAtOnce)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := tx.EraseMessage(chat.Message{ID: id, Sender: chat.User{ID: user}}, at); err != nil {
			return false, err
		}
	}
	if len(ids) == forgottenAtOnce {
		return true, nil
	}
	for _, text := range []string{
		`UPDATE bin SET member_count = member_count - 1 WHERE no IN (SELECT channel FROM members WHERE user_id = $1)`,
		`DELETE FROM members WHERE user_id = $1 AND channel IN (SELECT no FROM bin)`,
	} {
		if _, err := tx.Change(text, user); err != nil {
			return false, err
		}
	}
	return false, nil
}

// HandOver makes another user the owner of a user's channels.
func HandOver(tx *sqlstore.Tx, user, heir string) error {
	n, err := tx.Change(`UPDATE channels SET created_by = $2 WHERE created_by = $1`, user, heir)
	if err := tx.Noted(n, err); err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE bin SET created_by = $2 WHERE created_by = $1`, user, heir)
	return err
}

// DropUser removes a user permanently and leaves a tombstone. The numbers of its messages stay;
// their sender becomes the ghost user.
func DropUser(tx *sqlstore.Tx, id string, at time.Time) error {
	tx.UserChanged(id)
	if _, found, err := tx.User(chat.GhostID); err != nil || !found {
		if err == nil {
			err = tx.PutUser(chat.User{ID: chat.GhostID, Role: chat.RoleUser, CreatedAt: at, UpdatedAt: at, DeletedAt: at})
		}
		if err != nil {
			return err
		}
	}
	u, _, err := tx.User(id)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO tombstones (id, deleted_at, tokens_after) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET deleted_at = excluded.deleted_at,
		tokens_after = CASE WHEN excluded.tokens_after > tombstones.tokens_after THEN excluded.tokens_after ELSE tombstones.tokens_after END`,
		id, sqlstore.Micros(at), sqlstore.Micros(u.TokensAfter))
	if err != nil {
		return err
	}
	for _, text := range []string{
		`UPDATE messages SET sender = '` + chat.GhostID + `' WHERE sender = $1`,
		// In the back office's log, which is channel 0, other servers look up whose connections to
		// close.
		`UPDATE events SET user_id = '` + chat.GhostID + `' WHERE user_id = $1 AND channel <> 0`,
		`UPDATE announcements SET text = '', attachments = '[]', mentions = '[]' WHERE sender = $1`,
		`UPDATE jobs SET input = '{}' WHERE ended_at <> 0 AND announcement IN (SELECT id FROM announcements WHERE sender = $1)`,
		`UPDATE job_rows SET error = '' WHERE target = $1`,
		`DELETE FROM users WHERE id = $1`,
	} {
		if _, err := tx.Change(text, id); err != nil {
			return err
		}
	}
	return nil
}

// Announcing returns the ids of the jobs that send or edit a user's announcements and haven't ended.
func (s *Store) Announcing(ctx context.Context, user string) ([]string, error) {
	rows, err := s.Query(ctx, `SELECT id FROM jobs WHERE state IN ('RUNNING', 'PAUSED') AND operation IN ('sendAnnouncement', 'editAnnouncement')
		AND announcement IN (SELECT id FROM announcements WHERE sender = $1) ORDER BY id`, user)
	return sqlstore.Collect(rows, err, sqlstore.ScanValue[string])
}

// MessageIDsBy returns ids of the messages that a user sent, in the order of sending.
func (s *Store) MessageIDsBy(ctx context.Context, user string, limit int) ([]string, error) {
	rows, err := s.Query(ctx, `SELECT m.id FROM `+sqlstore.MessageTables+` WHERE m.sender = $1 ORDER BY m.id LIMIT $2`, user, limit)
	return sqlstore.Collect(rows, err, sqlstore.ScanValue[string])
}

// ReactionsBy returns a user's reactions, oldest first.
func (s *Store) ReactionsBy(ctx context.Context, user string, limit int) ([]chat.Reaction, error) {
	rows, err := s.Query(ctx, `SELECT `+sqlstore.ReactionColumns+` FROM reactions r
		JOIN channels c ON c.no = r.channel WHERE r.user_id = $1 ORDER BY r.created_at, r.message, r.type LIMIT $2`, user, limit)
	return sqlstore.Collect(rows, err, sqlstore.ScanReaction)
}
