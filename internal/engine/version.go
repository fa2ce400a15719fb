package engine

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// checkVersion says that a thing isn't as the caller has seen it, and who changed it last.
// The version is that of the thing as it is now.
func (e *Effects) checkVersion(tx *sqlstore.Tx, by chat.Actor, want *string, version string, about chat.ChangeTarget) error {
	if want == nil || *want == version {
		return nil
	}
	last, found, err := tx.LastChange(about, 0)
	if err != nil {
		return err
	}
	ofSender := about.Kind == chat.MessageTarget && !by.BackOffice && by.ID == about.UserID // who isn't told who moderates
	if !found || ofSender {
		return conflict("ifVersion", "Since you read it, %s was changed. Read it again.", about)
	}
	refused := conflict("ifVersion", "Since you read it, %s was changed. Its last recorded change: %s by %q at %s, the change %s. Read it again.",
		about, last.Operation, last.By, last.At.UTC().Format(time.RFC3339), last.ID)
	refused.Change = last.ID
	return refused
}
