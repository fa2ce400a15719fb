package ledger

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// PutBack restores the previous state of the targets of a change in our own database, or of the one
// with the number part, unless that is 0. It returns them. If one can't be restored, none is.
func PutBack(tx *sqlstore.Tx, c chat.Change, part int64, by chat.Actor, at time.Time) ([]sqlstore.Made, error) {
	list, err := tx.MadeBy(c.Seq, part)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, chat.NothingToPutBack()
	}
	for i := range list {
		m := &list[i]
		differ, err := tx.Differs(m)
		if err == nil {
			err = c.CheckPutBack(m.ChangeTarget, by, differ, func() (chat.Change, error) {
				last, _, err := tx.LastChange(m.ChangeTarget, c.Seq)
				return last, err
			})
		}
		if err != nil {
			return nil, err
		}
	}
	for _, m := range list {
		if err := tx.PutBack(m, at); err != nil {
			return nil, err
		}
	}
	return list, nil
}
