package stream

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// Limits of Stream's calls, and a field.
const (
	UserPageSize  = 100 // Stream's maximum
	UsersAtOnce   = 100 // Stream's maximum in one call
	userNameField = "name"
)

// userPage reads one page of users, except deactivated ones.
func (p *Provider) userPage(ctx context.Context, filter object, by Sorting, offset, limit int) ([]wireUser, error) {
	query, err := Payload(object{
		"filter_conditions": filter, "sort": []Sorting{by}, "limit": limit, "offset": offset,
	})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Users []wireUser `json:"users"`
	}
	err = p.client.Do(ctx, QueryUsers, Request{Query: query, About: func() bool { return allWhole(answer.Users) }}, &answer)
	return answer.Users, err
}

// usersByID returns the users that exist.
func (p *Provider) usersByID(ctx context.Context, ids []string) (map[string]wireUser, error) {
	ids = slices.DeleteFunc(unique(ids), func(id string) bool { return !possible(id) })
	found := map[string]wireUser{}
	for some := range slices.Chunk(ids, UserPageSize) {
		list, err := p.userPage(ctx, object{"id": object{"$in": streamIDs(some)}}, NewestFirst, 0, UserPageSize)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			found[w.ID] = w
		}
	}
	return found, nil
}

func (p *Provider) cachedUsers(ctx context.Context, staleness time.Duration) cachedList[chat.User] {
	s := Scan[chat.User]{
		PageSize: UserPageSize,
		ID:       func(u chat.User) string { return u.ID },
		Times: []TimeField[chat.User]{
			{NewestFirst, func(u chat.User) time.Time { return u.CreatedAt }},
			{LeastChangedFirst, func(u chat.User) time.Time { return u.UpdatedAt }},
		},
		Page: func(ctx context.Context, filter object, by Sorting, offset int) ([]chat.User, error) {
			page, err := p.userPage(ctx, filter, by, offset, UserPageSize)
			rows := make([]chat.User, len(page))
			for i, w := range page {
				rows[i] = p.listedUser(w)
			}
			return rows, err
		},
	}
	return cachedList[chat.User]{
		id:        s.ID,
		compare:   func(a, b chat.User) int { return byName(a.Name, a.ID, b.Name, b.ID) },
		updated:   func(u chat.User) time.Time { return u.UpdatedAt },
		staleness: staleness,
		closed:    ctx,
		read: func(ctx context.Context, p *progress[chat.User]) ([]chat.User, error) {
			return s.goOn(ctx, object{}, p)
		},
	}
}

// Users implements chat.Provider. As with channels, the page is taken from the whole list.
func (p *Provider) Users(ctx context.Context, q chat.UserQuery) (page chat.Page[chat.User], err error) {
	list, err := p.users.get(ctx)
	if err != nil {
		return page, err
	}
	search := fold.Text(strings.TrimSpace(q.Search))
	page = pageOf(list, q.Limit, q.After,
		func(u chat.User, at chat.Position) int {
			return cmp.Or(cmp.Compare(fold.Key(u.Name), at.NameKey), cmp.Compare(u.ID, at.ID))
		},
		func(u chat.User) bool {
			return contains(search, u.Name, u.ID) && (q.IDs == nil || slices.Contains(q.IDs, u.ID))
		})
	return page, p.fillBans(ctx, page.Items)
}

// CountUsers implements chat.Provider.
func (p *Provider) CountUsers(ctx context.Context, search string, most int) (n int, err error) {
	list, err := p.users.get(ctx)
	search = fold.Text(strings.TrimSpace(search))
	for _, u := range list {
		if n < most && contains(search, u.Name, u.ID) {
			n++
		}
	}
	return n, err
}

// UpsertUsers implements chat.Provider. Omitted fields of existing users don't change. It writes a
// hundred users at a time: a failure may leave some changed, and a retry does the rest.
func (p *Provider) UpsertUsers(ctx context.Context, req chat.UpsertUsers) ([]chat.User, error) {
	ids := make([]string, len(req.Users))
	for i, u := range req.Users {
		ids[i] = u.ID
	}
	found := map[string]wireUser{}
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		for i, u := range req.Users {
			if err := checkUserIDs(fmt.Sprintf("users[%d].id", i), u.ID); err != nil {
				return "", err
			}
		}
		known, err := p.usersByID(ctx, ids)
		if err != nil {
			return "", err
		}
		plans := p.upserts(req.Users)
		if err := p.intendFrom(ctx, a, req.Operation.By, statesIn(known, ids), plans...); err != nil {
			return "", err
		}
		done := 0
		for some := range slices.Chunk(req.Users, UsersAtOnce) {
			if done > 0 { // the others have been written since it was asked
				if known, err = p.usersByID(ctx, ids[done:done+len(some)]); err != nil {
					return "", err
				}
			}
			if err := p.upsertSome(ctx, done, some, known, found); err != nil {
				return "", err
			}
			done += len(some)
		}
		return "", nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 { // it was done before
		if found, err = p.usersByID(ctx, ids); err != nil {
			return nil, err
		}
	}
	list := make([]chat.User, len(ids))
	for i, id := range ids {
		list[i] = p.listedUser(found[id])
	}
	return list, p.fillBans(ctx, list)
}

