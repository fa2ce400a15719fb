package chat

import (
	"context"
	"time"
)

// KeyLifetime is how long a provider remembers an operation's key.
const KeyLifetime = 24 * time.Hour

// Provider is a chat behind Backchannel. All methods may be called concurrently. Every
// failure is an [*Error]. In addition to the codes named at a method, each may fail with
// [Unavailable], and with [Internal] for a bug. A change that fails has changed nothing,
// unless its comment says otherwise; one that succeeds is durable, and visible to every
// call that begins after it.
//
// Callers have checked the inputs by the rules of this package. A provider checks what only
// it can know: what exists, and who may do what.
type Provider interface {
	// AllChannels returns every channel, ordered by folded name, then cid. The
	// slice is shared: callers must not change it.
	AllChannels(ctx context.Context) ([]Channel, error)
	// Channels returns a page of the channels that match, in the same order.
	Channels(ctx context.Context, q ChannelQuery) (Page[Channel], error)
	// KnowsType reports whether there is a channel type of that name: a built-in one, or
	// one of the chat's own, which it may know some seconds late.
	KnowsType(ctx context.Context, t ChannelType) (bool, error)
	// Channel returns one channel; NotFound.
	Channel(ctx context.Context, cid CID) (Channel, error)
	// CreateChannel makes a new channel and returns its cid: the wanted one, or if that is
	// taken, the first free one of …-2, …-3. It never touches an existing channel.
	CreateChannel(ctx context.Context, req CreateChannel) (CID, error)
	// PutChannel updates the channel with that cid, or creates it.
	PutChannel(ctx context.Context, req PutChannel) error
	// FreezeChannel closes a channel to plain users, or opens it again. Only the
	// back office, admins and moderators may: Unauthorized; NotFound.
	FreezeChannel(ctx context.Context, req FreezeChannel) error
	// DeleteChannels removes the channels with everything in them: to the bin, if the
	// provider has one. Channels that don't
	// exist are ignored.
	DeleteChannels(ctx context.Context, req DeleteChannels) error
	// Contents counts what DeleteChannels would remove.
	Contents(ctx context.Context, cids []CID) (Contents, error)
	// Overview returns the chat in figures, which may be some seconds old.
	Overview(ctx context.Context) (Overview, error)
	// Highlights returns what deserves a look, which may be a minute old.
	Highlights(ctx context.Context) (Highlights, error)

	// Messages returns a page of those of a channel's messages that the reader may see
	// ([Message.VisibleTo]), oldest first; NotFound.
	Messages(ctx context.Context, q MessageQuery) (Page[Message], error)
	// LastMessages returns the newest message of each channel, without deleted messages, in
	// the order of the cids. A channel that has none, or that is gone, is left out.
	LastMessages(ctx context.Context, cids []CID) ([]Message, error)
	// Message returns one message of a channel; NotFound, also if the actor may
	// not see it.
	Message(ctx context.Context, by Actor, cid CID, id string) (Message, error)
	// SendMessage posts a message and returns its id. The sender becomes a chat user if
	// there is none with that id. NotFound: the channel; InvalidArguments: a mentioned user
	// isn't a chat user; Unauthorized: the channel is frozen and the actor a plain user.
	SendMessage(ctx context.Context, req SendMessage) (string, error)
	// DeleteMessage empties a message; its number stays taken. Its sender, the back office,
	// admins and moderators may: Unauthorized; NotFound. Deleting it again succeeds.
	DeleteMessage(ctx context.Context, req DeleteMessage) error

	// EditMessage changes the given parts of a message, and nothing else. Its sender, the
	// back office, admins and moderators may: Unauthorized; NotFound, also if it is
	// deleted; InvalidArguments as with SendMessage, and if nothing is left in it.
	EditMessage(ctx context.Context, req EditMessage) error
	// PinMessage pins a message or unpins it. The back office, admins and
	// moderators may: Unauthorized; NotFound.
	PinMessage(ctx context.Context, req PinMessage) error
	// React adds a user's reaction to a message or removes it; repeating it changes
	// nothing. Users who may write may react: Unauthorized; NotFound.
	React(ctx context.Context, req React) error
	// MarkRead says how far a member has read; it never goes back. Unauthorized
	// for others; NotFound.
	MarkRead(ctx context.Context, req MarkRead) error

	// MayRead reports why the actor may not read a channel, or nil: Unauthorized;
	// NotFound.
	MayRead(ctx context.Context, by Actor, cid CID) error
	// Members returns a page of a channel's members by id; NotFound.
	Members(ctx context.Context, q MemberQuery) (Page[Member], error)
	// ChangeMembers adds and removes members. It ignores users who are members, or aren't,
	// already. The back office, admins and moderators may: Unauthorized; NotFound;
	// InvalidArguments: a user to be added isn't a chat user.
	ChangeMembers(ctx context.Context, req ChangeMembers) error
	// Restrict bans or mutes a user, or ends that; ending a ban ends a shadow ban too. The
	// back office, admins and moderators may: Unauthorized; NotFound.
	Restrict(ctx context.Context, req Restrict) error
	// Restrictions returns the bans and mutes that are in force in one channel only, of
	// members and others, newest first, at most MaxRestrictions; NotFound.
	Restrictions(ctx context.Context, cid CID) ([]ChannelRestriction, error)

	// Subscribe opens a feed of a channel's events: Unauthorized; NotFound; Refetch. The
	// feed doesn't notice when the actor loses the right to read: the caller asks MayRead
	// after an event that could mean so. It doesn't leave out messages that the actor may
	// not see either: the caller asks [Event.Hidden] of each event.
	Subscribe(ctx context.Context, req Subscribe) (Feed, error)
	// SubscribeBackOffice opens a feed of what happens to channels and users;
	// Refetch. Its events are numbered on their own.
	SubscribeBackOffice(ctx context.Context, after *int64) (Feed, error)
	// SubscribeUser opens a feed of the events that the callers' own servers send to the
	// actor, from now on. They aren't stored.
	SubscribeUser(ctx context.Context, by Actor) (Feed, error)
	// UserStanding returns what decides what a user may do outside of channels. An unknown
	// id has the standing of an unknown user.
	UserStanding(ctx context.Context, id string) (Standing, error)
	// TokenLimits returns which tokens of an id are bad at this time, whether there is such
	// a user or not.
	TokenLimits(ctx context.Context, id string) (TokenLimits, error)
	// KeptTokenLimits is TokenLimits from memory: what another process changed less than a
	// second ago may be missing.
	KeptTokenLimits(ctx context.Context, id string) (TokenLimits, error)
	// RevokeTokens revokes the tokens of a user, and creates the chat user if there is none
	// with that id and never was. Unsupported.
	RevokeTokens(ctx context.Context, req RevokeTokens) error
	// Signal tells the subscribers that the actor types or has stopped typing:
	// Unauthorized; NotFound.
	Signal(ctx context.Context, by Actor, cid CID, event EventType) error
	// Attend says that the actor follows a channel, until leave is called. Subscribers are
	// told when the first connection of a member opens and the last one closes; nobody is
	// told of non-members.
	Attend(ctx context.Context, by Actor, cid CID) (leave func(), err error)

	// Users returns a page of the users that match, ordered by folded name, then id. This
	// method and the ones below also return bans and mutes in all channels.
	Users(ctx context.Context, q UserQuery) (Page[User], error)
	// UpsertUsers creates or changes users and returns them in the order given.
	UpsertUsers(ctx context.Context, req UpsertUsers) ([]User, error)
	// SetRole gives a user a role, which takes effect on the user's next action;
	// NotFound.
	SetRole(ctx context.Context, req SetRole) error
	// SetRoles gives many users a role, all or none, and returns them in the order given,
	// with their previous roles. NotFound names the unknown users. A repeat by key returns
	// the current users, with the roles that they had before the first.
	SetRoles(ctx context.Context, req SetRoles) ([]RoleChange, error)

	// Changes returns a page of the records of what the staff changed, newest first.
	Changes(ctx context.Context, q ChangeQuery) (Page[Change], error)
	// Change returns one record; NotFound.
	Change(ctx context.Context, id string) (Change, error)
	// RecordChange stores the record of what has no effect in the chat itself: a token
	// that was made, or an attempt that was refused.
	RecordChange(ctx context.Context, op Operation, outcome ChangeOutcome, targets ...ChangeTarget) error
	// SubscribeChanges opens a feed of the records, each in an event of the type
	// [ChangeRecorded]; Refetch. Its events are numbered on their own.
	SubscribeChanges(ctx context.Context, after *int64) (Feed, error)

	// Undo takes a change back, which leaves a record of its own. NotFound: there is no
	// such change; InvalidArguments: it has no inverse; Conflict: it was taken back or
	// changed since, or a cid is taken.
	Undo(ctx context.Context, req Undo) error
	// Bin returns a page of the deleted channels that can come back, the last deleted
	// first; none if the provider has no bin.
	Bin(ctx context.Context, q BinQuery) (Page[BinnedChannel], error)
	// EraseNow erases a channel of the bin with everything in it; NotFound;
	// InvalidArguments: that isn't its name.
	EraseNow(ctx context.Context, req EraseNow) (Erased, error)

	// Jobs returns a page of the jobs that match, newest first.
	Jobs(ctx context.Context, q JobQuery) (Page[Job], error)
	// Job returns one job; NotFound.
	Job(ctx context.Context, id string) (Job, error)
	// JobRows returns a page of a job's rows.
	JobRows(ctx context.Context, q RowQuery) (Page[JobRow], error)
	// SubscribeJobs opens a feed of the jobs whose state or progress changed, each in an event
	// of the type [JobProgressed]; Refetch. Its events are numbered on their own, and of
	// several changes of a job the last is enough.
	SubscribeJobs(ctx context.Context, after *int64) (Feed, error)
	// StartJob begins a job and returns it. NotFound: the announcement; Conflict: too many
	// jobs are under way, or the announcement isn't in a state for it.
	StartJob(ctx context.Context, req StartJob) (Job, error)
	// MoveJob pauses, resumes or stops a job, or tries again what failed, and returns it;
	// NotFound; Conflict: it isn't in a state for it.
	MoveJob(ctx context.Context, req MoveJob) (Job, error)

	// Announcements returns a page of the announcements whose first job matches, newest first.
	Announcements(ctx context.Context, q JobQuery) (Page[Announcement], error)
	// Announcement returns one announcement; NotFound.
	Announcement(ctx context.Context, id string) (Announcement, error)
	// PutAnnouncement drafts an announcement or changes one, and returns its id; NotFound;
	// Conflict: it was sent, or there are too many.
	PutAnnouncement(ctx context.Context, req PutAnnouncement) (string, error)
	// SendAnnouncement sends an announcement now or at a time, or makes it a draft again;
	// NotFound; InvalidArguments: no channel is chosen; Conflict: it was sent.
	SendAnnouncement(ctx context.Context, req SendAnnouncement) error
	// DropAnnouncement removes a draft; NotFound; Conflict: it is no draft.
	DropAnnouncement(ctx context.Context, op Operation, id string) error
	// Readers counts who has read an announcement; nil if the chat doesn't tell.
	Readers(ctx context.Context, announcement string) (*Readers, error)
	// Select returns the cids of the channels of a selection, each once. InvalidArguments:
	// they are more than MaxJobTargets.
	Select(ctx context.Context, s ChannelSelection) ([]Channel, error)
	// Webhooks returns the addresses that are told of events, by creation; at most
	// [MaxWebhooks].
	Webhooks(ctx context.Context) ([]Webhook, error)
	// Webhook returns one of them; NotFound.
	Webhook(ctx context.Context, id string) (Webhook, error)
	// WebhookSecrets returns what signs a webhook's deliveries, the newest first;
	// NotFound.
	WebhookSecrets(ctx context.Context, id string) ([]WebhookSecret, error)
	// PutWebhook makes a webhook or changes one, and returns its id: NotFound;
	// InvalidArguments. A new one has a secret, and is told of what happens from now on.
	PutWebhook(ctx context.Context, req PutWebhook) (string, error)
	// DeleteWebhook removes a webhook with its deliveries; NotFound.
	DeleteWebhook(ctx context.Context, req ChangeWebhook) error
	// RotateWebhook gives a webhook a new secret; NotFound.
	RotateWebhook(ctx context.Context, req RotateWebhook) error
	// TestWebhook calls a webhook once with an event of the type [WebhookTested];
	// NotFound.
	TestWebhook(ctx context.Context, req ChangeWebhook) (WebhookAttempt, error)
	// ReplayWebhook has a webhook told again of what happened since a time, as far back
	// as logs reach; NotFound.
	ReplayWebhook(ctx context.Context, req ReplayWebhook) error
	// Deliveries returns a page of a webhook's deliveries: those that failed, and the
	// newest that didn't; NotFound.
	Deliveries(ctx context.Context, q DeliveryQuery) (Page[Delivery], error)
	// RetryDelivery tries a delivery again that was given up; NotFound.
	RetryDelivery(ctx context.Context, req RetryDelivery) error

	// Info says what the chat is and what it can do, without asking the chat.
	Info() Info
	// Ready reports why the provider can't serve, or nil.
	Ready(ctx context.Context) error
}

