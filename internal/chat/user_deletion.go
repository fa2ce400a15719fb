package chat

// DeleteMode is how thoroughly something is deleted; "" for not at all.
type DeleteMode string

// The modes. Each also does what the one before does.
const (
	DeleteSoft    DeleteMode = "soft"    // hidden; it can be restored
	DeletePruning DeleteMode = "pruning" // what it says is gone too
	DeleteHard    DeleteMode = "hard"    // gone
)

// GhostID is the user who owns what can't be removed with a deleted user, such as the
// numbers of its messages.
const GhostID = "deleted-user"
