package graph

import (
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/transport/plan"
)

var changeObject = &plan.Object[chat.Change]{Name: "Change", Fields: plan.Fields[chat.Change]{
	"id":          plan.Text(func(c *chat.Change) string { return c.ID }),
	"seq":         plan.Number(func(c *chat.Change) int64 { return c.Seq }),
	"operation":   plan.Text(func(c *chat.Change) string { return c.Operation }),
	"by":          plan.Text(func(c *chat.Change) string { return c.By }),
	"via":         plan.Text(func(c *chat.Change) string { return strings.ToUpper(string(c.Via)) }),
	"reason":      plan.OptionalText(func(c *chat.Change) string { return c.Reason }),
	"requestId":   plan.OptionalText(func(c *chat.Change) string { return c.RequestID }),
	"address":     plan.OptionalText(func(c *chat.Change) string { return c.Address }),
	"at":          plan.Moment(func(c *chat.Change) time.Time { return c.At }),
	"outcome":     plan.Text(func(c *chat.Change) string { return strings.ToUpper(string(c.Outcome)) }),
	"targets":     plan.InnerList(func(c *chat.Change) []chat.ChangeTarget { return c.Targets }, changeTargetObject),
	"targetCount": plan.Number(func(c *chat.Change) int64 { return c.TargetCount }),
	"undoes":      plan.OptionalText(func(c *chat.Change) string { return c.Undoes }),
	"undoneBy":    plan.OptionalText(func(c *chat.Change) string { return c.UndoneBy }),
	"canUndo":     plan.Boolean(func(c *chat.Change) bool { return c.CanUndo }),
}}

var changeTargetObject = &plan.Object[chat.ChangeTarget]{Name: "ChangeTarget", Fields: plan.Fields[chat.ChangeTarget]{
	"kind":   plan.Text(func(t *chat.ChangeTarget) string { return string(t.Kind) }),
	"cid":    plan.OptionalText(targetCID),
	"userId": plan.OptionalText(func(t *chat.ChangeTarget) string { return t.UserID }),
	"item":   plan.OptionalText(func(t *chat.ChangeTarget) string { return t.Item }),
	"before": plan.OptionalText(func(t *chat.ChangeTarget) string { return t.Before }),
	"after":  plan.OptionalText(func(t *chat.ChangeTarget) string { return t.After }),
}}

var changeEventObject = &plan.Object[chat.Event]{Name: "ChangeEvent", Fields: plan.Fields[chat.Event]{
	"seq":    eventSeq,
	"change": plan.Inner(func(e *chat.Event) *chat.Change { return e.Change }, changeObject),
}}
