package chat

import (
	"context"
	"time"
)

// KeyLifetime is how long a provider remembers an idempotency key.
const KeyLifetime = 24 * time.Hour

// Provider is a chat behind Backchannel. Its methods may be called concurrently. Every error is an
// [*Error]. In addition to the codes listed for a method, each may fail with [Unavailable], and
// with [Internal] for a bug. A change that fails has changed nothing, unless the method's comment
// says otherwise. A change that succeeds is durable, and visible to every call that begins after
// it.
//
// Callers have validated the inputs by the rules of this package. A provider checks what only it
// can know: what exists, and who may do what.
type Provider interface {
	// AllChannels returns every channel, ordered by folded name, then cid. The slice is shared:
	// callers must not modify it.
	AllChannels(ctx context.Context) ([]Channel, error)
	// Channels returns a page of the channels that match, in the same order.
	Channels(ctx context.Context, q ChannelQuery) (Page[Channel], error)
	// KnowsType reports whether a channel type of that name exists, built-in or custom. A new
	// custom type may be unknown for some seconds.
	KnowsType(ctx context.Context, t ChannelType) (bool, error)
	// Channel returns one channel; NotFound.
	Channel(ctx context.Context, cid CID) (Channel, error)
	// CreateChannel creates a channel and returns its cid: the wanted one or, if it is taken, the
	// first free one of …-2, …-3. It never changes an existing channel.
	CreateChannel(ctx context.Context, req CreateChannel) (CID, error)
	// PutChannel updates the channel with that cid, or creates it.
	PutChannel(ctx context.Context, req PutChannel) error
	// FreezeChannel freezes a channel, so that plain users can't post, or unfreezes it. Only the
	// back office, admins and moderators may do this: Unauthorized; NotFound.
	FreezeChannel(ctx context.Context, req FreezeChannel) error
	// DeleteChannels removes channels with everything in them. If the provider has a bin, they are
	// moved there. Cids without a channel are ignored.
	DeleteChannels(ctx context.Context, req DeleteChannels) error
	// Existing returns those of the channels that exist, each once, in any order. Their Seq may be
	// 0.
	Existing(ctx context.Context, cids []CID) ([]Channel, error)
	// Overview returns statistics of the chat, which may be some seconds old.
	Overview(ctx context.Context) (Overview, error)
	// Highlights returns things to look at, which may be a minute old.
	Highlights(ctx context.Context) (Highlights, error)

	// Messages returns a page of the messages of a channel that the reader may see
	// ([Message.VisibleTo]), oldest first; NotFound.
	Messages(ctx context.Context, q MessageQuery) (Page[Message], error)
	// LastMessages returns the newest message of each channel, except deleted ones, in the order of
	// the cids. Channels without messages and unknown cids are left out.
	LastMessages(ctx context.Context, cids []CID) ([]Message, error)
	// Message returns one message of a channel; NotFound, also if the actor may not see it.
	Message(ctx context.Context, by Actor, cid CID, id string) (Message, error)
	// SendMessage posts a message and returns its id. If the sender isn't a chat user yet, it
	// becomes one. NotFound: the channel; InvalidArguments: a mentioned user isn't a chat user;
	// Unauthorized: the actor may not write, for instance because the channel is frozen.
	SendMessage(ctx context.Context, req SendMessage) (string, error)
	// DeleteMessage removes a message's content; its number stays taken. The sender, the back
	// office, admins and moderators may do this: Unauthorized; NotFound. Deleting it again
	// succeeds.
	DeleteMessage(ctx context.Context, req DeleteMessage) error

	// EditMessage changes the given parts of a message. The sender, the back office, admins and
	// moderators may do this: Unauthorized; NotFound, also if the message is deleted;
	// InvalidArguments as with SendMessage, and if the message would be empty.
	EditMessage(ctx context.Context, req EditMessage) error
	// PinMessage pins or unpins a message. The back office, admins and moderators may do this:
	// Unauthorized; NotFound.
	PinMessage(ctx context.Context, req PinMessage) error
	// React adds or removes a user's reaction to a message. A repeat changes nothing. Users who may
	// write may react: Unauthorized; NotFound.
	React(ctx context.Context, req React) error
	// MarkRead sets how far a member has read; it never moves back. Unauthorized if the actor isn't
	// a member; NotFound.
	MarkRead(ctx context.Context, req MarkRead) error

	// MayRead returns nil if the actor may read a channel: Unauthorized; NotFound.
	MayRead(ctx context.Context, by Actor, cid CID) error
	// Members returns a page of a channel's members, ordered by id; NotFound.
	Members(ctx context.Context, q MemberQuery) (Page[Member], error)
	// ChangeMembers adds and removes members. Users who already are members, or already aren't, are
	// ignored. The back office, admins and moderators may do this: Unauthorized; NotFound;
	// InvalidArguments: a user to add isn't a chat user.
	ChangeMembers(ctx context.Context, req ChangeMembers) error
	// Restrict bans or mutes a user, or lifts the ban or mute; lifting a ban lifts a shadow ban
	// too. The back office, admins and moderators may do this: Unauthorized; NotFound.
	Restrict(ctx context.Context, req Restrict) error
	// Restrictions returns the current bans and mutes in one channel, of members and others, newest
	// first, at most MaxRestrictions. Those for all channels aren't included. NotFound.
	Restrictions(ctx context.Context, cid CID) ([]ChannelRestriction, error)

	// Subscribe opens a feed of a channel's events: Unauthorized; NotFound; Refetch. The feed
	// doesn't notice if the actor loses the right to read: the caller must call MayRead after
	// events that could mean so. Nor does it omit messages that the actor may not see: the caller
	// must check [Event.Hidden] of each event.
	Subscribe(ctx context.Context, req Subscribe) (Feed, error)
	// SubscribeBackOffice opens a feed of events about channels and users; Refetch. Its events have
	// a numbering of their own.
	SubscribeBackOffice(ctx context.Context, after *int64) (Feed, error)
	// SubscribeUser opens a feed of the events that the callers' servers send to the actor,
	// starting now. They aren't stored.
	SubscribeUser(ctx context.Context, by Actor) (Feed, error)
	// UserStanding returns what decides what a user may do outside of channels. It doesn't fail for
	// an unknown id.
	UserStanding(ctx context.Context, id string) (Standing, error)
	// TokenLimits returns which tokens of a user id are currently revoked, whether the user exists
	// or not.
	TokenLimits(ctx context.Context, id string) (TokenLimits, error)
	// KeptTokenLimits returns cached TokenLimits. A change made by another process less than a
	// second ago may be missing.
	KeptTokenLimits(ctx context.Context, id string) (TokenLimits, error)
	// RevokeTokens revokes the tokens of a user. If no user ever had that id, it creates the chat
	// user. Unsupported.
	RevokeTokens(ctx context.Context, req RevokeTokens) error
	// Signal sends a typing event of the actor to the subscribers: Unauthorized; NotFound.
	Signal(ctx context.Context, by Actor, cid CID, event EventType) error
	// Attend marks the actor as present in a channel until leave is called. Subscribers get an
	// event when a member's first connection opens and when its last one closes. There are no
	// events about non-members.
	Attend(ctx context.Context, by Actor, cid CID) (leave func(), err error)

	// Users returns a page of the users that match, ordered by folded name, then id. The users
	// returned by this method and the following ones include bans and mutes in all channels.
	Users(ctx context.Context, q UserQuery) (Page[User], error)
	// CountUsers counts the users that match a search, up to that many.
	CountUsers(ctx context.Context, search string, most int) (int, error)
	// UpsertUsers creates or updates users and returns them in the given order.
	UpsertUsers(ctx context.Context, req UpsertUsers) ([]User, error)
	// SetRole sets a user's role, which applies from the user's next request; NotFound.
	SetRole(ctx context.Context, req SetRole) error
	// SetRoles sets the role of many users, all or none, and returns them in the given order with
	// their previous roles. NotFound names the unknown users. A repeat by key returns the current
	// users, with the roles that they had before the first call.
	SetRoles(ctx context.Context, req SetRoles) ([]RoleChange, error)

	// Changes returns a page of the records of changes by the staff, newest first.
	Changes(ctx context.Context, q ChangeQuery) (Page[Change], error)
	// Change returns one record; NotFound.
	Change(ctx context.Context, id string) (Change, error)
	// RecordChange stores a record of something without an effect in the chat itself: an issued
	// token, or a refused attempt.
	RecordChange(ctx context.Context, op Operation, outcome ChangeOutcome, targets ...ChangeTarget) error
	// SubscribeChanges opens a feed of the records, each in an event of type [ChangeRecorded];
	// Refetch. Its events have a numbering of their own.
	SubscribeChanges(ctx context.Context, after *int64) (Feed, error)

	// Undo undoes a change and leaves a record of its own. NotFound: the change; InvalidArguments:
	// it has no inverse; Conflict: it was undone already, the thing was changed since, or a cid is
	// taken.
	Undo(ctx context.Context, req Undo) error
	// Bin returns a page of the deleted channels that can be restored, the last deleted first;
	// empty if the provider has no bin.
	Bin(ctx context.Context, q BinQuery) (Page[BinnedChannel], error)
	// EraseNow erases a channel of the bin with everything in it; NotFound; InvalidArguments: the
	// name isn't the channel's.
	EraseNow(ctx context.Context, req EraseNow) (Erased, error)

	// Jobs returns a page of the jobs that match, newest first.
	Jobs(ctx context.Context, q JobQuery) (Page[Job], error)
	// Job returns one job; NotFound.
	Job(ctx context.Context, id string) (Job, error)
	// JobRows returns a page of a job's rows.
	JobRows(ctx context.Context, q RowQuery) (Page[JobRow], error)
	// SubscribeJobs opens a feed of the jobs whose state or progress changed, each in an event of
	// type [JobProgressed]; Refetch. Its events have a numbering of their own. It may skip all but
	// the last of several changes of a job.
	SubscribeJobs(ctx context.Context, after *int64) (Feed, error)
	// StartJob starts a job and returns it. NotFound: the announcement; Conflict: too many jobs are
	// running, or the announcement's state doesn't allow it.
	StartJob(ctx context.Context, req StartJob) (Job, error)
	// MoveJob pauses, resumes, stops or retries a job and returns it; NotFound; Conflict: its state
	// doesn't allow it.
	MoveJob(ctx context.Context, req MoveJob) (Job, error)

	// Announcements returns a page of the announcements whose first job matches, newest first.
	Announcements(ctx context.Context, q JobQuery) (Page[Announcement], error)
	// Announcement returns one announcement; NotFound.
	Announcement(ctx context.Context, id string) (Announcement, error)
	// PutAnnouncement creates or changes a draft and returns its id; NotFound; Conflict: it was
	// sent, or there are too many.
	PutAnnouncement(ctx context.Context, req PutAnnouncement) (string, error)
	// SendAnnouncement sends an announcement, now or at a time, or makes it a draft again;
	// NotFound; InvalidArguments: it has no channels; Conflict: it was sent.
	SendAnnouncement(ctx context.Context, req SendAnnouncement) error
	// DropAnnouncement removes a draft; NotFound; Conflict: it isn't a draft.
	DropAnnouncement(ctx context.Context, op Operation, id string) error
	// Readers counts the members who have read an announcement; nil if the chat doesn't know.
	Readers(ctx context.Context, announcement string) (*Readers, error)
	// Select returns the channels of a selection, without repeats. InvalidArguments: there are more
	// than MaxJobTargets.
	Select(ctx context.Context, s ChannelSelection) ([]Channel, error)
	// WouldRefuse returns for each of the channels why it would refuse a message of
	// the back office with that content; nil if nothing is known that speaks against it.
	WouldRefuse(ctx context.Context, m MessageBody, channels []Channel) ([]*Error, error)

	// Webhooks returns all webhooks in the order of creation, at most [MaxWebhooks].
	Webhooks(ctx context.Context) ([]Webhook, error)
	// Webhook returns one webhook; NotFound.
	Webhook(ctx context.Context, id string) (Webhook, error)
	// WebhookSecrets returns the secrets that sign a webhook's deliveries, newest first; NotFound.
	WebhookSecrets(ctx context.Context, id string) ([]WebhookSecret, error)
	// PutWebhook creates or updates a webhook and returns its id: NotFound; InvalidArguments. A new
	// webhook gets a secret, and receives events from now on.
	PutWebhook(ctx context.Context, req PutWebhook) (string, error)
	// DeleteWebhook removes a webhook with its deliveries; NotFound.
	DeleteWebhook(ctx context.Context, req ChangeWebhook) error
	// RotateWebhook replaces a webhook's secret; NotFound.
	RotateWebhook(ctx context.Context, req RotateWebhook) error
	// TestWebhook calls a webhook once with an event of type [WebhookTested]; NotFound.
	TestWebhook(ctx context.Context, req ChangeWebhook) (WebhookAttempt, error)
	// ReplayWebhook delivers events to a webhook again, starting at a time, as far back as logs
	// reach; NotFound.
	ReplayWebhook(ctx context.Context, req ReplayWebhook) error
	// Deliveries returns a page of a webhook's deliveries: those that failed, and the newest
	// successful ones; NotFound.
	Deliveries(ctx context.Context, q DeliveryQuery) (Page[Delivery], error)
	// RetryDelivery retries a delivery that was given up; NotFound.
	RetryDelivery(ctx context.Context, req RetryDelivery) error

	// Info describes the chat without asking it.
	Info() Info
	// Ready returns nil if the provider can serve.
	Ready(ctx context.Context) error
}

