package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport"
)

// sizes are the maximum lengths of lists and texts in answers. A test finds missing lists.
var sizes = transport.Sizes{
	Lists: map[string]int{
		"Query.allChannels":           1,
		"Query.restrictions":          chat.MaxRestrictions,
		"Change.targets":              chat.MaxTargetsShown,
		"Announcement.attachments":    chat.MaxAttachments,
		"Announcement.mentionedUsers": chat.MaxMentions,
		"ChannelSelection.cids":       desk.MaxChosen,
		"AnnouncementPlan.refusals":   desk.MaxRefusalsListed,
		"Plan.sample":                 desk.MaxSample,
		"Plan.refusals":               desk.MaxRefusalsListed,
		"Message.attachments":         chat.MaxAttachments,
		"Message.mentionedUsers":      chat.MaxMentions,
		"Message.reactions":           chat.MaxReactionTypes,
		"Overview.messagesPerHour":    24,
		"ServerOverview.errors":       20,
		"Highlights.busy":             chat.HighlightsListed,
		"Highlights.silent":           chat.HighlightsListed,
		"Highlights.newest":           chat.HighlightsListed,
		"Highlights.endingBans":       chat.HighlightsListed,
		"Provider.supports":           10,
		"Provider.budgets":            30,
		"Query.webhooks":              chat.MaxWebhooks,
		"Webhook.events":              len(chat.WebhookEvents),

		"CreateWebhookPayload.secrets":  chat.MaxWebhookSecrets,
		"WebhookSecretsPayload.secrets": chat.MaxWebhookSecrets,
	},
	Introspection: map[string]int{"types": 100, "fields": 6, "args": 2, "inputFields": 2, "enumValues": 2, "directives": 5},
	Texts: map[string]int{
		"Message.text":          6 * 20_000, // what a channel type allows at most
		"ChannelEvent.custom":   32 << 10,
		"UserEvent.custom":      32 << 10,
		"Announcement.text":     6 * 20_000,
		"ChannelSelection.cids": 128,
		"ReactionCount.type":    chat.MaxReactionLength + 2,
		"Attachment.type":       16,
	},
	Pages:       map[string]int{"channels": desk.MaxChannelPage},
	MaxPage:     desk.MaxPage,
	DefaultPage: desk.DefaultPage,
	Listed:      []string{"cids", "ids", "userIds", "users"},
}
