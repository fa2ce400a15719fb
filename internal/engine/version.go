package engine

import (
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// checkVersion says that a thing isn't as the caller has seen it, and who changed it last.
// The version is that of the thing as it is now; the field is the input's that has the wanted
// one.
func (e *Effects) checkVersion(tx *sqlstore.Tx, by chat.Actor, want *string, field, version string, about chat.ChangeTarget) error {
	if want == nil || *want == version {
		return nil
	}
	last, _, err := tx.LastChange(about, 0)
	if err != nil {
		return err
	}
	return chat.ChangedUnseen(about, by, last, field)
}
