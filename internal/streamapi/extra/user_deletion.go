package extra

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
	"backchannel/internal/streamapi/store"
)

// The kinds of operations that are finished here after a crash.
const (
	restoringMessages = "restoreMessages"
	deletingUsers     = "deleteUsers"
)

// DeactivateUsers keeps users from using the chat until they are reactivated, and returns those
// that exist. If messages is true, it deletes their messages.
func (e *Engine) DeactivateUsers(ctx context.Context, ids []string, by chat.Actor, messages bool) (map[string]any, error) {
	return e.eachUser(ctx, ids, func(_ *sqlstore.Tx, u *chat.User) error {
		if !u.DeactivatedAt.IsZero() {
			return chat.Invalid("user_id", "The user %q is deactivated already.", u.ID)
		}
		u.DeactivatedAt = e.now()
		return nil
	}, func(tx *sqlstore.Tx, found []string) (rest jobstore.Unfinished, err error) {
		if messages {
			rest, err = e.LeaveMessages(tx, engine.MessageDeletion{By: by, Users: found, Mode: chat.DeleteSoft, Before: e.now()})
		}
		return rest, err
	})
}

// restoration is what is left of a reactivation: the messages that the deactivation deleted.
type restoration struct {
	By    chat.Actor
	Since map[string]time.Time // when each user was deactivated
}

// ReactivateUsers lets deactivated users use the chat again. If messages is true, it restores the
// messages that their deactivation deleted. Unless name is nil, it becomes their name.
func (e *Engine) ReactivateUsers(ctx context.Context, ids []string, by chat.Actor, messages bool, name *string) (map[string]any, error) {
	since := map[string]time.Time{}
	return e.eachUser(ctx, ids, func(_ *sqlstore.Tx, u *chat.User) error {
		if u.DeactivatedAt.IsZero() {
			return chat.Invalid("user_id", "The user %q is not deactivated.", u.ID)
		}
		since[u.ID] = u.DeactivatedAt
		u.DeactivatedAt = time.Time{}
		if name != nil {
			u.Name = *name
		}
		return nil
	}, func(tx *sqlstore.Tx, found []string) (rest jobstore.Unfinished, err error) {
		maps.DeleteFunc(since, func(id string, _ time.Time) bool { return !slices.Contains(found, id) })
		if messages {
			rest, err = e.Leave(tx, restoringMessages, restoration{by, since})
		}
		return rest, err
	})
}

