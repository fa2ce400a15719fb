package stream

import (
	"context"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
)

// SendMessage implements chat.Provider. The message's id is ours, so that Stream
// refuses to have it twice.
func (p *Provider) SendMessage(ctx context.Context, req chat.SendMessage) (string, error) {
	return p.carryOutOnce(ctx, req.Operation, req, func(ctx context.Context, a attempt) (string, error) {
		if a.again {
			sent, err := p.wasSent(ctx, a.token, req)
			if err != nil || sent {
				return a.token, err
			}
		}
		unnamed, err := p.checkSend(ctx, req)
		if err != nil {
			return "", err
		}
		err = p.client.do(ctx, sendMessage, request{
			path: []string{string(req.CID.Type), req.CID.ID},
			body: object{"message": object{
				"id": a.token, "text": req.Text, "user_id": req.Sender.ID,
				"attachments": wireAttachments(req.Attachments), "mentioned_users": req.Mentions,
			}},
		}, nil)
		if said(err, codeInput) {
			// Stream has the id: a try whose answer was lost has sent it.
			if sent, failed := p.wasSent(ctx, a.token, req); failed != nil || sent {
				err = failed
			}
		}
		if said(err, codeDoesNotExist) {
			err = chat.NoChannel("input.channelId")
		}
		if err != nil {
			return "", err
		}
		if unnamed {
			p.nameUser(ctx, req.Sender)
		}
		return a.token, nil
	})
}

// wasSent reports whether a message is there under an id that only this change
// knows.
func (p *Provider) wasSent(ctx context.Context, id string, req chat.SendMessage) (bool, error) {
	w, err := p.wireMessage(ctx, id)
	switch {
	case said(err, codeDoesNotExist):
		return false, nil
	case err != nil:
		return false, err
	}
	return w.CID == req.CID.String() && w.User.ID == req.Sender.ID, nil
}

// checkSend checks what Stream doesn't, and reports whether the sender is to be
// given a name afterwards.
func (p *Provider) checkSend(ctx context.Context, req chat.SendMessage) (unnamed bool, err error) {
	g, gctx := errgroup.WithContext(ctx)
	if by := req.Operation.By; !by.BackOffice {
		g.Go(func() error { return p.allow(gctx, by, req.CID, "input.channelId", p.policy.MayWrite) })
	}
	_, named := p.named.Get(req.Sender.ID)
	var unknown []string
	if !named || len(req.Mentions) > 0 {
		g.Go(func() error {
			known, err := p.usersByID(gctx, append([]string{req.Sender.ID}, req.Mentions...))
			unknown = unknownUsers(req.Mentions, known)
			unnamed = known[req.Sender.ID].Name == ""
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	if len(unknown) > 0 {
		return false, chat.UnknownUsers("input.mentionedUsersIds", unknown)
	}
	if !unnamed {
		p.named.Add(req.Sender.ID, struct{}{})
		return false, nil
	}
	// Stream may make the sender a user before it sees that there is no channel.
	_, found, err := p.channel(ctx, req.CID)
	if err == nil && !found {
		err = chat.NoChannel("input.channelId")
	}
	return true, err
}

// EditMessage implements chat.Provider.
func (p *Provider) EditMessage(ctx context.Context, req chat.EditMessage) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, _ attempt) (string, error) {
		m, err := p.messageToChange(ctx, req.Operation.By, req.CID, req.ID, p.policy.MayWrite)
		if err == nil && !m.DeletedAt.IsZero() {
			err = noMessage()
		}
		if err != nil {
			return "", err
		}
		known, err := p.usersByID(ctx, req.Mentions)
		if err != nil {
			return "", err
		}
		if unknown := unknownUsers(req.Mentions, known); len(unknown) > 0 {
			return "", chat.UnknownUsers("input.mentionedUsersIds", unknown)
		}
		return "", p.patchMessage(ctx, req.Operation.By, req.ID, object{
			"text": req.Text, "attachments": wireAttachments(req.Attachments), "mentioned_users": append([]string{}, req.Mentions...)})
	})
	return err
}

// DeleteMessage implements chat.Provider.
func (p *Provider) DeleteMessage(ctx context.Context, req chat.DeleteMessage) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, _ attempt) (string, error) {
		m, err := p.messageToChange(ctx, req.Operation.By, req.CID, req.ID, p.policy.MayRead)
		if err != nil || !m.DeletedAt.IsZero() {
			return "", err
		}
		err = p.client.do(ctx, deleteMessage, request{path: []string{req.ID}}, nil)
		if said(err, codeDoesNotExist) {
			// A try whose answer was lost, or somebody else, has deleted it.
			if _, still := p.standingMessage(ctx, req.Operation.By, req.CID, req.ID); chat.CodeOf(still) == chat.NotFound {
				err = nil
			}
		}
		return "", err
	})
	return err
}

