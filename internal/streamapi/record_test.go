package streamapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// leavesNone are the endpoints that change nothing, and those of which the row that they
// write is the record, or that change what is a user's own.
var leavesNone = []string{
	"QueryChannels", "ExportChannels", "QueryFlags", "QueryModerationFlags", "GetFlagCount", "QueryMessageHistory", "QueryReactions", "QueryThreads",
	"UnreadCountsBatch", "ExportUsers",
	"SendMessage", "SendReaction", "DeleteReaction", "SendEvent", "SendUserCustomEvent", "MarkRead", "MarkUnread", "MarkChannelsRead", "MarkDelivered",
	"HideChannel", "ShowChannel", "MuteChannel", "UnmuteChannel", "BlockUsers", "UnblockUsers", "Mute", "Unmute", "Flag", "Unflag", "CreateGuest",
	`UploadChannel"+`, `Upload"+`, // of files and images
}

// changes are requests that change something, in an order in which each can: the endpoint, as
// it is routed; the request; and what its record says.
var changes = []struct {
	route, path   string
	body          object
	operation, by string
	target        string
	canUndo       bool
}{
	{"POST /api/v2/users", "/api/v2/users", object{"users": object{"new": object{"id": "new", "name": "New"}}}, "upsertChatUsers", "", "user new", false},
	{"PATCH /api/v2/users", "/api/v2/users", object{"users": []object{{"id": "bob", "set": object{"name": "Bobby"}}}}, "upsertChatUsers", "", "user bob", true},
	{"POST /api/v2/chat/channels/{type}/query", "/api/v2/chat/channels/messaging/query",
		object{"data": object{"created_by_id": "ann", "members": []object{{"user_id": "ann"}, {"user_id": "cid"}}}}, "createOrUpdateChannel", "ann", "channel messaging:", false},
	{"POST /api/v2/chat/channels/{type}/{id}/query", "/api/v2/chat/channels/team/t/query", object{"data": object{"created_by_id": "ann"}}, "createOrUpdateChannel", "ann", "channel team:t", false},
	{"POST /api/v2/chat/channels/{type}/{id}", "/api/v2/chat/channels/team/t", object{"add_members": []object{{"user_id": "bob"}}, "user_id": "ann"}, "updateChannel", "ann", "member team:t bob", true},
	{"PATCH /api/v2/chat/channels/{type}/{id}", "/api/v2/chat/channels/team/t", object{"set": object{"name": "Tea"}, "user_id": "ann"}, "createOrUpdateChannel", "ann", "channel team:t", true},
	{"PUT /api/v2/chat/channels/batch", "/api/v2/chat/channels/batch",
		object{"operation": "addMembers", "filter": object{"cid": object{"$in": []string{"team:t"}}}, "members": []object{{"user_id": "cid"}}}, "updateChannels", "", "member team:t cid", true},
	{"PATCH /api/v2/chat/channels/{type}/{id}/member", "/api/v2/chat/channels/team/t/member?user_id=bob", object{"set": object{"desk": "1"}}, "updateMember", "bob", "member team:t bob", true},
	{"PATCH /api/v2/chat/channels/{type}/{id}/member/{user}", "/api/v2/chat/channels/team/t/member/bob", object{"set": object{"desk": "2"}}, "updateMember", "", "member team:t bob", true},
	{"POST /api/v2/chat/messages/{id}", "/api/v2/chat/messages/m1", object{"message": object{"text": "other", "user_id": "ann"}}, "editMessage", "ann", "message messaging:a ann m1", true},
	{"PUT /api/v2/chat/messages/{id}", "/api/v2/chat/messages/m1", object{"set": object{"text": "third"}, "user_id": "bob"}, "editMessage", "bob", "message messaging:a ann m1", true},
	{"DELETE /api/v2/chat/messages/{id}", "/api/v2/chat/messages/m1?deleted_by=bob", nil, "deleteMessage", "bob", "message messaging:a ann m1", true},
	{"POST /api/v2/chat/messages/{id}/undelete", "/api/v2/chat/messages/m1/undelete", object{"undeleted_by": "bob"}, "undeleteMessage", "bob", "message messaging:a ann m1", false},
	{"PATCH /api/v2/chat/threads/{id}", "/api/v2/chat/threads/m1", object{"set": object{"title": "T"}, "user_id": "ann"}, "updateThread", "ann", "message messaging:a m1", false},
	{"POST /api/v2/moderation/ban", "/api/v2/moderation/ban", object{"target_user_id": "cid", "banned_by_id": "ann", "reason": "spam"}, "banUser", "ann", "restriction cid ban", true},
	{"POST /api/v2/moderation/unban", "/api/v2/moderation/unban?target_user_id=cid", object{"unbanned_by_id": "ann"}, "unbanUser", "ann", "restriction cid ban", true},
	{"POST /api/v2/users/{id}/deactivate", "/api/v2/users/cid/deactivate", object{"created_by_id": "ann"}, "deactivateUsers", "ann", "user cid", true},
	{"POST /api/v2/users/{id}/reactivate", "/api/v2/users/cid/reactivate", object{"name": "Cid"}, "reactivateUsers", "", "user cid", false},
	{"POST /api/v2/users/deactivate", "/api/v2/users/deactivate", object{"user_ids": []string{"cid"}}, "deactivateUsers", "", "user cid", true},
	{"POST /api/v2/users/reactivate", "/api/v2/users/reactivate", object{"user_ids": []string{"cid"}}, "reactivateUsers", "", "user cid", false},
	{"POST /api/v2/users/delete", "/api/v2/users/delete", object{"user_ids": []string{"cid"}}, "deleteUsers", "", "user cid", false},
	{"POST /api/v2/users/restore", "/api/v2/users/restore", object{"user_ids": []string{"cid"}}, "restoreUsers", "", "user cid", false},
	{"PATCH /api/v2/app", "/api/v2/app", object{"guest_user_creation_disabled": true}, "updateApp", "", "setting app app", true},
	{"POST /api/v2/blocklists", "/api/v2/blocklists", object{"name": "rude", "words": []string{"fie"}}, "createBlocklist", "", "setting blocklist rude", false},
	{"PUT /api/v2/blocklists/{name}", "/api/v2/blocklists/rude", object{"words": []string{"fie", "fudge"}}, "updateBlocklist", "", "setting blocklist rude", true},
	{"POST /api/v2/chat/channeltypes", "/api/v2/chat/channeltypes", object{"name": "own", "automod": "disabled", "automod_behavior": "flag", "max_message_length": 100}, "createChannelType", "", "setting channel_type own", false},
	{"PUT /api/v2/chat/channeltypes/{name}", "/api/v2/chat/channeltypes/team", object{"automod": "disabled", "automod_behavior": "flag", "max_message_length": 300, "blocklist": "rude", "blocklist_behavior": "block"}, "updateChannelType", "", "setting channel_type team", true},
	{"DELETE /api/v2/blocklists/{name}", "/api/v2/blocklists/rude", nil, "deleteBlocklist", "", "setting channel_type team", true},
	{"DELETE /api/v2/chat/channeltypes/{name}", "/api/v2/chat/channeltypes/own", nil, "deleteChannelType", "", "setting channel_type own", true},
	{"POST /api/v2/roles", "/api/v2/roles", object{"name": "agent"}, "createRole", "", "setting role agent", false},
	{"DELETE /api/v2/roles/{name}", "/api/v2/roles/agent", nil, "deleteRole", "", "setting role agent", true},
	{"DELETE /api/v2/chat/channels/{type}/{id}/", "/api/v2/chat/channels/messaging/a/file?url={channel's file}", nil, "deleteFile", "", "file messaging:a ", false},
	{"DELETE /api/v2/uploads/", "/api/v2/uploads/image?user_id=ann&url={app's file}", nil, "deleteFile", "ann", "file ", false},
	{"POST /api/v2/chat/channels/{type}/{id}/truncate", "/api/v2/chat/channels/messaging/a/truncate", object{"user_id": "ann"}, "truncateChannel", "ann", "channel messaging:a", false},
	{"DELETE /api/v2/chat/channels/{type}/{id}", "/api/v2/chat/channels/team/t", nil, "deleteChannels", "", "channel team:t", true},
	{"POST /api/v2/chat/channels/delete", "/api/v2/chat/channels/delete", object{"cids": []string{"messaging:a"}}, "deleteChannels", "", "channel messaging:a", true},
}

