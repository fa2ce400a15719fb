package stream

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"backchannel/internal/chat"
)

// SendMessage implements chat.Provider. We choose the message's id, so that Stream refuses a
// repetition.
func (p *Provider) SendMessage(ctx context.Context, req chat.SendMessage) (string, error) {
	return p.carryOutOnce(ctx, req.Operation, req, func(ctx context.Context, a attempt) (string, error) {
		if req.Message.ID != "" {
			a.token = req.Message.ID
		}
		if a.again {
			w, sent, err := p.wasSent(ctx, a.token, req)
			if sent {
				p.tellMessageOf(ctx, req.Message.CID, sighting{message: &w})
			}
			if err != nil || sent {
				return a.token, err
			}
		}
		if err := checkAttachments(req.Message.Attachments, nil); err != nil {
			return "", err
		}
		unnamed, err := p.checkSend(ctx, &req)
		if err != nil {
			return "", err
		}
		answer, err := p.writeMessage(ctx, sendMessage, Request{
			Path: []string{string(req.Message.CID.Type), req.Message.CID.ID},
			Body: object{"message": object{
				"id": a.token, "text": req.Message.Text, "user_id": StreamID(req.Message.Sender.ID),
				"attachments": append([]json.RawMessage{}, req.Message.Attachments...), "mentioned_users": streamIDs(chat.IDs(req.Message.Mentions)),
			}},
		}, a.token, nil)
		if err == nil {
			err = answer.refusal("")
		}
		if said(err, codeTooLong) {
			err = inField(err, "text")
		}
		if said(err, codeInput) || lost(err) {
			// Stream has the id, or no answer told of the message: an attempt may have sent it.
			switch w, sent, failed := p.wasSent(ctx, a.token, req); {
			case sent:
				answer, err = w, nil
			case failed != nil && !lost(err):
				err = failed
			}
		}
		if said(err, codeDoesNotExist) {
			err = chat.NoChannel("cid")
		}
		if err != nil {
			return "", err
		}
		if unnamed {
			p.nameUser(ctx, sender(req))
			answer.User.Name = cmp.Or(answer.User.Name, req.Message.Sender.Name)
		}
		p.tellMessageOf(ctx, req.Message.CID, sighting{message: &answer})
		return a.token, nil
	})
}

// tellMessageOf records in a channel's log what happened to a message.
func (p *Provider) tellMessageOf(ctx context.Context, cid chat.CID, s sighting) {
	if s.message.ID != "" {
		p.tellOwn(ctx, told{cid: cid, seen: []sighting{s}})
	}
}

// wasSent looks for a message with an id that only this change knows.
func (p *Provider) wasSent(ctx context.Context, id string, req chat.SendMessage) (w wireMessage, sent bool, err error) {
	w, err = p.wireMessage(ctx, id)
	switch {
	case said(err, codeDoesNotExist):
		return w, false, nil
	case err != nil:
		return w, false, err
	}
	return w, w.CID == req.Message.CID.String() && w.User.ID == req.Message.Sender.ID && w.refusal("") == nil, nil
}

// writeMessage makes a call that changes a message, and returns the changed message, or the one with
// which Stream refuses to post it. shows reports whether an answer has the change; nil if any does.
func (p *Provider) writeMessage(ctx context.Context, call Call, in Request, id string, shows func(wireMessage) bool) (wireMessage, error) {
	var answer struct {
		Message  wireMessage `json:"message"`
		Reaction struct {
			UpdatedAt moment `json:"updated_at"`
		} `json:"reaction"`
	}
	in.About = func() bool {
		m := answer.Message
		return m.refusal("") != nil || m.ID == id && m.whole() && (shows == nil || shows(m))
	}
	err := p.client.Do(ctx, call, in, &answer)
	answer.Message.reactedAt = answer.Reaction.UpdatedAt.Time
	if err == nil && answer.Message.refusal("") == nil {
		p.openings.keepMessage(answer.Message)
	}
	return answer.Message, err
}

