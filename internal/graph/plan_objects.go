package graph

import (
	"time"

	"backchannel/internal/desk"
	"backchannel/internal/transport/plan"
)

var planObject = &plan.Object[desk.Plan]{Name: "Plan", Fields: plan.Fields[desk.Plan]{
	"digest":        plan.Text(func(p *desk.Plan) string { return p.Digest }),
	"targets":       plan.Number(func(p *desk.Plan) int64 { return p.Targets }),
	"members":       plan.Number(func(p *desk.Plan) int64 { return p.Members }),
	"messages":      plan.Number(func(p *desk.Plan) int64 { return p.Messages }),
	"sample":        plan.InnerList(func(p *desk.Plan) []desk.PlanTarget { return p.Sample }, planTargetObject),
	"refusals":      plan.InnerList(func(p *desk.Plan) []desk.Refusal { return p.Listed }, refusalObject),
	"refusalCount":  plan.Number(func(p *desk.Plan) int64 { return p.Count }),
	"canUndo":       plan.Boolean(func(p *desk.Plan) bool { return p.CanUndo }),
	"undoableUntil": plan.OptionalMoment(func(p *desk.Plan) time.Time { return p.UndoableUntil }),
}}

var planTargetObject = &plan.Object[desk.PlanTarget]{Name: "PlanTarget", Fields: plan.Fields[desk.PlanTarget]{
	"target": plan.Text(func(t *desk.PlanTarget) string { return t.Target }),
	"name":   plan.OptionalText(func(t *desk.PlanTarget) string { return t.Name }),
}}