// Page is a page of a list.
type Page[T any] struct {
	Items       []T
	HasNext     bool // there are rows after the last item
	HasPrevious bool // there are rows before the first item
}

// ChannelQuery asks for a page of channels.
type ChannelQuery struct {
	Limit  int         // at least 1
	After  Position    // zero: from the start
	Search string      // part of the name or id, in any case; "" matches all
	Type   ChannelType // "" matches all
	Member string      // channels that have this member; "" matches all
}

// MessageQuery asks for a page of a channel's messages: the first Limit after After, or the last
// Limit before Before.
type MessageQuery struct {
	CID     CID
	By      Actor // the reader
	Limit   int   // at least 1
	FromEnd bool  // return the last ones
	// Take is called while reading, with the number of messages just read and their size in memory.
	// Reading stops with the error that it returns. Nil means no bound.
	Take          func(items, bytes int) error
	After, Before int64 // seq, both exclusive; 0 for no bound
}

// Took calls Take for messages that were just read.
func (q MessageQuery) Took(list []Message) error {
	if q.Take == nil {
		return nil
	}
	size := 0
	for i := range list {
		size += list[i].Size()
	}
	return q.Take(len(list), size)
}

// MemberQuery asks for a page of a channel's members.
type MemberQuery struct {
	CID   CID
	Limit int    // at least 1
	After string // user id, exclusive; "" for the start
}