// checkSend checks what Stream doesn't, removes mentions that the actor may not make, and reports
// whether the sender must be given a name afterwards.
func (p *Provider) checkSend(ctx context.Context, req *chat.SendMessage) (unnamed bool, err error) {
	by, cid, from := req.Operation.By, req.Message.CID, req.Message.Sender.ID
	mentions := chat.IDs(req.Message.Mentions)
	if err := checkUserIDs("", from); err != nil {
		return false, err
	}
	q, err := aboutMentions(by, mentions)
	if err != nil {
		return false, err
	}
	if _, named := p.named.Get(from); !named || len(mentions) > 0 {
		q.users = append(q.users, from)
	}
	var v view
	if command := strings.HasPrefix(firstWord(req.Message.Text), "/"); !by.BackOffice || command {
		v, err = p.allowed(ctx, by, cid, "cid", p.policy.MayWrite, q)
	} else {
		v.users, err = p.usersByID(ctx, q.users)
	}
	if err != nil {
		return false, err
	}
	if err := v.channel.checkCommand(req.Message.Text); err != nil {
		return false, err
	}
	mentions = v.mentionable(by, mentions)
	if err := checkUserIDs("mentions", mentions...); err != nil {
		return false, err
	}
	if unknown := unknownUsers(mentions, v.users); len(unknown) > 0 {
		return false, chat.UnknownUsers("mentions", unknown)
	}
	req.Message.Mentions = chat.Users(mentions)
	if !slices.Contains(q.users, from) || v.users[from].Name != "" {
		p.named.Add(from, struct{}{})
		return false, nil
	}
	if !v.Exists { // Stream may create the sender as a user before it notices that there is no channel
		_, v.Exists, err = p.channel(ctx, cid)
	}
	if err == nil && !v.Exists {
		err = chat.NoChannel("cid")
	}
	return true, err
}

// aboutMentions returns what to ask about users whom the actor mentions.
func aboutMentions(by chat.Actor, ids []string) (q question, err error) {
	q.users = slices.Clone(ids)
	if by.BackOffice {
		return q, checkUserIDs("mentions", ids...)
	}
	q.members = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !possible(id) })
	return q, nil
}

// mentionable returns the users that the actor may mention: for a plain user, members of the
// channel. An error would tell the user who is in the chat.
func (v view) mentionable(by chat.Actor, ids []string) []string {
	if by.BackOffice || v.Moderates() {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !v.members[id] })
}

// sender returns the author of a message that readers see.
func sender(req chat.SendMessage) chat.Actor {
	return chat.Actor{ID: req.Message.Sender.ID, Name: req.Message.Sender.Name}
}

// EditMessage implements chat.Provider.
func (p *Provider) EditMessage(ctx context.Context, req chat.EditMessage) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		var q question
		if req.Mentions != nil {
			var bad error
			if q, bad = aboutMentions(req.Operation.By, *req.Mentions); bad != nil {
				return "", bad
			}
		}
		w, v, err := p.messageToChange(ctx, req.Operation.By, req.CID, req.ID, p.policy.MayWrite, q)
		if err == nil && !w.deletedAt().IsZero() {
			err = noMessage()
		}
		if err != nil {
			return "", err
		}
		set, invalid := edited(req, w, v)
		if err := cmp.Or(p.checkMessageVersion(ctx, a, req.Operation, w, set), invalid); err != nil {
			return "", err
		}
		if err := p.beginMessage(ctx, a, req.Operation.By, w, set); err != nil || len(set) == 0 {
			return "", err
		}
		return "", p.patchMessage(ctx, req.Operation.By, req.CID, req.ID, set)
	})
	return err
}

// beginMessage stores the intended change of a message, unless it is the customer's own message.
func (p *Provider) beginMessage(ctx context.Context, a attempt, by chat.Actor, w wireMessage, set object) error {
	if a.entry == nil || w.User.ID == by.ID && !by.BackOffice {
		return nil
	}
	return p.intend(ctx, a, []state{w.state()}, []chat.ChangeTarget{became(w.target(), w.state(), w.stateWith(set))})
}

// target returns the message as a record's target.
func (w wireMessage) target() chat.ChangeTarget {
	cid, _ := chat.ParseAnyCID(w.CID)
	return chat.ChangeTarget{Kind: chat.MessageTarget, CID: cid, UserID: w.User.ID, Item: w.ID}
}

// stateWith returns the message's state after setting some of Stream's fields.
func (w wireMessage) stateWith(set object) state {
	fields := object{}
	for name, v := range set {
		fields[messageFields[name]] = v
	}
	if ids, given := set["mentioned_users"].([]string); given {
		ours := make([]string, len(ids))
		for i, id := range ids {
			ours[i] = OurID(id)
		}
		fields[mentionsField] = ours
	}
	return w.state().with(fields)
}

// messageFields are the names of Stream's fields of a message in records.
var messageFields = map[string]string{"text": textField, "attachments": attachmentsField, "mentioned_users": mentionsField, "pinned": pinnedField, "deleted": deletedField}

