package engine

import (
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// checkVersion returns an error if a thing doesn't have the version that the caller wants, with the
// last change of it. version is the thing's current version; field is the input field with the
// wanted one.
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
