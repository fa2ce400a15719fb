package stream

import "net/http"

// call is one call of Stream's API.
type call struct {
	name      string // in logs
	method    string
	path      string // below the base URL; {} stands for a part that is filled in
	perMinute int    // Stream's default limit, until an answer tells the app's own
	read      bool   // it changes nothing
	repeat    bool   // it may be sent again while nobody knows whether it arrived
}

// The calls. Each comment says why a repeat does no harm, or that it may.
var (
	queryChannels  = call{"query channels", http.MethodPost, "/api/v2/chat/channels", 10_000, true, true}
	queryMessages  = call{"query messages", http.MethodPost, "/api/v2/chat/channels/{}/{}/query", 10_000, true, true} // without data it creates nothing
	queryMembers   = call{"query members", http.MethodGet, "/api/v2/chat/members", 1_000, true, true}
	queryBans      = call{"query banned users", http.MethodGet, "/api/v2/chat/query_banned_users", 1_000, true, true}
	queryUsers     = call{"query users", http.MethodGet, "/api/v2/users", 1_000, true, true}
	getMessage     = call{"get message", http.MethodGet, "/api/v2/chat/messages/{}", 1_000, true, true}
	getMessages    = call{"get messages", http.MethodGet, "/api/v2/chat/channels/{}/{}/messages", 1_000, true, true}
	searchMessages = call{"search messages", http.MethodGet, "/api/v2/chat/search", 300, true, true}
	getTask        = call{"get task", http.MethodGet, "/api/v2/tasks/{}", 1_000, true, true}
	listTypes      = call{"list channel types", http.MethodGet, "/api/v2/chat/channeltypes", 60, true, true}
	createChannel  = call{"get or create channel", http.MethodPost, "/api/v2/chat/channels/{}/{}/query", 10_000, false, true} // the mark in the channel tells who made it
	updateChannel  = call{"update channel", http.MethodPatch, "/api/v2/chat/channels/{}/{}", 300, false, true}                // sets the same again
	changeMembers  = call{"change members", http.MethodPost, "/api/v2/chat/channels/{}/{}", 300, false, true}                 // who is in stays in, who is out stays out
	deleteChannels = call{"delete channels", http.MethodPost, "/api/v2/chat/channels/delete", 60, false, true}                // what is gone stays gone
	markRead       = call{"mark read", http.MethodPost, "/api/v2/chat/channels/{}/{}/read", 1_000, false, true}               // up to the same message
	sendMessage    = call{"send message", http.MethodPost, "/api/v2/chat/channels/{}/{}/message", 1_000, false, true}         // Stream refuses an id that it has
	updateMessage  = call{"update message", http.MethodPut, "/api/v2/chat/messages/{}", 1_000, false, true}                   // sets the same again
	deleteMessage  = call{"delete message", http.MethodDelete, "/api/v2/chat/messages/{}", 1_000, false, true}                // what is deleted stays deleted
	sendReaction   = call{"send reaction", http.MethodPost, "/api/v2/chat/messages/{}/reaction", 1_000, false, true}          // one of each word and user
	queryReactions = call{"query reactions", http.MethodPost, "/api/v2/chat/messages/{}/reactions", 1_000, true, true}
	deleteReaction = call{"delete reaction", http.MethodDelete, "/api/v2/chat/messages/{}/reaction/{}", 1_000, false, true} // what is gone stays gone
	ban            = call{"ban", http.MethodPost, "/api/v2/moderation/ban", 300, false, true}                               // the same ban again
	unban          = call{"unban", http.MethodPost, "/api/v2/moderation/unban", 300, false, true}                           // there is nothing more to lift
	updateUsers    = call{"update users", http.MethodPatch, "/api/v2/users", 300, false, true}                              // sets the same again
	upsertUsers    = call{"upsert users", http.MethodPost, "/api/v2/users", 300, false, false}                              // may overwrite what others wrote between
)