// edited validates an edit and returns the fields to set. Omitted fields aren't sent, so that
// Stream keeps them.
func edited(req chat.EditMessage, w wireMessage, v view) (object, error) {
	after, bad := req.Apply(w.Attachments, w.mentioned())
	if bad != nil {
		return nil, bad
	}
	set := object{}
	if !asShown(req.Text, w.Text) {
		set["text"] = req.Text
	}
	if req.Attachments != nil {
		if err := checkAttachments(after.Attachments, w.Attachments); err != nil {
			return nil, err
		}
		set["attachments"] = append([]json.RawMessage{}, after.Attachments...)
	}
	if req.Mentions != nil {
		mentioned := v.mentionable(req.Operation.By, after.Mentioned)
		after.Mentions = slices.DeleteFunc(slices.Clone(after.Mentions), func(id string) bool {
			return slices.Contains(after.Mentioned, id) && !slices.Contains(mentioned, id)
		})
		after.Mentioned = mentioned
		if err := checkUserIDs("mentions", after.Mentioned...); err != nil {
			return nil, err
		}
		if unknown := unknownUsers(after.Mentioned, v.users); len(unknown) > 0 {
			return nil, chat.UnknownUsers("mentions", unknown)
		}
		set["mentioned_users"] = streamIDs(after.Mentions)
	}
	return set, v.channel.checkCommand(req.Text)
}

// DeleteMessage implements chat.Provider.
func (p *Provider) DeleteMessage(ctx context.Context, req chat.DeleteMessage) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		w, _, err := p.messageToChange(ctx, req.Operation.By, req.CID, req.ID, p.policy.MayRead, question{})
		if t := req.Operation.Task; t != nil && t.Message == req.ID && chat.CodeOf(err) == chat.NotFound {
			return "", p.neverSent(ctx, req.CID)
		}
		set := object{"deleted": true}
		if err == nil {
			err = p.checkMessageVersion(ctx, a, req.Operation, w, set)
		}
		if err == nil {
			err = p.beginMessage(ctx, a, req.Operation.By, w, set)
		}
		if err != nil || !w.deletedAt().IsZero() {
			return "", err
		}
		defer p.begins(ctx, []string{messageSubject(req.ID)}, req.CID)()
		w, err = p.writeMessage(ctx, deleteMessage, Request{Path: []string{req.ID}}, req.ID, wireMessage.isDeleted)
		if said(err, codeDoesNotExist) {
			// An attempt whose answer was lost, or another caller, has deleted it.
			if _, still := p.existingMessage(ctx, req.Operation.By, req.CID, req.ID); chat.CodeOf(still) == chat.NotFound {
				err = nil
			}
		}
		if err == nil {
			p.tellMessageOf(ctx, req.CID, sighting{message: &w, user: req.Operation.By.User()})
		}
		return "", err
	})
	return err
}

// neverSent is the outcome of recalling an announcement's message that isn't there: sending it had begun,
// and was stopped. The channel must exist.
func (p *Provider) neverSent(ctx context.Context, cid chat.CID) error {
	_, found, err := p.channel(ctx, cid)
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	return err
}

// PinMessage implements chat.Provider.
func (p *Provider) PinMessage(ctx context.Context, req chat.PinMessage) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		if err := p.allow(ctx, req.Operation.By, req.CID, "cid", p.policy.MayModerate); err != nil {
			return "", err
		}
		w, err := p.existingMessage(ctx, req.Operation.By, req.CID, req.ID)
		set := object{"pinned": req.Pinned}
		if err == nil {
			err = p.checkMessageVersion(ctx, a, req.Operation, w, set)
		}
		if err == nil && len(w.Visibility) > 0 && req.Pinned && !w.Pinned {
			err = chat.Invalid("message", "A message for some users only can't be pinned, which would show it to all.")
		}
		if err == nil {
			err = p.beginMessage(ctx, a, chat.Actor{BackOffice: true}, w, set) // pinning is always a moderator's action
		}
		if err != nil || w.Pinned == req.Pinned {
			return "", err
		}
		return "", p.patchMessage(ctx, req.Operation.By, req.CID, req.ID, set)
	})
	return err
}

// React implements chat.Provider.
func (p *Provider) React(ctx context.Context, req chat.React) error {
	by := req.Operation.By
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, _ attempt) (string, error) {
		v, err := p.allowed(ctx, by, req.CID, "cid", p.policy.MayWrite, question{users: []string{by.ID}})
		if err != nil {
			return "", err
		}
		w, err := p.existingMessage(ctx, req.Operation.By, req.CID, req.MessageID)
		if err != nil {
			return "", err
		}
		if req.Remove {
			defer p.begins(ctx, []string{messageSubject(req.MessageID)}, req.CID)()
			w, err := p.writeMessage(ctx, deleteReaction, Request{
				Path: []string{req.MessageID, req.Type}, Query: map[string][]string{"user_id": {StreamID(by.ID)}}}, req.MessageID, nil)
			if err == nil {
				p.tellMessageOf(ctx, req.CID, sighting{kind: chat.ReactionDeleted, message: &w, user: by.User(), detail: req.Type})
			}
			return "", missingIsNone(err)
		}
		if err := p.checkReactionRoom(ctx, w, by.ID, req.Type); err != nil {
			return "", err
		}
		defer p.begins(ctx, []string{messageSubject(req.MessageID)}, req.CID)()
		w, err = p.writeMessage(ctx, sendReaction, Request{
			Path: []string{req.MessageID}, Body: object{"reaction": object{"type": req.Type, "user_id": StreamID(by.ID)}}}, req.MessageID, nil)
		if err == nil && v.users[by.ID].Name == "" {
			p.nameUser(ctx, by)
		}
		if err == nil {
			p.tellMessageOf(ctx, req.CID, sighting{kind: chat.ReactionNew, message: &w, user: by.User(), detail: req.Type, at: w.reactedAt})
		}
		return "", err
	})
	return err
}

