package chat

// DeleteMode is how thoroughly something is deleted; "" for not at all.
type DeleteMode string

// The modes. Each includes the effects of the one before.
const (
	DeleteSoft    DeleteMode = "soft"    // hidden; it can be restored
	DeletePruning DeleteMode = "pruning" // the content is removed too
	DeleteHard    DeleteMode = "hard"    // removed
)

// GhostID is the id of the user who owns what can't be removed together with a deleted user, such
// as the numbers of its messages.
const GhostID = "deleted-user"