// PinMessage implements chat.Provider.
func (p *Provider) PinMessage(ctx context.Context, req chat.PinMessage) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, _ attempt) (string, error) {
		if err := p.allow(ctx, req.Operation.By, req.CID, "input.cid", p.policy.MayModerate); err != nil {
			return "", err
		}
		m, err := p.standingMessage(ctx, req.Operation.By, req.CID, req.ID)
		if err != nil || m.PinnedAt.IsZero() != req.Pinned {
			return "", err
		}
		return "", p.patchMessage(ctx, req.Operation.By, req.ID, object{"pinned": req.Pinned})
	})
	return err
}

// React implements chat.Provider.
func (p *Provider) React(ctx context.Context, req chat.React) error {
	by := req.Operation.By
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, _ attempt) (string, error) {
		if err := p.allow(ctx, by, req.CID, "input.cid", p.policy.MayWrite); err != nil {
			return "", err
		}
		m, err := p.standingMessage(ctx, req.Operation.By, req.CID, req.MessageID)
		if err != nil {
			return "", err
		}
		if req.Remove {
			return "", missingIsNone(p.client.do(ctx, deleteReaction, request{
				path: []string{req.MessageID, req.Type}, query: map[string][]string{"user_id": {by.ID}}}, nil))
		}
		if err := p.checkReactionRoom(ctx, m, by.ID, req.Type); err != nil {
			return "", err
		}
		known, err := p.usersByID(ctx, []string{by.ID})
		if err != nil {
			return "", err
		}
		err = p.client.do(ctx, sendReaction, request{
			path: []string{req.MessageID}, body: object{"reaction": object{"type": req.Type, "user_id": by.ID}}}, nil)
		if err == nil && known[by.ID].Name == "" {
			p.nameUser(ctx, by)
		}
		return "", err
	})
	return err
}

// checkReactionRoom says why a message takes no such reaction of a user, or nil. Only
// a message with many types can have that many of one user.
func (p *Provider) checkReactionRoom(ctx context.Context, m chat.Message, user, word string) error {
	var own struct {
		Reactions []struct {
			Type string `json:"type"`
		} `json:"reactions"`
	}
	if len(m.Reactions) >= chat.MaxReactionsOfUser {
		err := p.client.do(ctx, queryReactions, request{path: []string{m.ID},
			body: object{"filter": object{"user_id": user}, "limit": chat.MaxReactionTypes}}, &own)
		if err != nil {
			return err
		}
	}
	for _, r := range own.Reactions {
		if r.Type == word {
			return nil
		}
	}
	if full := chat.CheckReactionRoom(len(own.Reactions), len(m.Reactions), m.Reactions[word] > 0); full != nil {
		return full
	}
	return nil
}

func (p *Provider) patchMessage(ctx context.Context, by chat.Actor, id string, set object) error {
	body := object{"set": set, "unset": []string{}, "user_id": creator(by)}
	err := p.client.do(ctx, updateMessage, request{path: []string{id}, body: body}, nil)
	if said(err, codeDoesNotExist) {
		err = noMessage()
	}
	return err
}

// messageToChange returns a message that the actor may change: its sender while
// the rule allows it, and who moderates.
func (p *Provider) messageToChange(ctx context.Context, by chat.Actor, cid chat.CID, id string, r chat.Rule) (chat.Message, error) {
	m, err := p.plainMessage(ctx, by, cid, id)
	if err != nil && chat.CodeOf(err) != chat.NotFound {
		return m, err
	}
	if err != nil || m.Sender.ID != by.ID {
		r = p.policy.MayModerate
	}
	if refused := p.allow(ctx, by, cid, "input.cid", r); refused != nil {
		return m, refused
	}
	return m, err
}

// standingMessage returns a message that isn't deleted.
func (p *Provider) standingMessage(ctx context.Context, by chat.Actor, cid chat.CID, id string) (chat.Message, error) {
	m, err := p.plainMessage(ctx, by, cid, id)
	if err == nil && !m.DeletedAt.IsZero() {
		err = noMessage()
	}
	return m, err
}

// plainMessage returns a message of a channel that is for the actor, without its seq.
func (p *Provider) plainMessage(ctx context.Context, by chat.Actor, cid chat.CID, id string) (m chat.Message, err error) {
	w, err := p.wireMessage(ctx, id)
	if err == nil && w.CID == cid.String() && w.Audience.Includes(w.User.ID, by) {
		return p.message(w)
	}
	if err == nil || said(err, codeDoesNotExist) {
		err = noMessage()
	}
	return m, err
}

func (p *Provider) wireMessage(ctx context.Context, id string) (wireMessage, error) {
	if id == "." || id == ".." { // they can't stand in a path
		return wireMessage{}, noMessage()
	}
	var answer struct {
		Message wireMessage `json:"message"`
	}
	err := p.client.do(ctx, getMessage, request{path: []string{id}}, &answer)
	return answer.Message, err
}

func noMessage() error { return chat.Missing("input.messageId", "There is no such message.") }