// checkReactionRoom returns an error if a message has no room for a user's reaction of a type. It
// asks Stream only if the message has many types.
func (p *Provider) checkReactionRoom(ctx context.Context, w wireMessage, user, word string) error {
	var own struct {
		Reactions []struct {
			Type string `json:"type"`
		} `json:"reactions"`
	}
	if len(w.Reactions) >= chat.MaxReactionsOfUser {
		err := p.client.Do(ctx, queryReactions, Request{Path: []string{w.ID},
			Body: object{"filter": object{"user_id": StreamID(user)}, "limit": chat.MaxReactionTypes}}, &own)
		if err != nil {
			return err
		}
	}
	for _, r := range own.Reactions {
		if r.Type == word {
			return nil
		}
	}
	if full := chat.CheckReactionRoom(len(own.Reactions), len(w.Reactions), w.Reactions[word] > 0); full != nil {
		return full
	}
	return nil
}

// patchMessage sets fields of a message. What Stream has added for links in the text doesn't
// change.
func (p *Provider) patchMessage(ctx context.Context, by chat.Actor, cid chat.CID, id string, set object) error {
	body := object{"set": set, "unset": []string{}, "user_id": creator(by), "skip_enrich_url": true}
	defer p.begins(ctx, []string{messageSubject(id)}, cid)()
	want := stateOf(set)
	w, err := p.writeMessage(ctx, updateMessage, Request{Path: []string{id}, Body: body}, id, func(w wireMessage) bool {
		return want[pinnedField] == nil || want.flag(pinnedField) == w.Pinned
	})
	switch {
	case said(err, codeDoesNotExist):
		return noMessage()
	case said(err, codeTooLong):
		return inField(err, "text")
	case err != nil:
		return err
	}
	if refused := w.refusal(""); refused != nil {
		return refused
	}
	p.tellMessageOf(ctx, cid, sighting{message: &w, user: by.User()})
	return nil
}

// messageToChange returns a message that the actor may change: as its sender if the rule allows it,
// or as a moderator. It also returns what was read for that.
func (p *Provider) messageToChange(ctx context.Context, by chat.Actor, cid chat.CID, id string, r chat.Rule, q question) (wireMessage, view, error) {
	w, err := p.messageFor(ctx, by, cid, id)
	if err != nil && chat.CodeOf(err) != chat.NotFound {
		return w, view{}, err
	}
	if err != nil || w.User.ID != by.ID {
		r = p.policy.MayModerate
	}
	v, refused := p.allowed(ctx, by, cid, "cid", r, q)
	if refused != nil {
		return w, v, refused
	}
	return w, v, err
}

// existingMessage returns a message that isn't deleted.
func (p *Provider) existingMessage(ctx context.Context, by chat.Actor, cid chat.CID, id string) (wireMessage, error) {
	w, err := p.messageFor(ctx, by, cid, id)
	if err == nil && !w.deletedAt().IsZero() {
		err = noMessage()
	}
	return w, err
}

// messageFor returns a message of a channel that the actor may see.
func (p *Provider) messageFor(ctx context.Context, by chat.Actor, cid chat.CID, id string) (wireMessage, error) {
	w, err := p.wireMessage(ctx, id)
	if err == nil && w.CID == cid.String() && w.seenBy().VisibleTo(by) {
		return w, nil
	}
	if err == nil || said(err, codeDoesNotExist) {
		err = noMessage()
	}
	return wireMessage{}, err
}

func (p *Provider) wireMessage(ctx context.Context, id string) (wireMessage, error) {
	if id == "." || id == ".." { // these can't be part of a path
		return wireMessage{}, noMessage()
	}
	var answer struct {
		Message wireMessage `json:"message"`
	}
	in := Request{Path: []string{id}, About: func() bool { return answer.Message.ID == id && answer.Message.whole() }}
	err := p.client.Do(ctx, getMessage, in, &answer)
	return answer.Message, err
}

func noMessage() error { return chat.Missing("message", "There is no such message.") }
