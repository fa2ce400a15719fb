package chat

// DeleteMode is how thoroughly something is deleted; "" for not at all.
type DeleteMode string

// The modes. Each also does what the one before does.
const (
	DeleteSoft    DeleteMode = "soft"    // hidden; it can be restored
	DeletePruning DeleteMode = "pruning" // what it says is gone too
	DeleteHard    DeleteMode = "hard"    // gone
)

// MaxUsersAtOnce is how many users one call deletes, deactivates, or brings back.
const MaxUsersAtOnce = 100

// GhostID is the user who owns what can't be removed with a deleted user, such as the
// numbers of its messages.
const GhostID = "deleted-user"

// UserDeletion says what to delete of users.
type UserDeletion struct {
	IDs           []string
	User          DeleteMode
	Messages      DeleteMode
	Conversations DeleteMode // channels of two, the user being one
	NewOwner      string     // of the users' channels; GhostID if "" and the users are deleted permanently
}

// Check says what is wrong with a deletion, or nil.
func (d UserDeletion) Check() *Error {
	if bad := CheckUserIDs(d.IDs); bad != nil {
		return bad
	}
	if d.User == DeleteHard && (d.Messages != DeleteHard || d.Conversations != DeleteHard) {
		return Invalid("user", "Users can only be deleted hard together with their messages and conversations.")
	}
	if d.Conversations == DeletePruning {
		return Invalid("conversations", `conversations is "soft" or "hard".`)
	}
	return nil
}

// CheckUserIDs says what is wrong with a list of user ids, or nil.
func CheckUserIDs(ids []string) *Error {
	if len(ids) == 0 || len(ids) > MaxUsersAtOnce {
		return Invalid("user_ids", "user_ids must have 1 to %d users.", MaxUsersAtOnce)
	}
	for _, id := range ids {
		if bad := CheckUserID(id); bad != nil {
			return bad
		}
	}
	return nil
}
