package sqlstore

import (
	"time"

	"backchannel/internal/chat"
)

// ofMessages are the tables with what belongs to messages, by the column that has the
// message's id. All have the channel's number, too.
var ofMessages = []struct {
	table, column string
	said          bool // it goes when what the message says is forgotten
}{
	{"message_versions", "message", true},
	{"reactions", "message", true},
	{"hidden_messages", "message", false},
	{"threads", "parent", false},
	{"flags", "message", false},
}

// ForgetContent removes what a message said before, and the reactions to it.
func (tx *Tx) ForgetContent(id string) error { return tx.forget(id, true) }

// forget removes what belongs to a message; only what was said, if that is asked.
func (tx *Tx) forget(id string, said bool) error {
	for _, of := range ofMessages {
		if said && !of.said {
			continue
		}
		_, err := tx.change(`DELETE FROM `+of.table+` WHERE `+of.column+` = $1
			AND channel = (SELECT channel FROM messages WHERE id = $1)`, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// EraseMessage leaves nothing of a message but its number, its id and its sender.
func (tx *Tx) EraseMessage(m chat.Message, at time.Time) error {
	if err := tx.forget(m.ID, false); err != nil {
		return err
	}
	return tx.SetMessage(chat.Message{ID: m.ID, DeletedAt: at, UpdatedAt: at, Erased: true})
}

// RepliesTo returns the replies to a message, without what other tables have of
// them.
func (tx *Tx) RepliesTo(parent string) ([]chat.Message, error) {
	return txCollect(tx, messageScanner(), `SELECT `+messageColumns+` FROM `+messageTables+`
		WHERE m.parent = $1 AND m.parent <> '' ORDER BY m.seq`, parent)
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
