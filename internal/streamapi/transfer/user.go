package transfer

import (
	"context"
	"slices"

	"backchannel/internal/stream"
)

// copyRoles comes first, since users can have only roles that exist.
func (t *transfer) copyRoles(ctx context.Context) error {
	roles, err := t.From.roles(ctx)
	if err != nil {
		return err
	}
	there, err := t.To.roles(ctx)
	if err != nil {
		return err
	}
	for _, name := range roles {
		if slices.Contains(there, name) {
			continue
		}
		err := t.To.write(ctx, createRole, stream.Request{Body: object{"name": name}}, func(a answer) raw { return a.Role }, "name", name)
		if err := t.wrote(new(Tally), 1, "role "+name, err); err != nil {
			return err
		}
	}
	return nil
}

func (t *transfer) copyUsers(ctx context.Context, users []raw) error {
	for some := range slices.Chunk(users, stream.UsersAtOnce) {
		there, err := t.To.usersByID(ctx, some)
		if err != nil {
			return err
		}
		var changed []raw
		for _, u := range some {
			old, ok := there[u.id("id")]
			want := portableUser(u, t.times)
			if (!ok || sum(want) != sum(portableUser(old, t.times))) && t.carries(want, "user "+u.id("id")) {
				changed = append(changed, u)
			}
		}
		if err := t.writeUsers(ctx, changed); err != nil {
			return err
		}
		t.mu.Lock()
		t.report.Users.To += len(some)
		t.progress("users", t.report.Users.To, len(users))
		t.mu.Unlock()
	}
	return nil
}

// writeUsers writes users together, or one by one if the other server refuses one of them.
func (t *transfer) writeUsers(ctx context.Context, users []raw) error {
	if len(users) == 0 {
		return nil
	}
	whole := object{}
	for _, u := range users {
		whole[u.id("id")] = portableUser(u, t.times)
	}
	a, err := t.To.do(ctx, replaceUsers, stream.Request{Body: object{"users": whole}})
	if confirmed := byID(a.Users, "id"); err == nil && slices.ContainsFunc(users, func(u raw) bool { return confirmed[u.id("id")].object == nil }) {
		err = unconfirmed(replaceUsers)
	}
	if _, refused := refused(err); refused && len(users) > 1 {
		for _, u := range users {
			if err := t.writeUsers(ctx, []raw{u}); err != nil {
				return err
			}
		}
		return nil
	}
	return t.wrote(&t.report.Users, len(users), "user "+users[0].id("id"), err)
}

// deactivate comes last, since deactivated users can't write.
func (t *transfer) deactivate(ctx context.Context, users []raw) error {
	gone := slices.DeleteFunc(slices.Clone(users), func(u raw) bool { return u.object["deactivated_at"] == nil })
	for some := range slices.Chunk(gone, stream.UsersAtOnce) {
		there, err := t.To.usersByID(ctx, some)
		if err != nil {
			return err
		}
		for _, u := range some {
			id := u.id("id")
			if there[id].object["deactivated_at"] != nil {
				continue
			}
			err := t.To.write(ctx, deactivateUser, stream.Request{Path: []string{t.To.userID(id)}, Body: object{}},
				func(a answer) raw { return a.User }, "id", id)
			if err := t.wrote(&t.report.Users, 1, "deactivating "+id, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Server) usersByID(ctx context.Context, users []raw) (map[string]raw, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = s.userID(u.id("id"))
	}
	page, err := s.userPage(ctx, object{"id": object{"$in": ids}}, stream.NewestFirst, 0)
	found := make(map[string]raw, len(page))
	for _, u := range page {
		found[u.id("id")] = u
	}
	return found, err
}
