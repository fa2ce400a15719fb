package graph

import (
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport/plan"
)

var webhookObject = &plan.Object[chat.Webhook]{Name: "Webhook", Fields: plan.Fields[chat.Webhook]{
	"id":          plan.Text(func(w *chat.Webhook) string { return w.ID }),
	"url":         plan.Text(func(w *chat.Webhook) string { return w.URL }),
	"description": plan.Text(func(w *chat.Webhook) string { return w.Description }),
	"events": plan.Leaf(func(b []byte, w *chat.Webhook) []byte {
		b = append(b, '[')
		for i, kind := range w.Events {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(plan.AppendEscaped(append(b, '"'), string(kind)), '"')
		}
		return append(b, ']')
	}),
	"enabled":     plan.Boolean(func(w *chat.Webhook) bool { return w.Enabled }),
	"createdAt":   plan.Moment(func(w *chat.Webhook) time.Time { return w.CreatedAt }),
	"updatedAt":   plan.Moment(func(w *chat.Webhook) time.Time { return w.UpdatedAt }),
	"retrying":    plan.Number(func(w *chat.Webhook) int64 { return w.Retrying }),
	"dead":        plan.Number(func(w *chat.Webhook) int64 { return w.Dead }),
	"deliveredAt": plan.OptionalMoment(func(w *chat.Webhook) time.Time { return w.DeliveredAt }),
}}

var webhookSecretObject = &plan.Object[chat.WebhookSecret]{Name: "WebhookSecret", Fields: plan.Fields[chat.WebhookSecret]{
	"secret": plan.Text(func(s *chat.WebhookSecret) string { return s.Secret }),
	"until":  plan.OptionalMoment(func(s *chat.WebhookSecret) time.Time { return s.Until }),
}}

var deliveryObject = &plan.Object[chat.Delivery]{Name: "WebhookDelivery", Fields: plan.Fields[chat.Delivery]{
	"id":       plan.Text(func(d *chat.Delivery) string { return d.ID() }),
	"type":     plan.Text(func(d *chat.Delivery) string { return string(d.Type) }),
	"cid":      plan.OptionalText(deliveryCID),
	"seq":      plan.Number(func(d *chat.Delivery) int64 { return d.Seq }),
	"state":    plan.Text(func(d *chat.Delivery) string { return strings.ToUpper(string(d.State)) }),
	"attempts": plan.Number(func(d *chat.Delivery) int64 { return d.Attempts }),
	"status":   plan.Unless(func(d *chat.Delivery) bool { return d.Status == 0 }, plan.Number(func(d *chat.Delivery) int64 { return d.Status })),
	"error":    plan.OptionalText(func(d *chat.Delivery) string { return d.Error }),
	"firstAt":  plan.Moment(func(d *chat.Delivery) time.Time { return d.FirstAt }),
	"lastAt":   plan.Moment(func(d *chat.Delivery) time.Time { return d.LastAt }),
	"nextAt":   plan.OptionalMoment(func(d *chat.Delivery) time.Time { return d.NextAt }),
}}

var webhookPayloadObject = &plan.Object[model.WebhookPayload]{Name: "WebhookPayload", Fields: plan.Fields[model.WebhookPayload]{
	"webhook": plan.Inner(func(p *model.WebhookPayload) *chat.Webhook { return p.Webhook }, webhookObject),
}}

var createWebhookObject = &plan.Object[model.CreateWebhookPayload]{Name: "CreateWebhookPayload", Fields: plan.Fields[model.CreateWebhookPayload]{
	"webhook": plan.Inner(func(p *model.CreateWebhookPayload) *chat.Webhook { return p.Webhook }, webhookObject),
	"secrets": plan.InnerList(func(p *model.CreateWebhookPayload) []chat.WebhookSecret { return p.Secrets }, webhookSecretObject),
}}

var webhookSecretsObject = &plan.Object[model.WebhookSecretsPayload]{Name: "WebhookSecretsPayload", Fields: plan.Fields[model.WebhookSecretsPayload]{
	"secrets": plan.InnerList(func(p *model.WebhookSecretsPayload) []chat.WebhookSecret { return p.Secrets }, webhookSecretObject),
}}

func deliveryCID(d *chat.Delivery) string {
	if d.CID == (chat.CID{}) {
		return ""
	}
	return d.CID.String()
}

func eventNames(w *chat.Webhook) []string {
	names := make([]string, len(w.Events))
	for i, kind := range w.Events {
		names[i] = string(kind)
	}
	return names
}

func webhookPayload(w *chat.Webhook, err error) (*model.WebhookPayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.WebhookPayload{Webhook: w}, nil
}

func secretsPayload(list []chat.WebhookSecret, err error) (*model.WebhookSecretsPayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.WebhookSecretsPayload{Secrets: list}, nil
}

// listOf returns nil if a list was omitted or null.
func listOf(list []string) *[]string {
	if list == nil {
		return nil
	}
	return &list
}

func unlessZero(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}
