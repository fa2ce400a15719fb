package stream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
)

// Transfer says what is copied from where to where.
type Transfer struct {
	From, To *Side
	// VerifyOnly compares and writes nothing.
	VerifyOnly bool
	// Progress is told how far the transfer has come, by several goroutines; nil for
	// nobody.
	Progress func(Progress)
}

// Progress is how far a transfer has come.
type Progress struct {
	Stage       string // "users", "channels" or "verifying"
	Done, Total int
}

// Report is what a transfer did and found.
type Report struct {
	Users, Channels, Members, Messages, Reactions Tally
	// Differences says, a line each, what is not the same on both sides.
	Differences []string
}

// Tally counts one noun.
type Tally struct {
	From, To int // how many there are
	Written  int // how many were created or changed
}

// channelsAtOnce is how many channels are copied at the same time.
const channelsAtOnce = 4

// maxDifferences keeps a report that compares two strangers readable.
const maxDifferences = 1_000

// transfer is one under way.
type transfer struct {
	Transfer
	times bool // the times at which things were made are carried too

	mu     sync.Mutex
	report Report
}

// Run copies users, channels, members, messages and reactions that are missing on
// the other side or differ there, and then compares the two. Nothing is ever
// removed. A transfer that was interrupted is taken up by running it again; one
// that is complete changes nothing.
//
// What the other side refuses is a difference in the report, not an error.
func (t Transfer) Run(ctx context.Context) (Report, error) {
	run := &transfer{Transfer: t, times: t.To.ours}
	users, err := t.From.users(ctx)
	if err != nil {
		return run.report, fmt.Errorf("reading users: %w", err)
	}
	channels, err := t.From.channels(ctx)
	if err != nil {
		return run.report, fmt.Errorf("reading channels: %w", err)
	}
	if !t.VerifyOnly {
		if err := run.copyRoles(ctx); err != nil {
			return run.report, fmt.Errorf("copying roles: %w", err)
		}
		if err := run.copyUsers(ctx, users); err != nil {
			return run.report, fmt.Errorf("copying users: %w", err)
		}
		if err := run.each(ctx, "channels", channels, run.copyChannel); err != nil {
			return run.report, err
		}
		if err := run.deactivate(ctx, users); err != nil {
			return run.report, fmt.Errorf("deactivating users: %w", err)
		}
	}
	run.report.Users.From, run.report.Channels.From = len(users), len(channels)
	if err := run.compareUsers(ctx, users); err != nil {
		return run.report, fmt.Errorf("comparing users: %w", err)
	}
	err = run.each(ctx, "verifying", channels, run.compareChannel)
	slices.Sort(run.report.Differences)
	return run.report, err
}

// each does something for every channel, a few at once.
func (t *transfer) each(ctx context.Context, stage string, channels []raw, do func(ctx context.Context, c raw) error) error {
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(channelsAtOnce)
	for _, c := range channels {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := do(ctx, c); err != nil {
				return fmt.Errorf("%s %s: %w", stage, c.id("cid"), err)
			}
			t.progress(stage, int(done.Add(1)), len(channels))
			return nil
		})
	}
	return g.Wait()
}

func (t *transfer) progress(stage string, done, total int) {
	if t.Progress != nil {
		t.Progress(Progress{stage, done, total})
	}
}

// wrote counts what was written, or notes what the other side refused. Other
// failures end the transfer.
func (t *transfer) wrote(tally *Tally, n int, what string, err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		tally.Written += n
		return nil
	}
	if e := refusal(err); e != nil {
		t.differ("%s was refused: %s", what, e.said)
		return nil
	}
	return err
}

// refusal is an answer that trying again would not change, or nil.
func refusal(err error) *apiError {
	e, answered := errors.AsType[*apiError](err)
	if !answered || e.down() || e.status == http.StatusTooManyRequests || e.status == http.StatusUnauthorized {
		return nil
	}
	return e
}

// differ notes a difference. The lock is held.
func (t *transfer) differ(format string, args ...any) {
	if len(t.report.Differences) < maxDifferences {
		t.report.Differences = append(t.report.Differences, fmt.Sprintf(format, args...))
	}
}

// copyRoles comes first: nobody can have a role that isn't there.
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
		err := t.To.client.do(ctx, createRole, request{body: object{"name": name}}, nil)
		if err := t.wrote(new(Tally), 1, "role "+name, err); err != nil {
			return err
		}
	}
	return nil
}