// Page is a part of a list.
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
	Member string      // channels that this user is a member of; "" matches all
}

// MessageQuery asks for a page of a channel's messages: the first Limit after
// After, or the last Limit before Before.
type MessageQuery struct {
	CID     CID
	By      Actor // who reads
	Limit   int   // at least 1
	FromEnd bool  // take the last ones
	// Take is called from time to time with how many messages were just read, and how many
	// bytes they take. Reading ends with the error that it returns. Nil means no bound.
	Take          func(items, bytes int) error
	After, Before int64 // seq, both excluded; 0: unbounded
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
	After string // user id, excluded; "" is the start
}

// UserQuery asks for a page of users.
type UserQuery struct {
	Limit  int      // at least 1
	After  Position // zero: from the start
	Search string   // part of the name or id, in any case; "" matches all
	IDs    []string // only these, at most 200; nil for all
}

// CreateChannel asks for a new channel.
type CreateChannel struct {
	Operation Operation
	Type      ChannelType
	WantID    string // made from the name
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
	// Message has the channel, the sender and the content. Without an id it gets one, and
	// without a time it was made now.
	Message    Message
	KeepHidden bool // channels that users hid stay hidden
}

// DeleteMessage asks for a message to be emptied.
type DeleteMessage struct {
	Operation Operation
	CID       CID
	ID        string
	// Mode says what is left: "" only its place, DeleteSoft also the content, so that it
	// can be restored, DeleteHard only its number, and nothing of its replies.
	Mode DeleteMode
}

