package delivery

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore/hookstore"
	"backchannel/internal/webhook"
)

// payload is the body of a call. docs/webhooks.md describes it.
type payload struct {
	Type      chat.EventType `json:"type"`
	Timestamp time.Time      `json:"timestamp"`
	Data      data           `json:"data"`
}

type data struct {
	CID      string   `json:"cid,omitempty"`
	Seq      int64    `json:"seq,omitempty"`
	User     *user    `json:"user,omitempty"`
	Message  *message `json:"message,omitempty"`
	Reaction string   `json:"reaction,omitempty"`
	ReadSeq  *int64   `json:"readSeq,omitempty"`

	Offline     []string `json:"offline,omitzero"` // nil if unknown
	OfflineMore bool     `json:"offlineMore,omitempty"`
}

type user struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

type message struct {
	ID          string       `json:"id"`
	Seq         int64        `json:"seq"`
	Sender      user         `json:"sender"`
	Text        string       `json:"text"`
	Attachments []attachment `json:"attachments"`
	Mentioned   []user       `json:"mentionedUsers"`
	Parent      string       `json:"parentId,omitempty"`
	Shadowed    bool         `json:"shadowed,omitempty"`
	CreatedAt   time.Time    `json:"createdAt"`
	EditedAt    time.Time    `json:"editedAt,omitzero"`
	PinnedAt    time.Time    `json:"pinnedAt,omitzero"`
	DeletedAt   time.Time    `json:"deletedAt,omitzero"`
}

type attachment struct {
	Type      chat.FileKind `json:"type"`
	Title     string        `json:"title"`
	TitleLink string        `json:"titleLink,omitempty"`
	AssetURL  string        `json:"assetUrl"`
	ImageURL  string        `json:"imageUrl,omitempty"`
	ThumbURL  string        `json:"thumbUrl,omitempty"`
	Width     int           `json:"width,omitempty"`
	Height    int           `json:"height,omitempty"`
}

func payloadOf(e chat.Event) payload {
	p := payload{Type: e.Type, Timestamp: e.CreatedAt, Data: data{Seq: e.Seq, User: &user{e.User.ID, e.User.Name}}}
	if e.CID != (chat.CID{}) {
		p.Data.CID = e.CID.String()
	}
	if e.Message != nil {
		p.Data.Message = messageOf(*e.Message)
	}
	if e.Reaction != nil {
		p.Data.Reaction = e.Reaction.Type
	}
	if e.Type == chat.MessageRead {
		p.Data.ReadSeq = &e.ReadSeq
	}
	return p
}

func messageOf(m chat.Message) *message {
	shown := &message{ID: m.ID, Seq: m.Seq, Sender: user{m.Sender.ID, m.Sender.Name}, Text: m.Text, Attachments: []attachment{}, Mentioned: []user{},
		Parent: m.Parent, Shadowed: m.Shadowed || m.Restricted, CreatedAt: m.CreatedAt, EditedAt: m.EditedAt, PinnedAt: m.PinnedAt, DeletedAt: m.DeletedAt}
	for _, a := range m.ShownAttachments() {
		shown.Attachments = append(shown.Attachments, attachment(a))
	}
	for _, u := range m.Mentions {
		shown.Mentioned = append(shown.Mentioned, user{u.ID, u.Name})
	}
	return shown
}

// call returns the signed call of a webhook with a payload. The id is the same for each attempt.
func call(e hookstore.Endpoint, id string, p payload, now time.Time) (webhook.Call, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return webhook.Call{}, fmt.Errorf("encoding a delivery: %w", err)
	}
	at := strconv.FormatInt(now.Unix(), 10)
	var signatures []string
	for _, s := range e.Secrets {
		if s.Until.IsZero() || now.Before(s.Until) {
			signatures = append(signatures, sign(s.Secret, id, at, body))
		}
	}
	return webhook.Call{URL: e.URL, Body: body, Header: func(int) http.Header {
		return http.Header{
			"Content-Type": {"application/json"}, "User-Agent": {"backchannel"},
			"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {strings.Join(signatures, " ")},
		}
	}}, nil
}

const secretPrefix = "whsec_"

// newSecret returns a secret of 32 random bytes.
func newSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

func sign(secret, id, at string, body []byte) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix)) // newSecret encoded it
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// idOf returns the id of an event's delivery to a webhook.
func idOf(e hookstore.Endpoint, log, seq int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", e.ID, log, seq))
	return "msg_" + hex.EncodeToString(sum[:16])
}
