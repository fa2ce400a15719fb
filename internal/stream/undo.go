package stream

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/ledger"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// Undo implements chat.Provider. The targets must be as the change left them, or as they were
// before it, which may be the result of an undo that failed halfway. It isn't a transaction: after
// a failure a part may be undone, and a repeat does the rest.
func (p *Provider) Undo(ctx context.Context, req chat.Undo) error {
	if err := p.settleJob(ctx, req); err != nil {
		return err
	}
	if begun, err := p.UndoJob(ctx, req); begun || err != nil {
		return err
	}
	if begun, err := p.undoHere(ctx, req); begun || err != nil {
		return err
	}
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		c, err := p.Whole(ctx, req.Operation.Undoes)
		if err != nil {
			return "", err
		}
		if refused := mayUndo(c, req); refused != nil {
			return "", refused
		}
		if req.Part > 0 {
			c.Targets = c.Targets[min(int(req.Part)-1, len(c.Targets)):min(int(req.Part), len(c.Targets))]
		}
		targets, err := p.leftBy(ctx, c, req.Operation.By)
		if err != nil {
			return "", err
		}
		if err := p.intend(ctx, a, nil, targets); err != nil {
			return "", err
		}
		return "", p.putBack(ctx, req.Operation.By, targets)
	})
	return err
}

// settleJob finds out what the job did that made the change to undo, if one did.
func (p *Provider) settleJob(ctx context.Context, req chat.Undo) error {
	if req.Operation.Task != nil {
		return nil
	}
	j, found, err := jobstore.ByChange(ctx, p.store, req.Operation.Undoes)
	if err != nil || !found {
		return err
	}
	return p.settleRows(ctx, j.ID, time.Time{}, time.Now())
}

// undoHere undoes a change of a webhook, which is in our own database. It reports whether the
// change is one.
func (p *Provider) undoHere(ctx context.Context, req chat.Undo) (bool, error) {
	c, err := p.Whole(ctx, req.Operation.Undoes)
	if err != nil || len(c.Targets) == 0 || c.Targets[0].Kind != chat.WebhookTarget {
		return false, err
	}
	_, err = p.changeHere(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		c, _, err := tx.ChangeToUndo(req.Operation.Undoes)
		if err != nil {
			return "", err
		}
		if refused := mayUndo(c, req); refused != nil {
			return "", refused
		}
		_, err = ledger.PutBack(tx, c, req.Part, req.Operation.By, time.Now())
		return "", err
	})
	return true, err
}

func mayUndo(c chat.Change, req chat.Undo) *chat.Error {
	if c.Operation == "deleteChannels" {
		return chat.NoBin()
	}
	return req.Check(c)
}

// leftBy returns the states after an undo, in the form of its record.
func (p *Provider) leftBy(ctx context.Context, c chat.Change, by chat.Actor) ([]chat.ChangeTarget, error) {
	targets := slices.DeleteFunc(slices.Clone(c.Targets), func(t chat.ChangeTarget) bool { return t.Before == t.After })
	if len(targets) == 0 {
		return nil, chat.NothingToPutBack()
	}
	now, err := p.statesOf(ctx, targets)
	if err != nil {
		return nil, err
	}
	for i := range targets {
		t := &targets[i]
		err := c.CheckPutBack(*t, by, now[i].differsSince(*t), func() (last chat.Change, err error) {
			err = p.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
				last, _, err = tx.LastChange(*t, c.Seq)
				return err
			})
			return last, err
		})
		if err != nil {
			return nil, err
		}
		t.Before, t.After = t.After, t.Before
	}
	return targets, nil
}

// differsSince returns the fields in which a thing differs from what a change left, or "*" if it was
// created or removed since. It returns nil for a thing that is as it was before the change.
func (s state) differsSince(t chat.ChangeTarget) []string {
	left := decodeState(t.After)
	switch {
	case s.matches(t, t.After) || s.matches(t, t.Before):
		return nil
	case s == nil || left == nil:
		return []string{"*"}
	}
	return s.differs(left)
}

// putBack restores the states in an undo's record and records events.
func (p *Provider) putBack(ctx context.Context, by chat.Actor, targets []chat.ChangeTarget) error {
	var users []chat.ChangeTarget
	joining, leaving := map[chat.CID]map[string]string{}, map[chat.CID][]string{}
	for _, t := range targets {
		var err error
		switch after := decodeState(t.After); {
		case t.Kind == chat.UserTarget:
			users = append(users, t)
		case t.Kind == chat.MemberTarget && after == nil:
			leaving[t.CID] = append(leaving[t.CID], t.UserID)
		case t.Kind == chat.MemberTarget:
			if joining[t.CID] == nil {
				joining[t.CID] = map[string]string{}
			}
			joining[t.CID][t.UserID] = after.text(roleField)
		case t.Kind == chat.ChannelTarget:
			err = p.putChannelBack(ctx, by, t.CID, after)
		case t.Kind == chat.MessageTarget:
			err = p.putMessageBack(ctx, by, t, after)
		case t.Kind == chat.RestrictionTarget:
			err = p.putBanBack(ctx, by, t, after)
		}
		if err != nil {
			return err
		}
	}
	for cid, ids := range leaving {
		if err := p.removeMembers(ctx, cid, ids); err != nil {
			return err
		}
	}
	for cid, roles := range joining {
		ids := make([]string, 0, len(roles))
		for id := range roles {
			ids = append(ids, id)
		}
		if err := p.changeMembersAs(ctx, cid, "add_members", ids, roles); err != nil {
			return err
		}
	}
	return p.putUsersBack(ctx, users)
}

