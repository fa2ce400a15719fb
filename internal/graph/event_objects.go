package graph

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/transport/plan"
)

// What the fields of Subscription give. As in objects.go, a field that isn't named here
// only makes what asks for it slower.
var (
	channelEventObject = &plan.Object[chat.Event]{Name: "ChannelEvent", Fields: plan.Fields[chat.Event]{
		"seq":       eventSeq,
		"type":      eventType,
		"cid":       eventCID,
		"user":      eventUser,
		"message":   plan.OptionalInner(func(e *chat.Event) *chat.Message { return e.Message }, messageObject),
		"reaction":  plan.Unless(noReaction, plan.Text(func(e *chat.Event) string { return e.Reaction.Type })),
		"readSeq":   plan.Unless(noReading, plan.Number(func(e *chat.Event) int64 { return e.ReadSeq })),
		"online":    plan.Unless(noPresence, plan.Boolean(func(e *chat.Event) bool { return e.Online })),
		"custom":    plan.OptionalText(eventCustom),
		"createdAt": eventTime,
	}}
	userEventObject = &plan.Object[chat.Event]{Name: "UserEvent", Fields: plan.Fields[chat.Event]{
		"type":      eventType,
		"custom":    plan.Text(eventCustom),
		"createdAt": eventTime,
	}}
	backofficeEventObject = &plan.Object[chat.Event]{Name: "BackofficeEvent", Fields: plan.Fields[chat.Event]{
		"seq":       eventSeq,
		"type":      eventType,
		"cid":       plan.Unless(noChannel, eventCID),
		"user":      eventUser,
		"createdAt": eventTime,
	}}
)

var (
	eventSeq  = plan.Number(func(e *chat.Event) int64 { return e.Seq })
	eventType = plan.Text(func(e *chat.Event) string { return string(e.Type) })
	eventCID  = cidText(func(e *chat.Event) chat.CID { return e.CID })
	eventUser = plan.Inner(func(e *chat.Event) *chat.User { return &e.User }, userObject)
	eventTime = plan.Moment(func(e *chat.Event) time.Time { return e.CreatedAt })
)

func eventCustom(e *chat.Event) string { return e.Custom }

func noReaction(e *chat.Event) bool { return e.Reaction == nil }
func noReading(e *chat.Event) bool  { return e.Type != chat.MessageRead }
func noPresence(e *chat.Event) bool { return e.Type != chat.PresenceChanged }
func noChannel(e *chat.Event) bool  { return e.CID == chat.CID{} }
