package chat

import "errors"

// Reasons for refusing an actor. They are for the log: the caller isn't told.
var (
	errRole   = errors.New("the user's chat role does not allow it")
	errMember = errors.New("the user is not a member of the channel")
	errFrozen = errors.New("the channel is frozen")
	errBanned = errors.New("the user is banned")
	errMuted  = errors.New("the user is muted")
	errShut   = errors.New("the channel is disabled")
	errGone   = errors.New("the user is deactivated or deleted")
)

// Standing is everything that decides what a user may do in a channel.
type Standing struct {
	Exists bool // the channel exists
	Frozen bool
	Shut   bool // the channel is disabled: only the back office may use it
	Wait   int  // the channel's cooldown, in seconds
	Known  bool // the user exists
	Role   Role
	Member bool
	Leads  bool // the user is a moderator of this channel
	Banned bool
	Muted  bool
	Shadow bool // the user is shadow banned
	Gone   bool // the user is deactivated or deleted
}

// Moderates reports whether the user is exempt from the rules for plain users, everywhere or in
// this channel. A ban of a moderator takes effect only after the role is removed.
func (s Standing) Moderates() bool { return s.Role == RoleModerator || s.Role == RoleAdmin || s.Leads }

// Shadowed reports whether only the user sees its new messages.
func (s Standing) Shadowed() bool { return s.Shadow && !s.Moderates() }

// MayEnter returns an error if the user may not use the chat at all.
func (s Standing) MayEnter() error {
	switch {
	case s.Gone:
		return Denied(errGone)
	case s.Banned && !s.Moderates():
		return Denied(errBanned)
	}
	return nil
}

// Policy configures the rules about who may do what. docs/api.md lists the rules in a table.
type Policy struct {
	// LivestreamMembersWrite lets only members write to livestream channels. If false, everybody
	// may.
	LivestreamMembersWrite bool
}

// Rule returns an error if a chat user with that standing may not do something in a channel of that
// type.
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

// MayModerate is the [Rule] for moderating.
func (p Policy) MayModerate(s Standing, _ ChannelType) error {
	if !s.Moderates() {
		return errRole
	}
	return nil
}

// MayMarkRead is the [Rule] for marking a channel as read. It allows members with any role.
func (p Policy) MayMarkRead(s Standing, _ ChannelType) error {
	switch {
	case s.Banned:
		return errBanned
	case !s.Member:
		return errMember
	}
	return nil
}

// Judge applies a rule to an actor with that standing. If the channel doesn't exist, the error is
// [NotFound] with the field. An actor who might not know of the channel is refused instead, so that
// strangers don't learn which channels exist.
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

// NoChannel returns the error for a channel, named in a field, that doesn't exist.
func NoChannel(field string) *Error { return Missing(field, "There is no such channel.") }
