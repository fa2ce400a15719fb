package desk

import (
	"context"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
)

// SendMessage is the documented operation's input.
type SendMessage struct {
	Request     `json:"-"`
	ChannelID   string
	Type        chat.ChannelType
	Text        string
	Attachments []Attachment
	Mentions    []string // user ids; duplicates are folded
}

// Attachment is a picture or film by URL, as given.
type Attachment struct {
	Title     string
	TitleLink *string
	AssetURL  string
}

// SendMessage posts a message and returns its id.
func (d *Desk) SendMessage(ctx context.Context, in SendMessage) (string, error) {
	if err := d.authorise(in.Request); err != nil {
		return "", err
	}
	op, err := d.operation(in.Request, "sendMessageToChannel", in)
	if err != nil {
		return "", err
	}
	req, err := d.message(in)
	if err != nil {
		return "", err
	}
	req.Operation = op
	return d.provider.SendMessage(ctx, req)
}

// message applies the rules and makes the provider's request, operation aside.
func (d *Desk) message(in SendMessage) (req chat.SendMessage, err error) {
	if bad := chat.CheckChannelID(in.ChannelID); bad != nil {
		return req, at("input.channelId", bad)
	}
	req.CID = chat.CID{Type: in.Type, ID: in.ChannelID}
	if bad := chat.CheckText(in.Text, d.maxText, len(in.Attachments)); bad != nil {
		return req, at("input.text", bad)
	}
	req.Text = in.Text
	if req.Attachments, err = attachments(in.Attachments); err != nil {
		return req, err
	}
	mentions, bad := chat.FoldMentions(in.Mentions)
	if bad != nil {
		return req, at("input.mentionedUsersIds", bad)
	}
	req.Mentions = mentions
	req.Sender, err = d.sender(in.Caller)
	return req, err
}

func attachments(given []Attachment) ([]chat.Attachment, error) {
	if len(given) > chat.MaxAttachments {
		return nil, chat.Invalid("input.attachments", "A message carries at most %d attachments.", chat.MaxAttachments)
	}
	var list []chat.Attachment
	for i, g := range given {
		a, err := chat.NewAttachment(g.Title, g.TitleLink, g.AssetURL)
		if err != nil {
			return nil, at(index("input.attachments", i), err)
		}
		list = append(list, a)
	}
	return list, nil
}

// sender is the chat user in whose name the back office posts.
func (d *Desk) sender(c auth.Caller) (chat.Actor, error) {
	if d.serviceUser != "" {
		return chat.Actor{ID: d.serviceUser}, nil
	}
	if chat.CheckUserID(c.ID) != nil {
		return chat.Actor{}, chat.Denied(errBadID)
	}
	name, err := chat.CleanName(c.Name)
	if err != nil {
		name = "" // the token's name is optional, and so a bad one is as good as none
	}
	return chat.Actor{ID: c.ID, Name: name}, nil
}

// DeleteMessage asks for a message to be emptied.
type DeleteMessage struct {
	Request `json:"-"`
	CID     string
	ID      string
}

// DeleteMessage empties a message. Its sender may, and admins and moderators of
// the chat, besides the back office.
func (d *Desk) DeleteMessage(ctx context.Context, in DeleteMessage) error {
	if err := d.authenticate(in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, "deleteMessage", in)
	if err != nil {
		return err
	}
	cid, bad := chat.ParseCID(in.CID)
	if bad != nil {
		return at("input.cid", bad)
	}
	if bad := chat.CheckMessageID(in.ID); bad != nil {
		return at("input.messageId", bad)
	}
	return d.provider.DeleteMessage(ctx, chat.DeleteMessage{Operation: op, CID: cid, ID: in.ID})
}

// ListMessages asks for a page of a channel's messages: First after After, or Last
// before Before, or with neither the last DefaultPage.
type ListMessages struct {
	Request
	CID         string
	First, Last *int
	After       *string // cursor; goes with First
	Before      *string // cursor; goes with Last
}

// ListMessages returns a page of a channel's messages, oldest first.
func (d *Desk) ListMessages(ctx context.Context, in ListMessages) (page chat.Page[chat.Message], err error) {
	if err := d.authorise(in.Request); err != nil {
		return page, err
	}
	cid, bad := chat.ParseCID(in.CID)
	if bad != nil {
		return page, at("cid", bad)
	}
	q, err := in.query()
	if err != nil {
		return page, err
	}
	q.CID = cid
	return d.provider.Messages(ctx, q)
}

func (in ListMessages) query() (q chat.MessageQuery, err error) {
	forward := in.First != nil || in.After != nil
	if forward && (in.Last != nil || in.Before != nil) {
		return q, chat.Invalid("first", "Give first and after, or last and before, not both.")
	}
	if q.After, err = position(in.After, chat.ParseMessageCursor); err != nil {
		return q, err
	}
	if in.Before != nil {
		before, bad := chat.ParseMessageCursor(*in.Before)
		if bad != nil {
			return q, at("before", bad)
		}
		q.Before = before
	}
	if forward {
		q.Limit, err = pageSize("first", in.First)
		return q, err
	}
	q.FromEnd = true
	q.Limit, err = pageSize("last", in.Last)
	return q, err
}