// EditMessage asks for a change of a message's content.
type EditMessage struct {
	Operation   Operation
	CID         CID
	ID          string
	Text        string
	Attachments *[]AttachmentEdit // merged by [MergeAttachments]; nil keeps all
	Mentions    *[]string         // user ids, each once; nil keeps them
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
	Data      *Reaction // its score and custom data; nil keeps what is there
}

// MarkRead asks for a channel to be read up to a number.
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

// Restrict asks for a user to be banned or muted, or no longer.
type Restrict struct {
	Operation Operation
	Kind      RestrictionKind
	UserID    string
	CID       CID       // zero: in all channels
	Until     time.Time // zero: for good
	Reason    string
	Messages  DeleteMode // of the user's messages there; "" keeps them
	Lift      bool
}

// Subscribe asks for a feed of a channel.
type Subscribe struct {
	By    Actor
	CID   CID
	After *int64 // the seq after which to go on; nil: from now on
}

// UpsertUsers asks for users to be created or changed.
type UpsertUsers struct {
	Operation Operation
	Users     []UserChange
	Discard   bool // the caller has no use for the users returned; there may be none
}

// ChangeUsers asks for users to be changed.
type ChangeUsers struct {
	Operation Operation
	IDs       []string // each once
	Create    bool     // the unknown ones
	Deleted   bool     // deleted ones too, which otherwise count as unknown
	// Change changes a user, given its index in IDs. A new user has only an id. If Change
	// fails, nothing is changed, and its error is returned.
	Change func(i int, u *User) error
	// IfVersion returns what [Operation.IfVersion] is of a user, and the field that has it;
	// nil for none of all.
	IfVersion func(i int) (version *string, field string)
}

// UserChange is the wanted state of one user.
type UserChange struct {
	ID   string
	Name string
	Role Role // "" keeps the role, and makes a new user a plain one

	IfVersion *string `json:",omitempty"` // see [Operation]
}