// upserts returns the plans for the users of an import.
func (p *Provider) upserts(users []chat.UserChange) []plan {
	plans := make([]plan, len(users))
	for i, u := range users {
		plans[i] = plan{ChangeTarget: aboutUser(u.ID), ifVersion: u.IfVersion, field: fmt.Sprintf("users[%d].ifVersion", i), will: func(now state) state {
			set := object{}
			if u.Name != "" && !asShown(u.Name, now.text(userNameField)) {
				set[userNameField] = u.Name
			}
			switch {
			case u.Role != "":
				set[roleField] = p.roles[u.Role]
			case now == nil:
				set[roleField] = p.roles[chat.RoleUser]
			}
			return now.with(set)
		}}
	}
	return plans
}

func aboutUser(id string) chat.ChangeTarget {
	return chat.ChangeTarget{Kind: chat.UserTarget, UserID: id}
}

// statesIn returns the states of users, nil for those that aren't known.
func statesIn(known map[string]wireUser, ids []string) []state {
	list := make([]state, len(ids))
	for i, id := range ids {
		if w, exists := known[id]; exists {
			list[i] = w.state()
		}
	}
	return list
}

// upsertSome updates the known users and creates the others, and adds them to written. Stream's upsert would
// replace a whole user, including other services' data. first is the index of the first user in the input.
func (p *Provider) upsertSome(ctx context.Context, first int, users []chat.UserChange, known, written map[string]wireUser) error {
	for i, u := range users {
		if err := checkRoom(fmt.Sprintf("users[%d].name", first+i), u.Name, known[u.ID]); err != nil {
			return err
		}
	}
	var changed, created []userWrite
	newRoles := map[chat.Role][]string{}
	for _, u := range users {
		if had := p.user(known[u.ID]).Role; u.Role != "" && u.Role != had {
			newRoles[u.Role] = append(newRoles[u.Role], u.ID)
		}
		w := userWrite{id: u.ID, name: u.Name, role: p.roles[u.Role]}
		if asShown(u.Name, known[u.ID].Name) {
			w.name = ""
		}
		if _, exists := known[u.ID]; exists {
			changed = append(changed, w)
			continue
		}
		if u.Role == "" {
			w.role = p.roles[chat.RoleUser]
		}
		created = append(created, w)
	}
	if err := p.writeUsers(ctx, upsertUsers, created, written); err != nil {
		return err
	}
	if err := p.writeUsers(ctx, updateUsers, changed, written); err != nil {
		return err
	}
	for role, ids := range newRoles {
		p.tellRoles(ctx, known, ids, role)
	}
	return nil
}

// userWrite is what to write of a user; "" leaves a field unchanged.
type userWrite struct {
	id         string
	name, role string // Stream's name of the role
	nameless   bool   // remove the name
}

func (u userWrite) fields() object {
	o := object{}
	if u.name != "" {
		o[userNameField] = u.name
	}
	if u.role != "" {
		o["role"] = u.role
	}
	return o
}

// writeUsers creates or updates users, and reads their new state from the answer. It adds them to written,
// which may be nil.
func (p *Provider) writeUsers(ctx context.Context, call Call, users []userWrite, written map[string]wireUser) error {
	if len(users) == 0 {
		return nil
	}
	created, changed, ids := object{}, make([]object, len(users)), make([]string, len(users))
	for i, u := range users {
		ids[i] = u.id
		changed[i] = object{"id": StreamID(u.id), "set": u.fields()}
		if u.nameless {
			changed[i]["unset"] = []string{userNameField}
		}
		o := u.fields()
		o["id"] = StreamID(u.id)
		created[StreamID(u.id)] = o
	}
	body := object{"users": changed}
	if call == upsertUsers {
		body["users"] = created
	}
	var answer struct {
		Users map[string]wireUser `json:"users"`
	}
	done := func(named bool) bool { // all are as they were written
		return !slices.ContainsFunc(users, func(u userWrite) bool {
			w, told := answer.Users[StreamID(u.id)]
			return !told || u.role != "" && w.Role != u.role || named && w.Name != u.name
		})
	}
	err := p.client.Do(ctx, call, Request{Body: body, About: func() bool { return done(false) }}, &answer)
	if call == upsertUsers && lost(err) { // it isn't repeated, and may have been done
		now, failed := p.usersByID(ctx, ids)
		answer.Users = map[string]wireUser{}
		for id, w := range now {
			answer.Users[StreamID(id)] = w
		}
		if failed == nil && done(true) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	for _, w := range answer.Users {
		p.users.put(p.listedUser(w))
		if written != nil {
			written[w.ID] = w
		}
	}
	return nil
}

// SetRole implements chat.Provider.
func (p *Provider) SetRole(ctx context.Context, req chat.SetRole) error {
	_, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		if err := checkUserIDs("users", req.UserID); err != nil {
			return "", err
		}
		known, err := p.usersByID(ctx, []string{req.UserID})
		if err != nil {
			return "", err
		}
		if _, exists := known[req.UserID]; !exists {
			return "", noUser()
		}
		role := plan{aboutUser(req.UserID), gets(object{roleField: p.roles[req.Role]}), req.Operation.IfVersion, "ifVersion"}
		if err := p.intendFrom(ctx, a, req.Operation.By, statesIn(known, []string{req.UserID}), role); err != nil {
			return "", err
		}
		had := p.user(known[req.UserID]).Role
		err = p.giveRole(ctx, []string{req.UserID}, req.Role, nil)
		if err == nil && had != req.Role {
			p.tellRoles(ctx, known, []string{req.UserID}, req.Role)
		}
		if said(err, codeDoesNotExist) {
			err = noUser()
		}
		return "", err
	})
	return err
}

