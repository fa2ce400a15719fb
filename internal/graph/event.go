package graph

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// eventObjects are what the fields of Subscription give. As in objects.go, a field
// that isn't named here only makes what asks for it slower.
var eventObjects = map[string]*object[chat.Event]{
	"channelEvents": {"ChannelEvent", map[string]field[chat.Event]{
		"seq":       eventSeq,
		"type":      eventType,
		"cid":       eventCID,
		"user":      eventUser,
		"message":   optionalInner(func(e *chat.Event) *chat.Message { return e.Message }, messageObject),
		"reaction":  unless(noReaction, text(func(e *chat.Event) string { return e.Reaction.Type })),
		"readSeq":   unless(noReading, number(func(e *chat.Event) int64 { return e.ReadSeq })),
		"online":    unless(noPresence, boolean(func(e *chat.Event) bool { return e.Online })),
		"custom":    optionalText(eventCustom),
		"createdAt": eventTime,
	}},
	"userEvents": {"UserEvent", map[string]field[chat.Event]{
		"type":      eventType,
		"custom":    text(eventCustom),
		"createdAt": eventTime,
	}},
	"backofficeEvents": {"BackofficeEvent", map[string]field[chat.Event]{
		"seq":       eventSeq,
		"type":      eventType,
		"cid":       unless(noChannel, eventCID),
		"user":      eventUser,
		"createdAt": eventTime,
	}},
}

var (
	eventSeq  = number(func(e *chat.Event) int64 { return e.Seq })
	eventType = text(func(e *chat.Event) string { return string(e.Type) })
	eventCID  = cidText(func(e *chat.Event) chat.CID { return e.CID })
	eventUser = inner(func(e *chat.Event) *chat.User { return &e.User }, userObject)
	eventTime = moment(func(e *chat.Event) time.Time { return e.CreatedAt })
)

func eventCustom(e *chat.Event) string { return e.Custom }

func noReaction(e *chat.Event) bool { return e.Reaction == nil }
func noReading(e *chat.Event) bool  { return e.Type != chat.MessageRead }
func noPresence(e *chat.Event) bool { return e.Type != chat.PresenceChanged }
func noChannel(e *chat.Event) bool  { return e.CID == chat.CID{} }

// planEvents makes what writes the responses of a subscription in one go, for one
// goroutine: nil where only gqlgen can tell what to write. It says of an event why it
// can't be written, and where it can, why an object in it is null.
func planEvents(oc *graphql.OperationContext) func(e *chat.Event) ([]byte, error) {
	f := subscribedField(oc)
	known := eventObjects[f.Name]
	if known == nil {
		return nil
	}
	o := newOutput(context.Background(), oc, maxEvent, nil)
	w := known.plan(o, f.Selections)
	if w == nil {
		return nil
	}
	prefix := `{"data":{"` + f.Alias + `":`
	var scratch []byte
	return func(e *chat.Event) ([]byte, error) {
		o.begin()
		b := w(append(scratch[:0], prefix...), e)
		switch {
		case errors.Is(o.failed, errTooLarge):
			return nil, chat.Invalid("", "The event would be longer than %d bytes. Ask for fewer fields.", maxEvent)
		case b == nil:
			return nil, errNull
		}
		b = append(b, "}}"...)
		if cap(b) <= chunkSize {
			scratch = b
		}
		text := bytes.Clone(b) // it is kept until the slowest subscriber has it
		if o.nulls > 0 {
			return text, errNull
		}
		return text, nil
	}
}
