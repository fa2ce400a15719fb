package job

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid" // as in internal/ledger

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// work is a job and what its rows need.
type work struct {
	job   chat.Job
	input chat.JobInput
	lease sqlstore.Lease
	no    int64 // number of the job's record
}

func (r *Runner) workOn(ctx context.Context, j chat.Job, lease sqlstore.Lease) (w work, err error) {
	w = work{job: j, lease: lease}
	if w.input, err = jobstore.Input(ctx, r.o.Store, j.ID); err != nil {
		return w, err
	}
	if j.Operation == SendAnnouncement {
		a, _, err := jobstore.Announcement(ctx, r.o.Store, j.ID)
		if err != nil {
			return w, err
		}
		w.input.Body = a.Body
	}
	w.no, err = jobstore.ChangeNo(ctx, r.o.Store, j.Change)
	return w, err
}

func (w work) task(row chat.JobRow) chat.Task {
	return chat.Task{Job: w.job.ID, Row: row.No, Owner: w.lease.Owner, Lease: w.lease.Number, Change: w.job.Change, ChangeNo: w.no}
}

// The operations on announcements, as records name them.
const (
	SendAnnouncement   = "sendAnnouncement"
	EditAnnouncement   = "editAnnouncement"
	RecallAnnouncement = "recallAnnouncement"
)

// undoJob is the operation of a job that undoes another's change.
const undoJob = "undo"

// do makes the provider execute a job's operation on one target. It calls the provider's own
// methods, so that the same rules apply as for a request.
func (r *Runner) do(ctx context.Context, w work, row chat.JobRow) error {
	task := w.task(row)
	by := w.job.By
	by.BackOffice = true // otherwise nobody could have started the job
	op := chat.Operation{By: by, Name: w.job.Operation, Task: &task, Undoes: w.input.Undoes}
	cid := sqlstore.SplitCID(row.Target)
	message := MessageID(w.job.Announcement, cid)
	p, in := r.o.Provider, w.input
	switch w.job.Operation {
	case SendAnnouncement:
		_, err := p.SendMessage(ctx, chat.SendMessage{Operation: op, Message: in.Body.Message(cid, message)})
		return err
	case EditAnnouncement:
		task.Message = message
		shown := new(in.Body.Message(cid, message)).ShownAttachments()
		edits := make([]chat.AttachmentEdit, len(shown))
		for i, a := range shown {
			edits[i].Attachment = a
		}
		return p.EditMessage(ctx, chat.EditMessage{Operation: op, CID: cid, ID: message, Text: in.Body.Text, Attachments: &edits, Mentions: &in.Body.Mentions})
	case RecallAnnouncement:
		task.Message = message
		return p.DeleteMessage(ctx, chat.DeleteMessage{Operation: op, CID: cid, ID: message})
	case "deleteChannels":
		return p.DeleteChannels(ctx, chat.DeleteChannels{Operation: op, CIDs: []chat.CID{cid}})
	case "freezeChannel":
		return p.FreezeChannel(ctx, chat.FreezeChannel{Operation: op, CID: cid, Frozen: in.Frozen})
	case "addMembers":
		return p.ChangeMembers(ctx, chat.ChangeMembers{Operation: op, CID: cid, Add: in.Users})
	case "removeMembers":
		return p.ChangeMembers(ctx, chat.ChangeMembers{Operation: op, CID: cid, Remove: in.Users})
	case "setRoles":
		return p.SetRole(ctx, chat.SetRole{Operation: op, UserID: row.Target, Role: in.Role})
	case "banUser", "unbanUser":
		return p.Restrict(ctx, restrict(op, chat.Ban, row.Target, in))
	case "muteUser", "unmuteUser":
		return p.Restrict(ctx, restrict(op, chat.Mute, row.Target, in))
	case undoJob:
		part, err := strconv.ParseInt(row.Target, 10, 64)
		if err != nil {
			return p.Undo(ctx, chat.Undo{Operation: op, CIDs: []chat.CID{cid}, Rename: in.Rename})
		}
		return p.Undo(ctx, chat.Undo{Operation: op, Part: part})
	}
	return fmt.Errorf("a job of an unknown operation: %q", w.job.Operation)
}

func restrict(op chat.Operation, kind chat.RestrictionKind, user string, in chat.JobInput) chat.Restrict {
	return chat.Restrict{Operation: op, Kind: kind, UserID: user, CID: in.CID, Until: in.Until, Reason: in.Reason,
		Lift: op.Name == "unbanUser" || op.Name == "unmuteUser"}
}

// MessageID returns the id of an announcement's message in a channel. It is always the same, so
// that the channel can't get the message twice.
func MessageID(announcement string, cid chat.CID) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(announcement+" "+cid.String())).String()
}