// UserQuery asks for a page of users.
type UserQuery struct {
	Limit  int      // at least 1
	After  Position // zero: from the start
	Search string   // part of the name or id, in any case; "" matches all
	IDs    []string // only these users, at most 200; nil for all
}

// CreateChannel asks for a new channel.
type CreateChannel struct {
	Operation Operation
	Type      ChannelType
	WantID    string // derived from the name
	Name      string
	Avatar    string // file name; "" for none
}

// PutChannel asks for a channel to be created or updated.
type PutChannel struct {
	Operation Operation
	CID       CID
	Name      string
	Avatar    Optional // a file name
}

// FreezeChannel asks for a channel to be frozen or not.
type FreezeChannel struct {
	Operation Operation
	CID       CID
	Frozen    bool
}

// DeleteChannels asks for channels to be removed.
type DeleteChannels struct {
	Operation Operation
	CIDs      []CID // duplicates allowed
}

// SendMessage asks for a message to be posted.
type SendMessage struct {
	Operation Operation
	// Message has the channel, the sender and the content. If it has no id, it gets one. If it has
	// no time, it gets the current one.
	Message    Message
	KeepHidden bool // channels stay hidden for users who hid them
}

// DeleteMessage asks for a message to be deleted.
type DeleteMessage struct {
	Operation Operation
	CID       CID
	ID        string
	// Mode says what is kept: with "" only the message's place; with DeleteSoft also the content,
	// so that it can be restored; with DeleteHard only its number, and nothing of its replies.
	Mode DeleteMode
}

