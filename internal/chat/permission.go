package chat

import "errors"

// Why an actor may not do something. For the log: the caller isn't told the reason.
var (
	errRole   = errors.New("the user's chat role does not allow it")
	errMember = errors.New("the user is not a member of the channel")
	errFrozen = errors.New("the channel is frozen")
	errBanned = errors.New("the user is banned")
	errMuted  = errors.New("the user is muted")
	errShut   = errors.New("the channel is disabled")
	errGone   = errors.New("the user is deactivated or deleted")
)

// Standing is what decides what a user may do in a channel.
type Standing struct {
	Exists bool // there is such a channel
	Frozen bool
	Shut   bool // the channel is disabled: for the back office only
	Wait   int  // the channel's cooldown, in seconds
	Known  bool // there is such a user
	Role   Role
	Member bool
	Leads  bool // is a moderator of this channel
	Banned bool
	Muted  bool
	Shadow bool // is shadow banned
	Gone   bool // the user is deactivated or deleted
}

// Moderates reports whether the rules for plain users don't apply to the user, everywhere
// or in this channel. A ban of a moderator has no effect before the role is taken away.
func (s Standing) Moderates() bool { return s.Role == RoleModerator || s.Role == RoleAdmin || s.Leads }

// Shadowed reports whether only the user sees what the user sends.
func (s Standing) Shadowed() bool { return s.Shadow && !s.Moderates() }

// MayEnter says why a user of that standing may not use the chat at all, or nil.
func (s Standing) MayEnter() error {
	switch {
	case s.Gone:
		return Denied(errGone)
	case s.Banned && !s.Moderates():
		return Denied(errBanned)
	}
	return nil
}

// Policy has the settings of the rules about who may do what. docs/api.md has the rules as
// a table.
type Policy struct {
	// LivestreamMembersWrite lets only members write to livestream channels. Otherwise
	// everybody may.
	LivestreamMembersWrite bool
}

// Rule says why a chat user of that standing may not do something in a channel of
// that type, or nil.
type Rule func(s Standing, kind ChannelType) error

// MayRead is the [Rule] for reading a channel.
func (p Policy) MayRead(s Standing, kind ChannelType) error {
	switch {
	case s.Moderates():
		return nil
	case s.Banned:
		return errBanned
	case !s.Member && !kind.OpenToAll():
		return errMember
	}
	return nil
}

// MayWrite is the [Rule] for writing to a channel.
func (p Policy) MayWrite(s Standing, kind ChannelType) error {
	switch {
	case s.Moderates():
		return nil
	case s.Banned:
		return errBanned
	case s.Muted:
		return errMuted
	case s.Frozen:
		return errFrozen
	case !s.Member && (!kind.OpenToAll() || p.LivestreamMembersWrite):
		return errMember
	}
	return nil
}

// MayModerate is the [Rule] for what moderators do.
func (p Policy) MayModerate(s Standing, _ ChannelType) error {
	if !s.Moderates() {
		return errRole
	}
	return nil
}

// MayMarkRead is the [Rule] for saying how far the user has read. It allows members, of any
// role.
func (p Policy) MayMarkRead(s Standing, _ ChannelType) error {
	switch {
	case s.Banned:
		return errBanned
	case !s.Member:
		return errMember
	}
	return nil
}

// Judge applies a rule to an actor of that standing. A channel that doesn't exist is
// [NotFound] in the field, except for an actor who might not know of it: a stranger doesn't
// learn which channels exist.
func (r Rule) Judge(s Standing, by Actor, cid CID, field string) error {
	switch {
	case by.BackOffice && !s.Exists:
		return NoChannel(field)
	case by.BackOffice:
		return nil
	case !s.Exists && !cid.Type.OpenToAll():
		return Denied(errMember)
	case !s.Exists:
		return NoChannel(field)
	case s.Shut:
		return Denied(errShut)
	}
	if s.Gone {
		return Denied(errGone)
	}
	if refused := r(s, cid.Type); refused != nil {
		return Denied(refused)
	}
	return nil
}

// NoChannel says that the channel named in a field doesn't exist.
func NoChannel(field string) *Error { return Missing(field, "There is no such channel.") }
