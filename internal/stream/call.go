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
}

// The calls. The comments say why repeating a write is harmless, or that it may do harm.
var (
	QueryChannels  = Call{"query channels", http.MethodPost, "/api/v2/chat/channels", 10_000, true, true}
	QueryMessages  = Call{"query messages", http.MethodPost, "/api/v2/chat/channels/{}/{}/query", 10_000, true, true} // without data it creates nothing
	QueryMembers   = Call{"query members", http.MethodGet, "/api/v2/chat/members", 1_000, true, true}
	queryBans      = Call{"query banned users", http.MethodGet, "/api/v2/chat/query_banned_users", 1_000, true, true}
	QueryUsers     = Call{"query users", http.MethodGet, "/api/v2/users", 1_000, true, true}
	getMessage     = Call{"get message", http.MethodGet, "/api/v2/chat/messages/{}", 1_000, true, true}
	getMessages    = Call{"get messages", http.MethodGet, "/api/v2/chat/channels/{}/{}/messages", 1_000, true, true}
	searchMessages = Call{"search messages", http.MethodGet, "/api/v2/chat/search", 300, true, true}
	getTask        = Call{"get task", http.MethodGet, "/api/v2/tasks/{}", 1_000, true, true}
	listTypes      = Call{"list channel types", http.MethodGet, "/api/v2/chat/channeltypes", 60, true, true}
	CreateChannel  = Call{"get or create channel", http.MethodPost, "/api/v2/chat/channels/{}/{}/query", 10_000, false, true} // the mark in the channel identifies its creator
	UpdateChannel  = Call{"update channel", http.MethodPatch, "/api/v2/chat/channels/{}/{}", 300, false, true}                // sets the same values again
	ChangeMembers  = Call{"change members", http.MethodPost, "/api/v2/chat/channels/{}/{}", 300, false, true}                 // a repeat changes nothing
	deleteChannels = Call{"delete channels", http.MethodPost, "/api/v2/chat/channels/delete", 60, false, true}                // a deleted channel stays deleted
	markRead       = Call{"mark read", http.MethodPost, "/api/v2/chat/channels/{}/{}/read", 1_000, false, true}               // up to the same message
	sendMessage    = Call{"send message", http.MethodPost, "/api/v2/chat/channels/{}/{}/message", 1_000, false, true}         // Stream refuses an existing id
	updateMessage  = Call{"update message", http.MethodPut, "/api/v2/chat/messages/{}", 1_000, false, true}                   // sets the same values again
	deleteMessage  = Call{"delete message", http.MethodDelete, "/api/v2/chat/messages/{}", 1_000, false, true}                // a deleted message stays deleted
	undelete       = Call{"undelete message", http.MethodPost, "/api/v2/chat/messages/{}/undelete", 1_000, false, true}       // an existing message stays
	sendReaction   = Call{"send reaction", http.MethodPost, "/api/v2/chat/messages/{}/reaction", 1_000, false, true}          // a user has one reaction of each type
	queryReactions = Call{"query reactions", http.MethodPost, "/api/v2/chat/messages/{}/reactions", 1_000, true, true}
	deleteReaction = Call{"delete reaction", http.MethodDelete, "/api/v2/chat/messages/{}/reaction/{}", 1_000, false, true} // a removed reaction stays removed
	ban            = Call{"ban", http.MethodPost, "/api/v2/moderation/ban", 300, false, true}                               // sets the same ban again
	unban          = Call{"unban", http.MethodPost, "/api/v2/moderation/unban", 300, false, true}                           // a repeat changes nothing
	updateUsers    = Call{"update users", http.MethodPatch, "/api/v2/users", 300, false, true}                              // sets the same values again
	upsertUsers    = Call{"upsert users", http.MethodPost, "/api/v2/users", 300, false, false}                              // may overwrite changes by others in between
)
