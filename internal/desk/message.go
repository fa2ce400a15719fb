package desk

import (
	"context"

	"backchannel/internal/chat"
)

// SendMessage is the input of the documented operation.
type SendMessage struct {
	Request     `json:"-"`
	ChannelID   string
	Type        chat.ChannelType
	Text        string
	Attachments []Attachment
	Mentions    []string // user ids; duplicates are folded
}

// Attachment is a picture or video by URL, as given.
type Attachment struct {
	Title     string
	TitleLink *string
	AssetURL  string
}

// SendMessage posts a message and returns its id.
func (d *Desk) SendMessage(ctx context.Context, in SendMessage) (string, error) {
	if err := d.recognise(ctx, in.Request); err != nil {
		return "", err
	}
	if err := d.needRole(in.Request); err != nil {
		return "", err
	}
	op, err := d.operation(in.Request, "sendMessageToChannel", in)
	if err != nil {
		return "", err
	}
	op.Issued = &in.Caller.IssuedAt
	if bad := chat.CheckChannelID(in.ChannelID); bad != nil {
		return "", inField("channelId", bad)
	}
	if err := d.checkType(ctx, "typeName", in.Type); err != nil {
		return "", err
	}
	body, err := d.body(ctx, in.Text, in.Attachments, in.Mentions)
	if err != nil {
		return "", err
	}
	sender := chat.Actor{ID: d.serviceUser}
	if sender.ID == "" {
		sender = op.By
	}
	return d.provider.SendMessage(ctx, chat.SendMessage{
		Operation: op, Message: body.message(chat.CID{Type: in.Type, ID: in.ChannelID}, sender)})
}

// sendMessage is the name of the operation that [Desk.Post] executes.
const sendMessage = "sendMessage"

// Post is a message that a chat user sends in its own name.
type Post struct {
	Request     `json:"-"`
	CID         string
	Text        string
	Attachments []Attachment
	Mentions    []string // user ids; duplicates are folded
}

// Post sends a message in the caller's own name and returns it.
func (d *Desk) Post(ctx context.Context, in Post) (*chat.Message, error) {
	if err := d.recognise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, sendMessage, in)
	if err != nil {
		return nil, err
	}
	op.Issued = &in.Caller.IssuedAt
	cid, err := d.cid(ctx, "cid", in.CID)
	if err != nil {
		return nil, err
	}
	body, err := d.body(ctx, in.Text, in.Attachments, in.Mentions)
	if err != nil {
		return nil, err
	}
	id, err := d.provider.SendMessage(ctx, chat.SendMessage{
		Operation: op, Message: body.message(cid, op.By)})
	if err != nil {
		return nil, err
	}
	return d.message(ctx, op.By, cid, id)
}

// message returns the current version of a message, nil if it no longer exists.
func (d *Desk) message(ctx context.Context, by chat.Actor, cid chat.CID, id string) (*chat.Message, error) {
	m, err := d.provider.Message(ctx, by, cid, id)
	if chat.CodeOf(err) == chat.NotFound {
		return nil, nil
	}
	return &m, err
}

// body is the validated content of a message.
type body struct {
	text        string
	attachments []chat.Attachment
	mentions    []string
}

func (b body) message(cid chat.CID, sender chat.Actor) chat.Message {
	m := chat.Message{CID: cid, Sender: sender.User(), Text: b.text, Mentions: chat.Users(b.mentions)}
	for _, a := range b.attachments {
		m.Attachments = append(m.Attachments, a.Raw())
	}
	return m
}

func (d *Desk) body(ctx context.Context, text string, attached []Attachment, mentioned []string) (b body, err error) {
	if bad := chat.CheckText(text, d.maxText, len(attached)); bad != nil {
		return b, inField("text", bad)
	}
	if b.attachments, err = attachments(attached); err != nil {
		return b, err
	}
	mentions, bad := chat.FoldMentions(mentioned)
	if bad != nil {
		return b, inField("mentionedUsersIds", bad)
	}
	b.text, b.mentions = text, mentions
	if d.media != nil {
		err = d.media.HoldAttachments(ctx, b.attachments)
	}
	return b, err
}

func attachments(given []Attachment) ([]chat.Attachment, error) {
	if len(given) > chat.MaxAttachments {
		return nil, tooManyAttachments()
	}
	var list []chat.Attachment
	for i, g := range given {
		a, err := chat.NewAttachment(g.Title, g.TitleLink, g.AssetURL)
		if err != nil {
			return nil, inField(index("attachments", i), err)
		}
		list = append(list, a)
	}
	return list, nil
}

// EditMessage asks for a message's content to be changed.
type EditMessage struct {
	Request     `json:"-"`
	CID, ID     string
	Text        string
	Attachments *[]Attachment // nil keeps all
	Mentions    *[]string     // nil keeps them
}