// EditMessage asks for a message's content to be changed.
type EditMessage struct {
	Operation   Operation
	CID         CID
	ID          string
	Text        string
	Attachments *[]AttachmentEdit // see [MergeAttachments]; nil keeps all
	Mentions    *[]string         // user ids without repeats; nil keeps them
}

// PinMessage asks for a message to be pinned or unpinned.
type PinMessage struct {
	Operation Operation
	CID       CID
	ID        string
	Pinned    bool
}

// React asks for a reaction to be added or removed.
type React struct {
	Operation Operation
	CID       CID
	MessageID string
	Type      string
	Remove    bool
	Only      bool      // it replaces the user's other reactions
	Data      *Reaction // its score and custom data; nil keeps the existing ones
}

// MarkRead asks for a channel to be marked as read up to a number.
type MarkRead struct {
	Operation Operation
	CID       CID
	Seq       int64 // 0 for everything
}

// ChangeMembers asks for members to be added or removed.
type ChangeMembers struct {
	Operation   Operation
	CID         CID
	Add, Remove []string // user ids
}

// Restrict asks for a user to be banned or muted, or for that to be lifted.
type Restrict struct {
	Operation Operation
	Kind      RestrictionKind
	UserID    string
	CID       CID       // zero for all channels
	Until     time.Time // zero if permanent
	Reason    string
	Messages  DeleteMode // how to delete the user's messages there; "" keeps them
	Lift      bool
}

// Subscribe asks for a feed of a channel.
type Subscribe struct {
	By    Actor
	CID   CID
	After *int64 // the seq after which to continue; nil to start now
}

// UpsertUsers asks for users to be created or updated.
type UpsertUsers struct {
	Operation Operation
	Users     []UserChange
	Discard   bool // the caller doesn't use the returned users; they may be omitted
}

// ChangeUsers asks for users to be changed.
type ChangeUsers struct {
	Operation Operation
	IDs       []string // without repeats
	Create    bool     // create unknown users
	Deleted   bool     // include deleted users, which otherwise count as unknown
	// Change changes a user, given its index in IDs. A new user has only an id. If Change fails,
	// nothing is changed and its error is returned.
	Change func(i int, u *User) error
	// IfVersion returns the [Operation.IfVersion] of a user, and the field that contains it; nil if
	// no user has one.
	IfVersion func(i int) (version *string, field string)
}

// UserChange is the desired state of one user.
type UserChange struct {
	ID   string
	Name string
	Role Role // "" keeps the role; the default for a new user is RoleUser

	IfVersion *string `json:",omitempty"` // see [Operation]
}
