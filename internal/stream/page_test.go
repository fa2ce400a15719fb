package stream_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// Lists that end with a page of Stream's, and those with one row more, are whole.
func TestPagesAtTheirEdges(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	far := there{h, t}
	cids := h.fill(stream.ChannelPageSize, "room")
	far.send(cids[1], "parent", "x", "")
	known, err := h.far.Users(t.Context(), chat.UserQuery{Limit: 1_000})
	far.ok(err)
	var users []string
	for _, u := range known.Items {
		users = append(users, u.ID)
	}
	// grow adds users to the chat and all of them to the channels, and messages.
	grow := func(round, people, messages, replies, pinned int) {
		var add []chat.UserChange
		for i := range people {
			users = append(users, fmt.Sprint("user-", round, "-", i))
			add = append(add, chat.UserChange{ID: users[len(users)-1], Name: "User"})
		}
		_, err := h.far.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: add})
		far.ok(err)
		far.ok(h.far.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: by(clerk), CID: cids[0], Add: users}))
		var wg sync.WaitGroup
		post := func(n int, cid chat.CID, parent string) {
			for i := range n {
				wg.Go(func() { far.send(cid, fmt.Sprint(cid.ID, "-", round, "-", i), "x", parent) })
			}
		}
		post(messages, cids[0], "")
		post(replies, cids[1], "parent")
		post(pinned, cids[2], "")
		wg.Wait()
	}
	const most = 1_000
	for round := range 2 {
		if round == 0 {
			grow(round, stream.UserPageSize-len(users), 300, 100, 100)
		} else {
			grow(round, 1, 1, 1, 1)
			h.fill(1, "one-more")
		}
		page := func(cid chat.CID, fromEnd bool, limit int) chat.Page[chat.Message] {
			list, err := h.Messages(h.ctx(), chat.MessageQuery{CID: cid, By: clerk, Limit: limit, FromEnd: fromEnd})
			far.ok(err)
			return list
		}
		ids := map[string]map[string]bool{}
		note := func(list, id string) {
			if ids[list] == nil {
				ids[list] = map[string]bool{}
			}
			if ids[list][id] {
				t.Errorf("%s has %s twice", list, id)
			}
			ids[list][id] = true
		}
		for _, c := range h.all() {
			note("channels", c.CID.String())
		}
		all, err := h.Users(h.ctx(), chat.UserQuery{Limit: most})
		far.ok(err)
		for _, u := range all.Items {
			note("users", u.ID)
		}
		members, err := h.Members(h.ctx(), chat.MemberQuery{CID: cids[0], Limit: most})
		far.ok(err)
		for _, m := range members.Items {
			note("members", m.User.ID)
		}
		for _, m := range page(cids[0], false, most).Items {
			note("messages", m.ID)
		}
		for _, m := range page(cids[0], true, most).Items {
			note("messages from the end", m.ID)
		}
		for _, m := range page(cids[1], false, most).Items {
			note("replies", m.ID)
		}
		for _, m := range page(cids[1], true, most).Items {
			note("replies from the end", m.ID)
		}
		for list, want := range map[string]int{"channels": 30, "users": 100, "members": 100, "messages": 300, "messages from the end": 300, "replies": 101, "replies from the end": 101} {
			if n := len(ids[list]); n != want+round {
				t.Errorf("%d %s, want %d", n, list, want+round)
			}
		}
		if last := page(cids[2], true, 100); len(last.Items) != 100 || last.HasPrevious != (round == 1) {
			t.Errorf("%d of %d messages, more: %t", len(last.Items), 100+round, last.HasPrevious)
		}
		if first := page(cids[2], false, 100); len(first.Items) != 100 || first.HasNext != (round == 1) {
			t.Errorf("%d of %d messages, more: %t", len(first.Items), 100+round, first.HasNext)
		}
	}
	for _, n := range []int{300, 301} {
		h.net.heal()
		h.net.breakNext(most, http.MethodGet, "/query_banned_users", banned("user", n))
		list, err := h.Restrictions(h.ctx(), cids[0])
		if err != nil || len(list) != n {
			t.Errorf("%d bans (%v), want %d", len(list), err, n)
		}
	}
}

// banned answers pages of that many bans in a channel.
func banned(prefix string, n int) func(*network, http.ResponseWriter, *http.Request) {
	return func(_ *network, w http.ResponseWriter, r *http.Request) {
		var asked struct{ Limit, Offset int }
		_ = json.Unmarshal([]byte(r.URL.Query().Get("payload")), &asked)
		bans := []any{}
		for i := asked.Offset; i < min(n, asked.Offset+asked.Limit); i++ {
			bans = append(bans, map[string]any{"user": map[string]any{"id": fmt.Sprint(prefix, i)}, "channel": map[string]any{}, "created_at": 1})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"bans": bans, "duration": "1ms"})
	}
}

// What Stream takes a hundred of is done with one call for a hundred, and with two for one more.
func TestSplitsAtTheirEdges(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	there{h, t}.put(news, "News")
	h.learnLimit()
	var users []chat.UserChange
	var ids []string
	var cids []chat.CID
	for i := range stream.UsersAtOnce + 1 {
		ids = append(ids, fmt.Sprint("user-", i))
		users = append(users, chat.UserChange{ID: ids[i], Name: "User"})
		cids = append(cids, chat.CID{Type: chat.Team, ID: ids[i]})
	}
	for calls, n := range map[int]int{1: stream.UsersAtOnce, 2: stream.UsersAtOnce + 1} {
		role := map[int]chat.Role{1: chat.RoleModerator, 2: chat.RoleAdmin}[calls]
		for _, row := range []struct {
			name, method, path string
			do                 func() error
		}{
			{"upsertChatUsers", http.MethodPatch, "/users", func() error {
				_, err := h.far.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: users[:n]})
				if err == nil {
					_, err = h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: users[:n]})
				}
				return err
			}},
			{"setRoles", http.MethodPatch, "/users", func() error {
				_, err := h.SetRoles(h.ctx(), chat.SetRoles{Operation: by(clerk), UserIDs: ids[:n], Role: role})
				return err
			}},
			{"addMembers", http.MethodPost, "/livestream/news", func() error {
				return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: ids[:n]})
			}},
			{"removeMembers", http.MethodPost, "/livestream/news", func() error {
				return h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Remove: ids[:n]})
			}},
			{"deleteChannels", http.MethodPost, "/channels/delete", func() error {
				return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: cids[:n]})
			}},
		} {
			before := h.net.count(row.method, row.path)
			if err := row.do(); err != nil {
				t.Errorf("%s of %d: %v", row.name, n, err)
			}
			if made := h.net.count(row.method, row.path) - before; made != calls {
				t.Errorf("%s of %d took %d calls, want %d", row.name, n, made, calls)
			}
		}
	}
}
