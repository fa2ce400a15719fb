package streamapi

import (
	"cmp"
	"encoding/json"
	"net"
	"net/http"

	"backchannel/internal/chat"
)

// recorded maps the endpoints whose changes are recorded, by Stream's names, to the operations that
// the records name: those of the GraphQL API if it has them.
var recorded = map[string]string{
	"GetOrCreateChannel": "createOrUpdateChannel", "UpdateChannel": "updateChannel", "UpdateChannelPartial": "createOrUpdateChannel",
	"ChannelBatchUpdate": "updateChannels", "DeleteChannel": "deleteChannels", "DeleteChannels": "deleteChannels", "TruncateChannel": "truncateChannel",
	"UpdateMemberPartial": "updateMember",
	"UpdateMessage":       "editMessage", "UpdateMessagePartial": "editMessage", "DeleteMessage": "deleteMessage", "UndeleteMessage": "undeleteMessage",
	"UpdateThreadPartial": "updateThread",
	"UpdateUsers":         "upsertChatUsers", "UpdateUsersPartial": "upsertChatUsers",
	"DeactivateUser": "deactivateUsers", "DeactivateUsers": "deactivateUsers", "ReactivateUser": "reactivateUsers", "ReactivateUsers": "reactivateUsers",
	"DeleteUsers": "deleteUsers", "RestoreUsers": "restoreUsers",
	"Ban": "banUser", "Unban": "unbanUser",
	"DeleteChannelFile": "deleteFile", "DeleteChannelImage": "deleteFile", "DeleteFile": "deleteFile", "DeleteImage": "deleteFile",
	"UpdateApp":         "updateApp",
	"CreateChannelType": "createChannelType", "UpdateChannelType": "updateChannelType", "DeleteChannelType": "deleteChannelType",
	"CreateBlockList": "createBlocklist", "UpdateBlockList": "updateBlocklist", "DeleteBlockList": "deleteBlocklist",
	"CreateRole": "createRole", "DeleteRole": "deleteRole",
}

// record makes all changes of a request go into one record, if its endpoint is recorded. The caller
// must call done at the end of the request.
func (s *Server) record(c *call, name string) (done func(), err error) {
	operation, leaves := recorded[name]
	if !leaves {
		return func() {}, nil
	}
	address, _, err := net.SplitHostPort(c.RemoteAddr)
	if err != nil {
		address = c.RemoteAddr
	}
	by, via := named(c), chat.ByStream
	if s.transfer {
		by, via = "transfer", chat.ByCommand
	}
	ctx, done, err := s.engine.Recording(c.Context(), chat.Operation{By: server(by), Name: operation,
		Source: chat.Source{Via: via, RequestID: c.writer.Header().Get("X-Request-Id"), Address: address}})
	if err != nil {
		return nil, err
	}
	c.Request = c.WithContext(ctx)
	return done, nil
}

// named returns the user in whose name a request says that it acts, "" for none.
func named(c *call) string {
	type user struct {
		ID string `json:"id"`
	}
	var req struct {
		UserID       string `json:"user_id"`
		User         user   `json:"user"`
		BannedByID   string `json:"banned_by_id"`
		BannedBy     user   `json:"banned_by"`
		UnbannedByID string `json:"unbanned_by_id"`
		UnbannedBy   user   `json:"unbanned_by"`
		UndeletedBy  string `json:"undeleted_by"`
		CreatedByID  string `json:"created_by_id"`
		Data         struct {
			CreatedByID string `json:"created_by_id"`
			CreatedBy   user   `json:"created_by"`
		} `json:"data"`
		Message struct {
			UserID string `json:"user_id"`
			User   user   `json:"user"`
		} `json:"message"`
	}
	_ = json.Unmarshal(c.body, &req) // the endpoint checks the body
	query := c.URL.Query()
	id := cmp.Or(req.BannedByID, req.BannedBy.ID, req.UnbannedByID, req.UnbannedBy.ID, req.UndeletedBy, req.UserID, req.User.ID, req.CreatedByID,
		req.Data.CreatedByID, req.Data.CreatedBy.ID, req.Message.UserID, req.Message.User.ID, query.Get("deleted_by"), query.Get("user_id"))
	if c.Method == http.MethodDelete && id == "" {
		id = query.Get("unbanned_by")
	}
	if chat.CheckUserID(id) != nil {
		return ""
	}
	return id
}