func TestEveryChangeByAServerLeavesOneRecord(t *testing.T) {
	t.Parallel()
	routed := mutations(t)
	for _, row := range changes {
		if _, there := routed[row.route]; !there {
			t.Errorf("there is no route %s", row.route)
		}
		delete(routed, row.route)
	}
	for route, name := range routed {
		if !slices.Contains(leavesNone, name) {
			t.Errorf("%s (%s) has no row: say what its record is, or why it leaves none", route, name)
		}
	}
	onBoth(t, everyChangeIsRecorded)
}

// mutations are the routes that may change something, and Stream's names of their endpoints.
func mutations(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found, route := map[string]string{}, regexp.MustCompile(`HandleFunc\("((?:POST|PUT|PATCH|DELETE) [^"]*)"(?:\+\w+)?, s\.handle\("(\w+(?:"\+)?)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range route.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = m[2]
		}
	}
	return found
}

// forChanges makes what the requests of changes are about, and returns what completes their paths.
func (c *client) forChanges() *strings.Replacer {
	c.t.Helper()
	c.users("ann", "bob", "cid")
	c.channelOf("a", "ann", "bob")
	c.ok("POST", "/api/v2/chat/channels/messaging/a/message", object{"message": object{"id": "m1", "text": "hello", "user_id": "ann"}})
	c.ok("POST", "/api/v2/chat/channels/messaging/a/message", object{"message": object{"id": "r1", "parent_id": "m1", "text": "reply", "user_id": "bob"}})
	uploaded := func(path string) string {
		_, answer := c.upload(path, "a.png", pngOf(9), fromAnn)
		return url.QueryEscape(at(c.t, answer, "file").(string))
	}
	return strings.NewReplacer("{channel's file}", uploaded("/api/v2/chat/channels/messaging/a/file"), "{app's file}", uploaded("/api/v2/uploads/image"))
}

func everyChangeIsRecorded(t *testing.T, c *client) {
	complete := c.forChanges()
	log := sqlstore.ChangesIn(c.store)
	newest := func() chat.Change {
		list, err := log.List(t.Context(), chat.ChangeQuery{Limit: 1})
		if err != nil || len(list) == 0 {
			t.Fatalf("%v, %v", list, err)
		}
		return list[0]
	}
	for _, row := range changes {
		before := newest().Seq
		method, _, _ := strings.Cut(row.route, " ")
		var body any
		if row.body != nil {
			body = row.body
		}
		was, path := c.settings(), complete.Replace(row.path)
		c.ok(method, path, body)
		got := newest()
		if got.Seq != before+1 {
			t.Errorf("%s left %d records", row.route, got.Seq-before)
			continue
		}
		if got.Via != chat.ByStream || got.Operation != row.operation || got.By != row.by || got.CanUndo != row.canUndo || got.Address == "" {
			t.Errorf("%s left %+v, want %s by %q, can be undone: %v", row.route, got, row.operation, row.by, row.canUndo)
		}
		if row.canUndo && strings.HasPrefix(row.target, "setting ") {
			c.undo(row.route, got, was)
			c.ok(method, path, body)
		}
		if !slices.ContainsFunc(got.Targets, func(about chat.ChangeTarget) bool { return strings.HasPrefix(about.String(), row.target) }) {
			t.Errorf("%s is about %v, want %s", row.route, got.Targets, row.target)
		}
	}
	before := newest().Seq
	c.ok("POST", "/api/v2/chat/channels/messaging/b/query", object{"data": object{"created_by_id": "ann", "members": []object{{"user_id": "ann"}, {"user_id": "bob"}}}})
	c.ok("POST", "/api/v2/chat/channels/messaging/b/query", object{"data": object{"created_by_id": "ann"}})
	c.say("b", "bob", "hello")
	c.ok("POST", "/api/v2/chat/channels/messaging/b/read", object{"user_id": "ann"})
	c.refused("DELETE", "/api/v2/chat/channeltypes/team", nil, 400, codeInput)
	if made := newest(); made.Seq != before+1 {
		t.Errorf("a channel that is made, and made again, a message, a read mark and a refusal left %d records, want 1; the last is %+v", made.Seq-before, made)
	}
}

// undo checks that the undo of a change of settings leaves them as they were.
func (c *client) undo(route string, made chat.Change, was string) {
	c.t.Helper()
	op := chat.Operation{By: chat.Actor{ID: "boss"}, Name: "undo", Undoes: made.ID}
	if err := c.chat.Undo(c.t.Context(), chat.Undo{Operation: op}); err != nil {
		c.t.Errorf("the undo of %s: %v", route, err)
		return
	}
	if is := c.settings(); is != was {
		c.t.Errorf("after the undo of %s the settings are\n%s, they were\n%s", route, is, was)
	}
}

// settings are all rows of settings, without their times.
func (c *client) settings() string {
	c.t.Helper()
	rows, err := c.store.Query(c.t.Context(), `SELECT kind, name, body FROM settings ORDER BY kind, name`)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all strings.Builder
	for rows.Next() {
		var kind, name, body string
		if err := rows.Scan(&kind, &name, &body); err != nil {
			c.t.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(body), &members); err != nil {
			c.t.Fatal(err)
		}
		maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil }) // null and left out are one
		fmt.Fprintln(&all, kind, name, members)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return all.String()
}

// No record contains data that was deleted permanently.
func TestRecordsForgetWhatIsErased(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.users("ann", "bob")
	c.channelOf("a", "ann", "bob")
	first, second := c.say("a", "bob", "confidential one"), c.say("a", "bob", "confidential two")
	c.say("a", "bob", "confidential three")
	c.ok("DELETE", "/api/v2/chat/messages/"+first+"?hard=true", nil)
	c.ok("PUT", "/api/v2/chat/messages/"+second, object{"set": object{"text": "confidential four"}, "user_id": "bob"})
	c.finished("/api/v2/users/delete", object{"user_ids": []string{"bob"}, "user": "hard", "messages": "hard", "conversations": "hard"})
	list, err := sqlstore.ChangesIn(c.store).List(t.Context(), chat.ChangeQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", list); strings.Contains(text, "confidential") || strings.Contains(text, "Name of bob") {
		t.Errorf("records keep words or a name: %s", text)
	}
}