// SetRoles implements chat.Provider. It writes a hundred users at a time: a failure may leave some
// changed, and a retry does the rest; the previous roles are then those before the retry.
func (p *Provider) SetRoles(ctx context.Context, req chat.SetRoles) ([]chat.RoleChange, error) {
	var now map[string]wireUser // nil if it was done before
	result, err := p.carryOut(ctx, req.Operation, func(ctx context.Context, a attempt) (string, error) {
		if err := checkUserIDs("users", req.UserIDs...); err != nil {
			return "", err
		}
		known, err := p.usersByID(ctx, req.UserIDs)
		if err != nil {
			return "", err
		}
		if unknown := unknownUsers(req.UserIDs, known); len(unknown) > 0 {
			refused := chat.UnknownUsers("users", unknown)
			refused.Code = chat.NotFound
			return "", refused
		}
		plans := make([]plan, len(req.UserIDs))
		for i, id := range req.UserIDs {
			plans[i] = plan{aboutUser(id), gets(object{roleField: p.roles[req.Role]}), req.Version(i), fmt.Sprintf("ifVersions[%d]", i)}
		}
		if err := p.intendFrom(ctx, a, req.Operation.By, statesIn(known, req.UserIDs), plans...); err != nil {
			return "", err
		}
		previous := make([]string, len(req.UserIDs))
		var others []string
		for i, id := range req.UserIDs {
			role := p.user(known[id]).Role
			if previous[i] = string(role); role != req.Role {
				others = append(others, id)
			}
		}
		now = maps.Clone(known)
		err = p.giveRole(ctx, others, req.Role, now)
		if err == nil {
			p.tellRoles(ctx, known, others, req.Role)
		}
		return strings.Join(previous, ","), err
	})
	if err != nil {
		return nil, err
	}
	if now == nil {
		if now, err = p.usersByID(ctx, req.UserIDs); err != nil {
			return nil, err
		}
	}
	users := make([]chat.User, len(req.UserIDs))
	for i, id := range req.UserIDs {
		users[i] = p.listedUser(now[id])
	}
	err = p.fillBans(ctx, users)
	list := make([]chat.RoleChange, len(users))
	for i, previous := range strings.Split(result, ",") {
		list[i] = chat.RoleChange{User: users[i], Previous: chat.Role(previous)}
	}
	return list, err
}

// giveRole sets the role of users, and adds them to written, which may be nil.
func (p *Provider) giveRole(ctx context.Context, ids []string, role chat.Role, written map[string]wireUser) error {
	for some := range slices.Chunk(ids, UsersAtOnce) {
		changes := make([]userWrite, len(some))
		for i, id := range some {
			changes[i] = userWrite{id: id, role: p.roles[role]}
		}
		if err := p.writeUsers(ctx, updateUsers, changes, written); err != nil {
			return err
		}
	}
	return nil
}

// tellRoles records for the back office and the channels' feeds which users have a new role.
func (p *Provider) tellRoles(ctx context.Context, known map[string]wireUser, ids []string, role chat.Role) {
	var t told
	for _, id := range ids {
		u := p.user(known[id])
		u.ID, u.Role = id, role
		t.seen = append(t.seen, sawRole(u, time.Time{}, false))
	}
	p.tellOwn(ctx, t)
}

// unknownUsers returns the ids that belong to no user.
func unknownUsers(ids []string, known map[string]wireUser) (unknown []string) {
	for _, id := range ids {
		if _, exists := known[id]; !exists {
			unknown = append(unknown, id)
		}
	}
	return unknown
}

// nameUser sets the name of a user who has none: Stream creates a first-time sender without a name.
// A failure is ignored, since the next message repeats this.
func (p *Provider) nameUser(ctx context.Context, who chat.Actor) {
	if who.Name != "" {
		err := p.writeUsers(ctx, updateUsers, []userWrite{{id: who.ID, name: who.Name}}, nil)
		if err != nil {
			p.logger.Warn("a new chat user was not named", "user", who.ID, "error", err)
			return
		}
	}
	p.named.Add(who.ID, struct{}{})
}

// contains reports whether a text contains the folded search.
func contains(search string, texts ...string) bool {
	return search == "" || slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(fold.Text(s), search) })
}

// noUser returns the error for a user who must exist but doesn't.
func noUser() error { return chat.Missing("users", "There is no such chat user.") }