func (e *Engine) finishRestoration(ctx context.Context, u jobstore.Unfinished) error {
	var r restoration
	if err := json.Unmarshal([]byte(u.Input), &r); err != nil {
		return fmt.Errorf("reading a reactivation: %w", err)
	}
	for _, user := range slices.Sorted(maps.Keys(r.Since)) {
		since := r.Since[user]
		err := e.EachMessageBy(ctx, user, chat.CID{}, func(tx *sqlstore.Tx, m chat.Message) error {
			if m.DeletedAt.Before(since) || m.DeletedBy != e.ActorOf(r.By, m) {
				return nil
			}
			err := e.undelete(tx, m, r.By)
			if chat.CodeOf(err) == chat.InvalidArguments { // the content is gone
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// RestoreUsers restores soft-deleted users, without the data that was deleted with them. NotFound:
// one of them doesn't exist or isn't deleted.
func (e *Engine) RestoreUsers(ctx context.Context, ids []string) error {
	return e.ChangeUsers(ctx, chat.ChangeUsers{IDs: ids, Deleted: true, Change: func(_ int, u *chat.User) error {
		if u.DeletedAt.IsZero() || u.ID == chat.GhostID {
			return chat.Missing("user_ids", "There is no deleted user %q.", u.ID)
		}
		u.DeletedAt = time.Time{}
		return nil
	}})
}

// DeleteUsers deletes users and the parts of their data that d selects. It first keeps the users
// from using the chat and then deletes their data.
func (e *Engine) DeleteUsers(ctx context.Context, d store.UserDeletion) (map[string]any, error) {
	if bad := d.Check(); bad != nil {
		return nil, bad
	}
	if d.NewOwner != "" {
		if owner, err := e.UsersByID(ctx, []string{d.NewOwner}); err != nil {
			return nil, err
		} else if _, known := owner[d.NewOwner]; !known {
			return nil, chat.Invalid("new_channel_owner_id", "There is no chat user %q.", d.NewOwner)
		}
	}
	return e.eachUser(ctx, d.IDs, func(_ *sqlstore.Tx, u *chat.User) error {
		if u.ID == chat.GhostID {
			return chat.Invalid("user_ids", "The user %q stands for deleted ones.", u.ID)
		}
		if u.DeletedAt.IsZero() {
			u.DeletedAt = e.now()
		}
		if d.User != chat.DeleteSoft {
			u.Name, u.Custom, u.UserExtra = "", nil, chat.UserExtra{}
		}
		return nil
	}, func(tx *sqlstore.Tx, found []string) (jobstore.Unfinished, error) {
		d.IDs = found
		return e.Leave(tx, deletingUsers, d)
	})
}

func (e *Engine) finishUsers(ctx context.Context, u jobstore.Unfinished) error {
	var d store.UserDeletion
	if err := json.Unmarshal([]byte(u.Input), &d); err != nil {
		return fmt.Errorf("reading a deletion of users: %w", err)
	}
	for _, id := range d.IDs {
		if d.User != chat.DeleteSoft {
			if err := e.stopAnnouncing(ctx, id); err != nil {
				return err
			}
		}
		if err := e.DeleteMessagesBy(ctx, engine.MessageDeletion{Mode: d.Messages}, id); err != nil {
			return err
		}
		if d.User != chat.DeleteSoft {
			if err := e.forgetInBin(ctx, id); err != nil {
				return err
			}
		}
		if err := e.deleteRest(ctx, d, id); err != nil {
			return err
		}
	}
	return nil
}

// stopAnnouncing stops the jobs that send or edit a user's announcements, so that no more of the
// user's words are posted.
func (e *Engine) stopAnnouncing(ctx context.Context, user string) error {
	jobs, err := e.store.Announcing(ctx, user)
	for _, id := range jobs {
		if err != nil {
			break
		}
		_, err = e.MoveJob(ctx, chat.MoveJob{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, ID: id, Move: chat.StopJob})
		if chat.CodeOf(err) == chat.Conflict { // it has ended
			err = nil
		}
	}
	return err
}

// forgetInBin erases a user's data and messages in the channels of the bin.
func (e *Engine) forgetInBin(ctx context.Context, user string) error {
	for more := true; more; {
		err := e.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			more, err = store.ForgetInBin(tx, user, e.now())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) deleteRest(ctx context.Context, d store.UserDeletion, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if d.Conversations != "" {
			pairs, err := store.ChannelsOf(tx, id, true)
			if err != nil {
				return err
			}
			dropped, err := e.DropChannels(tx, chat.Actor{BackOffice: true}, pairs)
			if err != nil {
				return err
			}
			for _, c := range dropped {
				if d.Conversations == chat.DeleteHard {
					if _, err := tx.StartErasing(c.No); err != nil {
						return err
					}
				}
			}
		}
		if err := e.leaveAll(tx, id); err != nil {
			return err
		}
		heir := d.NewOwner
		if heir == "" && d.User == chat.DeleteHard {
			heir = chat.GhostID
		}
		if heir != "" {
			if err := store.HandOver(tx, id, heir); err != nil {
				return err
			}
		}
		if d.User == chat.DeleteSoft {
			return nil
		}
		if err := store.ForgetUser(tx, id); err != nil || d.User != chat.DeleteHard {
			return err
		}
		return store.DropUser(tx, id, e.now())
	})
}

// leaveAll removes a user from all channels.
func (e *Engine) leaveAll(tx *sqlstore.Tx, id string) error {
	cids, err := store.ChannelsOf(tx, id, false)
	if err != nil {
		return err
	}
	for _, cid := range cids {
		if err := e.RemoveMembers(tx, cid, id); err != nil {
			return err
		}
	}
	return nil
}

// eachUser applies change to the users that exist, and returns a line for each id. A user is left
// unchanged if change refuses it. For those that were changed, leave says what is left to do after
// the transaction, zero for nothing.
func (e *Engine) eachUser(ctx context.Context, ids []string, change func(tx *sqlstore.Tx, u *chat.User) error,
	leave func(tx *sqlstore.Tx, found []string) (jobstore.Unfinished, error)) (result map[string]any, err error) {
	if bad := store.CheckUserIDs(ids); bad != nil {
		return nil, bad
	}
	var rest jobstore.Unfinished
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		var found []string
		result, rest = map[string]any{}, jobstore.Unfinished{}
		held, err := tx.HoldUsers(ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			old, known := held[id]
			if !known {
				result[id] = map[string]any{"status": "error", "error": "user not found"}
				continue
			}
			u := old
			if refused := change(tx, &u); refused != nil {
				result[id] = map[string]any{"status": "error", "error": chat.MessageOf(refused)}
				continue
			}
			if err := e.StoreUser(tx, old, u); err != nil {
				return err
			}
			result[id] = map[string]any{"status": "ok"}
			found = append(found, u.ID)
		}
		if len(found) > 0 {
			rest, err = leave(tx, found)
		}
		return err
	})
	if err == nil && rest.ID != "" {
		err = e.Finish(ctx, rest)
	}
	return result, err
}

// AsTask stores the result of finished work as a task and returns its id.
func (e *Engine) AsTask(ctx context.Context, result map[string]any) (id string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		id, err = e.finish(tx, result)
		return err
	})
	return id, err
}

// maxExport is the maximum number of messages, and of reactions, in a user's export.
const maxExport = 10_000

// ExportUser returns a user's messages and reactions. InvalidArguments: there are more than an
// export may contain.
func (e *Engine) ExportUser(ctx context.Context, id string) ([]chat.Message, []chat.Reaction, error) {
	ids, err := e.store.MessageIDsBy(ctx, id, maxExport+1)
	if err != nil {
		return nil, nil, err
	}
	reactions, err := e.store.ReactionsBy(ctx, id, maxExport+1)
	if err != nil {
		return nil, nil, err
	}
	if len(ids) > maxExport || len(reactions) > maxExport {
		return nil, nil, chat.Invalid("user_id", "An export has at most %d messages and %d reactions.", maxExport, maxExport)
	}
	found, err := e.MessagesByID(ctx, ids, id)
	if err != nil {
		return nil, nil, err
	}
	messages := make([]chat.Message, 0, len(found))
	for _, one := range ids {
		if m, ok := found[one]; ok {
			messages = append(messages, m)
		}
	}
	return messages, reactions, nil
}

// Unread returns how much each user hasn't read, by user.
func (e *Engine) Unread(ctx context.Context, users []string) (map[string][]store.Unread, error) {
	return e.store.Unread(ctx, users)
}
