package stream

import "net/http"

// Call is one call of Stream's API.
type Call struct {
	Name      string // in logs
	Method    string
	Path      string // below the base URL; {} is a placeholder
	PerMinute int    // Stream's default limit, until an answer contains the app's own
	Read      bool   // it changes nothing
	Repeat    bool   // it may be repeated if it isn't known whether it arrived
	Has       string // a member that each answer has, possibly null; "" for none in particular
}

// The calls. The comments say why repeating a write is harmless, or that it may do harm.
var (
	QueryChannels  = Call{"query channels", http.MethodPost, "/api/v2/chat/channels", 10_000, true, true, "channels"}
	QueryMessages  = Call{"query messages", http.MethodPost, "/api/v2/chat/channels/{}/{}/query", 10_000, true, true, "messages"} // without data it creates nothing
	QueryMembers   = Call{"query members", http.MethodGet, "/api/v2/chat/members", 1_000, true, true, "members"}
	queryBans      = Call{"query banned users", http.MethodGet, "/api/v2/chat/query_banned_users", 1_000, true, true, "bans"}
	QueryUsers     = Call{"query users", http.MethodGet, "/api/v2/users", 1_000, true, true, "users"}
	getMessage     = Call{"get message", http.MethodGet, "/api/v2/chat/messages/{}", 1_000, true, true, "message"}
	getMessages    = Call{"get messages", http.MethodGet, "/api/v2/chat/channels/{}/{}/messages", 1_000, true, true, "messages"}
	searchMessages = Call{"search messages", http.MethodGet, "/api/v2/chat/search", 300, true, true, "results"}
	getTask        = Call{"get task", http.MethodGet, "/api/v2/tasks/{}", 1_000, true, true, "status"}
	listTypes      = Call{"list channel types", http.MethodGet, "/api/v2/chat/channeltypes", 60, true, true, "channel_types"}
	CreateChannel  = Call{"get or create channel", http.MethodPost, "/api/v2/chat/channels/{}/{}/query", 10_000, false, true, "channel"} // the mark in the channel identifies its creator
	UpdateChannel  = Call{"update channel", http.MethodPatch, "/api/v2/chat/channels/{}/{}", 300, false, true, "channel"}                // sets the same values again
	ChangeMembers  = Call{"change members", http.MethodPost, "/api/v2/chat/channels/{}/{}", 300, false, true, "channel"}                 // a repeat changes nothing
	deleteChannels = Call{"delete channels", http.MethodPost, "/api/v2/chat/channels/delete", 60, false, true, ""}                       // a deleted channel stays deleted
	markRead       = Call{"mark read", http.MethodPost, "/api/v2/chat/channels/{}/{}/read", 1_000, false, true, "duration"}              // up to the same message
	sendMessage    = Call{"send message", http.MethodPost, "/api/v2/chat/channels/{}/{}/message", 1_000, false, true, "message"}         // Stream refuses an existing id
	updateMessage  = Call{"update message", http.MethodPut, "/api/v2/chat/messages/{}", 1_000, false, true, "message"}                   // sets the same values again
	deleteMessage  = Call{"delete message", http.MethodDelete, "/api/v2/chat/messages/{}", 1_000, false, true, "message"}                // a deleted message stays deleted
	undelete       = Call{"undelete message", http.MethodPost, "/api/v2/chat/messages/{}/undelete", 1_000, false, true, "message"}       // an existing message stays
	sendReaction   = Call{"send reaction", http.MethodPost, "/api/v2/chat/messages/{}/reaction", 1_000, false, true, "message"}          // a user has one reaction of each type
	queryReactions = Call{"query reactions", http.MethodPost, "/api/v2/chat/messages/{}/reactions", 1_000, true, true, "reactions"}
	deleteReaction = Call{"delete reaction", http.MethodDelete, "/api/v2/chat/messages/{}/reaction/{}", 1_000, false, true, "message"} // a removed reaction stays removed
	ban            = Call{"ban", http.MethodPost, "/api/v2/moderation/ban", 300, false, true, "duration"}                              // sets the same ban again
	unban          = Call{"unban", http.MethodPost, "/api/v2/moderation/unban", 300, false, true, "duration"}                          // a repeat changes nothing
	updateUsers    = Call{"update users", http.MethodPatch, "/api/v2/users", 300, false, true, "users"}                                // sets the same values again
	upsertUsers    = Call{"upsert users", http.MethodPost, "/api/v2/users", 300, false, false, "users"}                                // may overwrite changes by others in between
)
