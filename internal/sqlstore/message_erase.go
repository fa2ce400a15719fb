package sqlstore

import (
	"time"

	"backchannel/internal/chat"
)

// OfMessages are the tables with data that belongs to messages, with the column of the message's
// id. All have the channel's number, too.
var OfMessages = []struct {
	Table, Column string
	said          bool // it is removed together with the message's content
}{
	{"message_versions", "message", true},
	{"reactions", "message", true},
	{"hidden_messages", "message", false},
	{"threads", "parent", false},
	{"flags", "message", false},
}

// ForgetContent removes previous versions of a message and its reactions.
func (tx *Tx) ForgetContent(id string) error { return tx.forget(id, true) }

// forget removes data that belongs to a message; only its content if said is true.
func (tx *Tx) forget(id string, said bool) error {
	for _, of := range OfMessages {
		if said && !of.said {
			continue
		}
		_, err := tx.Change(`DELETE FROM `+of.Table+` WHERE `+of.Column+` = $1
			AND channel = (SELECT channel FROM messages WHERE id = $1)`, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// EraseMessage removes everything of a message except its number, its id and its sender.
func (tx *Tx) EraseMessage(m chat.Message, at time.Time) error {
	if err := tx.forget(m.ID, false); err != nil {
		return err
	}
	tx.Note(chat.ChangeTarget{Kind: chat.MessageTarget, CID: m.CID, UserID: m.Sender.ID, Item: m.ID})
	return tx.setMessage(chat.Message{ID: m.ID, DeletedAt: at, UpdatedAt: at, Erased: true})
}

// RepliesTo returns the replies to a message, without their data in other tables.
func (tx *Tx) RepliesTo(parent string) ([]chat.Message, error) {
	return TxCollect(tx, MessageScanner(), `SELECT `+MessageColumns+` FROM `+MessageTables+`
		WHERE m.parent = $1 AND m.parent <> '' ORDER BY m.seq`, parent)
}