func (p *Provider) putChannelBack(ctx context.Context, by chat.Actor, cid chat.CID, after state) error {
	set, unset := object{}, []string{}
	for name, v := range after {
		field := name
		if name == avatarField {
			field = imageField
		}
		if name != frozenField && after.text(name) == "" {
			unset = append(unset, field)
			continue
		}
		set[field] = v
	}
	return p.patchChannel(ctx, by, cid, set, unset)
}

func (p *Provider) putMessageBack(ctx context.Context, by chat.Actor, t chat.ChangeTarget, after state) error {
	set := object{}
	for name, v := range after {
		switch name {
		case mentionsField:
			set["mentioned_users"] = streamIDs(after.texts(name))
		case deletedField:
		default:
			set[name] = v
		}
	}
	if _, given := after[deletedField]; given {
		if err := p.beUser(ctx, creator(by)); err != nil {
			return err
		}
		defer p.begins(ctx, []string{messageSubject(t.Item)}, t.CID)()
		w, err := p.writeMessage(ctx, undelete, Request{Path: []string{t.Item}, Body: object{"undeleted_by": creator(by)}}, t.Item,
			func(w wireMessage) bool { return !w.isDeleted() })
		if said(err, codeInput) || said(err, codeDoesNotExist) {
			// It may exist already, restored by an attempt whose answer was lost.
			if now, failed := p.wireMessage(ctx, t.Item); failed == nil && now.deletedAt().IsZero() {
				w, err = now, nil
			}
		}
		if err != nil {
			return err
		}
		p.tellMessageOf(ctx, t.CID, sighting{message: &w, user: by.User()})
	}
	if len(set) == 0 {
		return nil
	}
	return p.patchMessage(ctx, by, t.CID, t.Item, set)
}

// beUser makes a member of the back office, given by Stream's id, a chat user: only chat users may
// undelete at Stream.
func (p *Provider) beUser(ctx context.Context, id string) error {
	known, err := p.usersByID(ctx, []string{OurID(id)})
	if _, exists := known[OurID(id)]; err != nil || exists {
		return err
	}
	return p.writeUsers(ctx, upsertUsers, []userWrite{{id: OurID(id)}}, nil)
}

func (p *Provider) putBanBack(ctx context.Context, by chat.Actor, t chat.ChangeTarget, after state) error {
	req := chat.Restrict{Operation: chat.Operation{By: by}, Kind: chat.Ban, UserID: t.UserID, CID: t.CID, Lift: after == nil, Reason: after.text(reasonField)}
	if after != nil {
		req.Operation.By = chat.Actor{ID: cmp.Or(after.text(madeByField), by.ID), BackOffice: true}
		if end := after.text(untilField); end != "" {
			until, err := time.Parse(time.RFC3339, end)
			if err != nil {
				return fmt.Errorf("reading a record: %w", err)
			}
			if !until.After(time.Now()) {
				return nil // it has ended by now
			}
			req.Until = until
		}
	}
	known, err := p.usersByID(ctx, []string{t.UserID})
	if err != nil {
		return err
	}
	return p.restrict(ctx, req, known[t.UserID])
}

// putUsersBack restores the names and roles of users.
func (p *Provider) putUsersBack(ctx context.Context, targets []chat.ChangeTarget) error {
	if len(targets) == 0 {
		return nil
	}
	ids, writes := make([]string, len(targets)), make([]userWrite, len(targets))
	for i, t := range targets {
		after := decodeState(t.After)
		_, named := after[userNameField]
		ids[i] = t.UserID
		writes[i] = userWrite{id: t.UserID, name: after.text(userNameField), role: after.text(roleField)}
		writes[i].nameless = named && writes[i].name == ""
	}
	for some := range slices.Chunk(writes, UsersAtOnce) {
		if err := p.writeUsers(ctx, updateUsers, some, nil); err != nil {
			return err
		}
	}
	known, err := p.usersByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, w := range writes {
		if w.role != "" {
			p.tellRoles(ctx, known, []string{w.id}, p.user(known[w.id]).Role)
		}
	}
	return nil
}