func (t *transfer) copyUsers(ctx context.Context, users []raw) error {
	for some := range slices.Chunk(users, usersAtOnce) {
		there, err := t.To.usersByID(ctx, some)
		if err != nil {
			return err
		}
		var changed []raw
		for _, u := range some {
			old, ok := there[u.id("id")]
			if !ok || sum(portableUser(u, t.times)) != sum(portableUser(old, t.times)) {
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

// writeUsers writes users together, or one by one where the other side refuses one
// of them.
func (t *transfer) writeUsers(ctx context.Context, users []raw) error {
	if len(users) == 0 {
		return nil
	}
	whole := object{}
	for _, u := range users {
		whole[u.id("id")] = portableUser(u, t.times)
	}
	err := t.To.client.do(ctx, replaceUsers, request{body: object{"users": whole}}, nil)
	if refusal(err) != nil && len(users) > 1 {
		for _, u := range users {
			if err := t.writeUsers(ctx, []raw{u}); err != nil {
				return err
			}
		}
		return nil
	}
	return t.wrote(&t.report.Users, len(users), "user "+users[0].id("id"), err)
}

// deactivate comes last: who is deactivated can't have written anything.
func (t *transfer) deactivate(ctx context.Context, users []raw) error {
	gone := slices.DeleteFunc(slices.Clone(users), func(u raw) bool { return u.object["deactivated_at"] == nil })
	for some := range slices.Chunk(gone, usersAtOnce) {
		there, err := t.To.usersByID(ctx, some)
		if err != nil {
			return err
		}
		for _, u := range some {
			id := u.id("id")
			if there[id].object["deactivated_at"] != nil {
				continue
			}
			err := t.To.client.do(ctx, deactivateUser, request{path: []string{id}, body: object{}}, nil)
			if err := t.wrote(&t.report.Users, 1, "deactivating "+id, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Side) usersByID(ctx context.Context, users []raw) (map[string]raw, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.id("id")
	}
	page, err := s.userPage(ctx, object{"id": object{"$in": ids}}, newestFirst, 0)
	found := make(map[string]raw, len(page))
	for _, u := range page {
		found[u.id("id")] = u
	}
	return found, err
}

func (t *transfer) copyChannel(ctx context.Context, c raw) error {
	kind, id := c.id("type"), c.id("id")
	there, found, err := t.To.channel(ctx, c.id("cid"))
	if err != nil {
		return err
	}
	data := portableChannel(c, t.times)
	switch {
	case !found:
		err = t.To.client.do(ctx, createChannel, request{path: []string{kind, id}, body: object{"data": data}}, nil)
	case sum(data) != sum(portableChannel(there, t.times)):
		err = t.To.client.do(ctx, updateWhole, request{path: []string{kind, id}, body: object{"data": data}}, nil)
	default:
		return t.fillChannel(ctx, c, there)
	}
	if refusal(err) != nil {
		return t.wrote(&t.report.Channels, 1, "channel "+c.id("cid"), err) // then it can't be filled either
	}
	if err := t.wrote(&t.report.Channels, 1, "channel "+c.id("cid"), err); err != nil {
		return err
	}
	return t.fillChannel(ctx, c, there)
}

// fillChannel copies what is in a channel. What would keep messages out is lifted
// before and set after them.
func (t *transfer) fillChannel(ctx context.Context, c, there raw) error {
	kind, id := c.id("type"), c.id("id")
	if err := t.copyMembers(ctx, kind, id); err != nil {
		return err
	}
	open := &opener{transfer: t, channel: there, kind: kind, id: id}
	err := t.From.messages(ctx, kind, id, func(page []raw) error { return t.copyMessages(ctx, open, page) })
	if err != nil {
		return err
	}
	return open.close(ctx, c)
}

// opener opens a closed channel of the other side before the first message is
// written there.
type opener struct {
	*transfer
	channel  raw
	kind, id string
	opened   bool
}

func (o *opener) open(ctx context.Context) error {
	if o.opened || sum(closing(o.channel)) == sum(closing(raw{})) {
		return nil
	}
	o.opened = true
	return o.set(ctx, object{"frozen": false, "disabled": false, "cooldown": 0})
}

func (o *opener) close(ctx context.Context, c raw) error {
	want := closing(c)
	if !o.opened && sum(want) == sum(closing(o.channel)) {
		return nil
	}
	return o.wrote(&o.report.Channels, 0, "closing "+c.id("cid"), o.set(ctx, want))
}

func (o *opener) set(ctx context.Context, fields object) error {
	return o.To.client.do(ctx, updateChannel, request{path: []string{o.kind, o.id}, body: object{"set": fields}}, nil)
}

func (t *transfer) copyMembers(ctx context.Context, kind, id string) error {
	members, err := t.From.members(ctx, kind, id)
	if err != nil {
		return err
	}
	list, err := t.To.members(ctx, kind, id)
	if err != nil {
		return err
	}
	there := byID(list, "user_id")
	var missing, roles []object
	for _, m := range members {
		want := portableMember(m)
		old, found := there[m.id("user_id")]
		switch {
		case !found:
			missing = append(missing, want)
		case sum(want) == sum(portableMember(old)):
			continue
		default:
			roles = append(roles, object{"user_id": want["user_id"], "channel_role": m.object["channel_role"]})
			err := t.To.client.do(ctx, updateMember, request{
				path: []string{kind, id}, query: map[string][]string{"user_id": {m.id("user_id")}},
				body: object{"user_id": want["user_id"], "set": want["custom"]}}, nil)
			if err := t.wrote(&t.report.Members, 0, "member "+m.id("user_id")+" of "+kind+":"+id, err); err != nil {
				return err
			}
		}
	}
	if err := t.changeMembers(ctx, kind, id, "add_members", missing); err != nil {
		return err
	}
	return t.changeMembers(ctx, kind, id, "assign_roles", roles)
}

func (t *transfer) changeMembers(ctx context.Context, kind, id, how string, members []object) error {
	for some := range slices.Chunk(members, chat.MaxMembersAtOnce/10) {
		err := t.To.client.do(ctx, changeMembers, request{path: []string{kind, id}, body: object{how: some}}, nil)
		if err := t.wrote(&t.report.Members, len(some), "members of "+kind+":"+id, err); err != nil {
			return err
		}
	}
	return nil
}

func (t *transfer) copyMessages(ctx context.Context, o *opener, page []raw) error {
	ids := make([]string, len(page))
	for i, m := range page {
		ids[i] = m.id("id")
	}
	there, err := t.To.messagesByID(ctx, o.kind, o.id, ids)
	if err != nil {
		return err
	}
	for _, m := range page {
		old, found := there[m.id("id")]
		want := portableMessage(m, t.times)
		if !found || sum(want) != sum(portableMessage(old, t.times)) {
			if err := t.writeMessage(ctx, o, m, want, found); err != nil {
				return err
			}
		}
		if !empty(m.object["reaction_counts"]) {
			if err := t.copyReactions(ctx, m.id("id"), found); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *transfer) writeMessage(ctx context.Context, o *opener, m raw, want object, found bool) error {
	if err := o.open(ctx); err != nil {
		return err
	}
	in := request{path: []string{o.kind, o.id}, body: object{"message": want, "skip_push": true, "skip_enrich_url": true}}
	call := postMessage
	if found {
		in.path, call = []string{m.id("id")}, editMessage
	}
	err := t.To.client.do(ctx, call, in, nil)
	if !found && refusal(err) != nil {
		// An earlier try may have arrived although its answer was lost.
		there, again := t.To.messagesByID(ctx, o.kind, o.id, []string{m.id("id")})
		if again == nil && len(there) == 1 {
			err = nil
		}
	}
	return t.wrote(&t.report.Messages, 1, "message "+m.id("id")+" of "+o.kind+":"+o.id, err)
}

func (t *transfer) copyReactions(ctx context.Context, message string, found bool) error {
	list, err := t.From.reactions(ctx, message)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	if found {
		old, err := t.To.reactions(ctx, message)
		if err != nil {
			return err
		}
		for _, r := range old {
			there[sum(portableReaction(r))] = true
		}
	}
	for _, r := range list {
		want := portableReaction(r)
		if there[sum(want)] {
			continue
		}
		err := t.To.client.do(ctx, postReaction, request{
			path: []string{message}, body: object{"reaction": want, "skip_push": true}}, nil)
		if err := t.wrote(&t.report.Reactions, 1, "a reaction to "+message, err); err != nil {
			return err
		}
	}
	return nil
}

func byID(list []raw, field string) map[string]raw {
	found := make(map[string]raw, len(list))
	for _, r := range list {
		found[r.id(field)] = r
	}
	return found
}
