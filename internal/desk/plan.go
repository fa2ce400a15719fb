package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// BulkOperation is a plan's operation on each of its targets, with the names of GraphQL's enum.
type BulkOperation string

// bulkOperations are the operations of plans, with their names in records and jobs, and whether
// their targets are users instead of channels.
var bulkOperations = map[BulkOperation]struct {
	name  string
	users bool
}{
	"DELETE_CHANNELS":   {"deleteChannels", false},
	"FREEZE_CHANNELS":   {"freezeChannel", false},
	"UNFREEZE_CHANNELS": {"freezeChannel", false},
	"ADD_MEMBERS":       {"addMembers", false},
	"REMOVE_MEMBERS":    {"removeMembers", false},
	"SET_ROLES":         {"setRoles", true},
	"BAN_USERS":         {"banUser", true},
	"UNBAN_USERS":       {"unbanUser", true},
	"MUTE_USERS":        {"muteUser", true},
	"UNMUTE_USERS":      {"unmuteUser", true},
}

// PlanBulk asks what an operation on many channels or users would do.
type PlanBulk struct {
	Request   `json:"-"`
	Operation BulkOperation
	Channels  *ChannelSelection // the targets of an operation on channels
	Users     *UserSelection    // the targets of an operation on users
	Members   []string          // users to add or remove
	Role      *chat.Role        // of SET_ROLES
	Until     *time.Time        // the end of a ban or mute; nil if it is permanent
	CID       *string           // the channel of a ban or mute; nil for all channels
}

// UserSelection selects users: those named, or those that match.
type UserSelection struct {
	IDs    []string
	Search string
	Role   *chat.Role
	All    bool
}

// Plan is what an operation on many targets would do now.
type Plan struct {
	Digest   string // identifies the operation and the targets; see [Desk.ApplyPlan]
	Targets  int64  // without those that refuse it
	Members  int64  // memberships in them, if they are channels
	Messages int64  // ever sent in them, if they are channels
	Sample   []PlanTarget
	Refusals
	CanUndo bool
	// UndoableUntil is when a deletion can no longer be undone; zero for other operations, which
	// can be undone as long as their records exist.
	UndoableUntil time.Time
}

// PlanTarget is one of a plan's targets.
type PlanTarget struct {
	Target string // a cid or user id
	Name   string
}

// MaxPlanned is the maximum number of channels or users that a plan names by id.
const MaxPlanned = 10_000

// MaxSample is the maximum number of targets that a plan lists.
const MaxSample = 20

// Plan returns what an operation on many targets would do.
func (d *Desk) Plan(ctx context.Context, in PlanBulk) (*Plan, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	p, _, err := d.plan(ctx, in)
	return p, err
}

// ApplyPlan asks for a plan to be executed.
type ApplyPlan struct {
	PlanBulk
	Digest string // of the plan
}

// ApplyPlan executes a plan with a job and returns the job. Conflict: the selection has other
// targets now, or the operation is another.
func (d *Desk) ApplyPlan(ctx context.Context, in ApplyPlan) (*chat.Job, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, bulkOperations[in.Operation].name, in)
	if err != nil {
		return nil, err
	}
	_, start, err := d.plan(ctx, in.PlanBulk)
	if op.Refused = err; err != nil {
		if bad, ok := errors.AsType[*chat.Error](err); ok && bad.Field != "" {
			op.Refused = inField("plan", bad)
		}
	}
	start.Operation, start.Planned = op, in.Digest
	j, err := d.provider.StartJob(ctx, start)
	return &j, err
}

// plan validates the input and finds the targets.
func (d *Desk) plan(ctx context.Context, in PlanBulk) (*Plan, chat.StartJob, error) {
	bulk := bulkOperations[in.Operation]
	start := chat.StartJob{Name: bulk.name}
	var err error
	if start.Input, err = d.bulkInput(ctx, in); err != nil {
		return nil, start, err
	}
	p := &Plan{CanUndo: chat.HasInverse(bulk.name)}
	if bulk.users {
		start.Targets, err = d.planUsers(ctx, p, in)
	} else {
		start.Targets, err = d.planChannels(ctx, p, *in.Channels)
	}
	if err != nil {
		return nil, start, err
	}
	if bulk.name == "deleteChannels" {
		if kept := d.provider.Info().BinKept; kept > 0 {
			p.UndoableUntil = time.Now().Add(kept)
		}
		p.CanUndo = !p.UndoableUntil.IsZero()
	}
	p.Targets, p.Digest = int64(len(start.Targets)), start.Digest()
	return p, start, nil
}

