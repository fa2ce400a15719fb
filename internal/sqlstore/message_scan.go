package sqlstore

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"backchannel/internal/chat"
)

// messageScanner makes what scans the messages of one query. Its variables serve
// for all rows: fresh ones would cost as much as the scanning.
func messageScanner(more ...any) func(*sql.Rows) (chat.Message, error) {
	var r struct {
		chat.Message
		attachments, mentions, extra     string
		reacted                          bool
		created, edited, pinned, deleted int64
		senderCreatedAt, senderUpdatedAt int64
	}
	fields := append([]any{&r.ID, &r.Seq, &r.Text, &r.attachments, &r.mentions, &r.created, &r.edited, &r.pinned, &r.deleted,
		&r.reacted, &r.extra, &r.Shadowed, &r.Sender.ID, &r.Sender.Name, &r.Sender.Role, &r.senderCreatedAt, &r.senderUpdatedAt}, more...)
	return func(rows *sql.Rows) (chat.Message, error) {
		if err := rows.Scan(fields...); err != nil {
			return chat.Message{}, err
		}
		m := r.Message
		m.CreatedAt, m.EditedAt, m.PinnedAt, m.DeletedAt = moment(r.created), moment(r.edited), moment(r.pinned), moment(r.deleted)
		m.Sender.CreatedAt, m.Sender.UpdatedAt = moment(r.senderCreatedAt), moment(r.senderUpdatedAt)
		if r.reacted {
			m.Reactions = map[string]int{}
		}
		err := withJSON(&m, r.attachments, r.mentions, r.extra)
		return m, err
	}
}

func messageOfChannelScanner() func(*sql.Rows) (chat.Message, error) {
	var cid string
	scan := messageScanner(&cid)
	return func(rows *sql.Rows) (chat.Message, error) {
		m, err := scan(rows)
		m.CID = splitCID(cid)
		return m, err
	}
}

// withJSON adds what a message's row holds as JSON.
func withJSON(m *chat.Message, attachments, mentions, extra string) (err error) {
	if extra != "" {
		var known chat.MessageExtra
		if err := fromObject(extra, &known); err != nil {
			return err
		}
		m.PinExpires = known.PinExpires
	}
	if m.Attachments, err = shownAttachments(attachments); err != nil {
		return err
	}
	var ids []string
	err = fromJSON(mentions, &ids)
	for _, id := range ids {
		m.Mentions = append(m.Mentions, chat.User{ID: id})
	}
	return err
}

// shownAttachments reads attachments as our own API shows them. Those that came
// through Stream's API have all kinds of shapes.
func shownAttachments(text string) (list []chat.Attachment, err error) {
	odd := func(a chat.Attachment) bool { return !a.Plain() }
	if !strings.Contains(text, `"og_scrape_url"`) && fromJSON(text, &list) == nil && !slices.ContainsFunc(list, odd) {
		return list, nil
	}
	var raw []json.RawMessage
	err = fromJSON(text, &raw)
	return chat.ShownAttachments(raw), err
}

func toJSON[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("encoding a list: %w", err)
	}
	return string(text), nil
}

func fromJSON[T any](text string, list *[]T) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), list)
}