// EditMessage changes the given parts of a message and returns it. For its sender, the back office,
// admins and moderators.
func (d *Desk) EditMessage(ctx context.Context, in EditMessage) (*chat.Message, error) {
	op, cid, err := d.aboutMessage(ctx, in.Request, "editMessage", in, in.CID, in.ID)
	if err != nil {
		return nil, err
	}
	req := chat.EditMessage{Operation: op, CID: cid, ID: in.ID, Text: in.Text}
	// Only the provider knows whether attachments remain, so that the text may be empty.
	if bad := chat.CheckText(in.Text, d.maxText, 1); bad != nil {
		return nil, inField("text", bad)
	}
	if in.Attachments != nil {
		list, err := d.attachmentEdits(ctx, *in.Attachments)
		if err != nil {
			return nil, err
		}
		req.Attachments = &list
	}
	if in.Mentions != nil {
		mentions, bad := chat.FoldMentions(*in.Mentions)
		if bad != nil {
			return nil, inField("mentionedUsersIds", bad)
		}
		req.Mentions = &mentions
	}
	if err := d.provider.EditMessage(ctx, req); err != nil {
		return nil, err
	}
	return d.message(ctx, op.By, cid, in.ID)
}

// attachmentEdits validates the attachments of an edit. Only the provider knows which of them are
// new, so none is refused yet.
func (d *Desk) attachmentEdits(ctx context.Context, given []Attachment) ([]chat.AttachmentEdit, error) {
	if len(given) > chat.MaxAttachments {
		return nil, tooManyAttachments()
	}
	edits, list := make([]chat.AttachmentEdit, len(given)), make([]chat.Attachment, len(given))
	for i, g := range given {
		edits[i] = chat.NewAttachmentEdit(g.Title, g.TitleLink, g.AssetURL)
		list[i] = edits[i].Attachment
	}
	if d.media != nil {
		if err := d.media.HoldAttachments(ctx, list); err != nil {
			return nil, err
		}
	}
	for i := range list {
		edits[i].Attachment = list[i]
	}
	return edits, nil
}

func tooManyAttachments() *chat.Error {
	return chat.Invalid("attachments", "A message carries at most %d attachments.", chat.MaxAttachments)
}

// PinMessage asks for a message to be pinned or unpinned.
type PinMessage struct {
	Request `json:"-"`
	CID, ID string
	Pinned  bool
}

// PinMessage pins or unpins a message and returns it. For the back office, admins and moderators.
func (d *Desk) PinMessage(ctx context.Context, in PinMessage) (*chat.Message, error) {
	op, cid, err := d.aboutMessage(ctx, in.Request, "pinMessage", in, in.CID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := d.provider.PinMessage(ctx, chat.PinMessage{Operation: op, CID: cid, ID: in.ID, Pinned: in.Pinned}); err != nil {
		return nil, err
	}
	return d.message(ctx, op.By, cid, in.ID)
}

// React asks for the caller's reaction to be added or removed.
type React struct {
	Request `json:"-"`
	CID, ID string
	Type    string
	Remove  bool
}

// React adds or removes the caller's reaction to a message, and returns the message.
func (d *Desk) React(ctx context.Context, in React) (*chat.Message, error) {
	op, cid, err := d.aboutMessage(ctx, in.Request, "react", in, in.CID, in.ID)
	if err != nil {
		return nil, err
	}
	if bad := chat.CheckReaction(in.Type); bad != nil {
		return nil, inField("type", bad)
	}
	err = d.provider.React(ctx, chat.React{Operation: op, CID: cid, MessageID: in.ID, Type: in.Type, Remove: in.Remove})
	if err != nil {
		return nil, err
	}
	return d.message(ctx, op.By, cid, in.ID)
}

// aboutMessage returns the operation of a change to a message.
func (d *Desk) aboutMessage(ctx context.Context, r Request, name string, in any, cid, id string) (op chat.Operation, c chat.CID, err error) {
	if err := d.authenticate(ctx, r); err != nil {
		return op, c, err
	}
	if op, err = d.operation(r, name, in); err != nil {
		return op, c, err
	}
	if c, err = d.cid(ctx, "cid", cid); err != nil {
		return op, c, err
	}
	return op, c, inField("messageId", chat.CheckMessageID(id))
}

// DeleteMessage asks for a message to be deleted.
type DeleteMessage struct {
	Request `json:"-"`
	CID     string
	ID      string
}

// DeleteMessage removes a message's content. For its sender, the back office, admins and
// moderators.
func (d *Desk) DeleteMessage(ctx context.Context, in DeleteMessage) error {
	op, cid, err := d.aboutMessage(ctx, in.Request, "deleteMessage", in, in.CID, in.ID)
	if err != nil {
		return err
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

	Take func(items, bytes int) error // see [chat.MessageQuery]
}

// ListMessages returns a page of a channel's messages, oldest first, if the caller may read it.
func (d *Desk) ListMessages(ctx context.Context, in ListMessages) (page chat.Page[chat.Message], err error) {
	cid, err := d.shown(ctx, in.Request, in.CID)
	if err != nil {
		return page, err
	}
	q, err := in.query()
	if err != nil {
		return page, err
	}
	q.CID, q.By, q.Take = cid, d.actor(in.Request), in.Take
	return d.provider.Messages(ctx, q)
}

// LastMessages returns the newest message of each channel, except deleted ones.
func (d *Desk) LastMessages(ctx context.Context, r Request, given []string) ([]chat.Message, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	cids, err := d.cids(ctx, "cids", given, MaxPage)
	if err != nil {
		return nil, err
	}
	return d.provider.LastMessages(ctx, cids)
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
			return q, inField("before", bad)
		}
		q.Before = before
	}
	if forward {
		q.Limit, err = pageSize("first", in.First, MaxPage)
		return q, err
	}
	q.FromEnd = true
	q.Limit, err = pageSize("last", in.Last, MaxPage)
	return q, err
}