// bulkInput validates the input of the operation.
func (d *Desk) bulkInput(ctx context.Context, in PlanBulk) (done chat.JobInput, err error) {
	name, users := bulkOperations[in.Operation].name, bulkOperations[in.Operation].users
	members := name == "addMembers" || name == "removeMembers"
	lifts := name == "unbanUser" || name == "unmuteUser"
	switch {
	case users && (in.Users == nil || in.Channels != nil):
		return done, chat.Invalid("users", "%s is about users: give users, and no channels.", in.Operation)
	case !users && (in.Channels == nil || in.Users != nil):
		return done, chat.Invalid("channels", "%s is about channels: give channels, and no users.", in.Operation)
	case (in.Role != nil) != (name == "setRoles"):
		return done, chat.Invalid("role", "Give a role with SET_ROLES, and only there.")
	case in.Until != nil && !restricts(name):
		return done, chat.Invalid("until", "Only a ban or mute has an end.")
	case in.CID != nil && !restricts(name) && !lifts:
		return done, chat.Invalid("cid", "Only a ban or mute is in one channel.")
	case !members && len(in.Members) > 0:
		return done, chat.Invalid("userIds", "Give userIds with ADD_MEMBERS or REMOVE_MEMBERS only.")
	case members && (len(in.Members) == 0 || len(in.Members) > chat.MaxMembersAtOnce):
		return done, chat.Invalid("userIds", "Give 1 to %d users.", chat.MaxMembersAtOnce)
	case (name == "muteUser" || name == "unmuteUser") && !slices.Contains(d.provider.Info().Supports, chat.Mutes):
		return done, chat.Lacking("Stream can't keep a user from writing alone. Ban the users instead.")
	case in.Until != nil && !in.Until.After(time.Now()):
		return done, chat.Invalid("until", "The time must be in the future.")
	}
	done.Frozen, done.Users = in.Operation == "FREEZE_CHANNELS", in.Members
	if in.Role != nil {
		done.Role = *in.Role
	}
	if in.Until != nil {
		done.Until = in.Until.UTC()
	}
	if restricts(name) {
		done.Reason = in.Reason
	}
	if in.CID != nil {
		if done.CID, err = d.cid(ctx, "cid", *in.CID); err != nil {
			return done, err
		}
		if _, err := d.provider.Channel(ctx, done.CID); err != nil {
			return done, err
		}
	}
	if name == "addMembers" {
		return done, d.checkKnown(ctx, "userIds", in.Members)
	}
	return done, nil
}

// restricts reports whether an operation bans or mutes.
func restricts(name string) bool { return name == "banUser" || name == "muteUser" }

// checkKnown refuses ids that aren't chat users, since otherwise each target would refuse them.
func (d *Desk) checkKnown(ctx context.Context, field string, ids []string) error {
	_, unknown, err := d.known(ctx, ids)
	if err == nil && len(unknown) > 0 {
		err = chat.UnknownUsers(field, unknown)
	}
	return err
}

// known returns the users that exist and the other ids.
func (d *Desk) known(ctx context.Context, ids []string) (users []chat.User, unknown []string, err error) {
	for some := range slices.Chunk(ids, MaxPage) {
		page, err := d.provider.Users(ctx, chat.UserQuery{Limit: MaxPage, IDs: some})
		if err != nil {
			return nil, nil, err
		}
		users = append(users, page.Items...)
	}
	is := make(map[string]bool, len(users))
	for _, u := range users {
		is[u.ID] = true
	}
	for _, id := range ids {
		if !is[id] {
			unknown = append(unknown, id)
		}
	}
	return users, unknown, nil
}

func (d *Desk) planChannels(ctx context.Context, p *Plan, given ChannelSelection) (targets []string, err error) {
	s, err := d.selection(ctx, "channels", given, MaxPlanned)
	if err != nil {
		return nil, err
	}
	channels, err := d.provider.Select(ctx, s)
	for _, c := range channels {
		if c.CreatedAt.IsZero() {
			p.add(c.CID.String(), chat.Missing("cid", "There is no channel with this cid, or no longer."))
			continue
		}
		targets = append(targets, c.CID.String())
		p.Members, p.Messages = p.Members+c.MemberCount, p.Messages+c.MessageCount
		p.sample(c.CID.String(), c.Name)
	}
	return targets, err
}

func (d *Desk) planUsers(ctx context.Context, p *Plan, in PlanBulk) (targets []string, err error) {
	s := *in.Users
	filter := s.Search != "" || s.Role != nil
	switch {
	case len(s.IDs) > 0 && (filter || s.All), s.All && filter:
		return nil, chat.Invalid("users", "Give ids, or a filter, or all: only one of them.")
	case len(s.IDs) > MaxPlanned:
		return nil, chat.Invalid("users.ids", "Give 1 to %d users.", MaxPlanned)
	case len(s.IDs) == 0 && !filter && !s.All:
		return nil, chat.Invalid("users", "Select users: give ids, a filter, or all: true.")
	}
	if err := inField("users.search", chat.CheckSearch(s.Search, maxSearch)); err != nil {
		return nil, err
	}
	var users []chat.User
	if len(s.IDs) > 0 {
		ids := slices.Clone(s.IDs)
		slices.Sort(ids)
		var unknown []string
		if users, unknown, err = d.known(ctx, slices.Compact(ids)); err != nil {
			return nil, err
		}
		for _, id := range unknown {
			p.add(id, chat.Missing("userId", "There is no chat user with this id."))
		}
	} else if users, err = d.matching(ctx, s); err != nil {
		return nil, err
	}
	for _, u := range users {
		if u.ID == in.Caller.ID && restricts(bulkOperations[in.Operation].name) {
			p.add(u.ID, chat.Invalid("userId", "Nobody bans or mutes themselves."))
			continue
		}
		targets = append(targets, u.ID)
		p.sample(u.ID, u.Name)
	}
	return targets, nil
}

// matching returns the users who match a filter.
func (d *Desk) matching(ctx context.Context, s UserSelection) (list []chat.User, err error) {
	q := chat.UserQuery{Limit: MaxUsersAtOnce, Search: s.Search}
	for {
		page, err := d.provider.Users(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, u := range page.Items {
			if s.Role == nil || u.Role == *s.Role {
				list = append(list, u)
			}
		}
		if len(list) > chat.MaxJobTargets {
			return nil, chat.Invalid("users", "These are more than %d users. Select fewer.", chat.MaxJobTargets)
		}
		if !page.HasNext {
			return list, nil
		}
		q.After, _ = chat.ParseUserCursor(page.Items[len(page.Items)-1].Cursor()) // the cursor is well-formed
	}
}

func (p *Plan) sample(target, name string) {
	if len(p.Sample) < MaxSample {
		p.Sample = append(p.Sample, PlanTarget{target, name})
	}
}
