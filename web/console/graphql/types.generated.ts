export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A number in a log: an integer up to 2^53. */
  Seq: { input: number; output: number; }
  /** A time in RFC 3339, in UTC. */
  Time: { input: string; output: string; }
};

export type AnnouncementInput = {
  id: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type ApplyPlanInput = {
  /** The digest that `plan` returned. */
  digest: Scalars['String']['input'];
  /** The input of `plan`. */
  plan: PlanInput;
  /** The reason, for the record of the change and for those who see a ban; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type AttachmentInput = {
  /** An absolute http or https URL of a png, jpg, jpeg, mp4, avi, mov or flv file. */
  assetUrl: Scalars['String']['input'];
  /** At most 255 characters. */
  title: Scalars['String']['input'];
  /** An absolute http or https URL. */
  titleLink?: InputMaybe<Scalars['String']['input']>;
};

/** An operation on many channels or users. */
export type BulkOperation =
  /** Adds `userIds` to channels. */
  | 'ADD_MEMBERS'
  /** Bans users in all channels, or in the channel `cid`. The ban ends at `until`, if that is given. */
  | 'BAN_USERS'
  | 'DELETE_CHANNELS'
  | 'FREEZE_CHANNELS'
  /** Mutes users in all channels, or in the channel `cid`. The mute ends at `until`, if that is given. */
  | 'MUTE_USERS'
  /** Removes `userIds` from channels. */
  | 'REMOVE_MEMBERS'
  /** Gives users the `role`. */
  | 'SET_ROLES'
  | 'UNBAN_USERS'
  | 'UNFREEZE_CHANNELS'
  | 'UNMUTE_USERS';

export type ChangeDoor =
  | 'COMMAND'
  | 'GRAPHQL'
  /** A server, through Stream's API. by is the user that it named, or empty. */
  | 'STREAM_API';

/** Which changes to list. Omitted fields match all. */
export type ChangeFilter = {
  /** The id of the user who made it. */
  by?: InputMaybe<Scalars['String']['input']>;
  /** Changes of this channel or something in it. */
  cid?: InputMaybe<Scalars['String']['input']>;
  /** E.g. deleteChannels. */
  operation?: InputMaybe<Scalars['String']['input']>;
  outcome?: InputMaybe<ChangeOutcome>;
  since?: InputMaybe<Scalars['Time']['input']>;
  /** Before this time. */
  until?: InputMaybe<Scalars['Time']['input']>;
  /** Changes of this user. */
  userId?: InputMaybe<Scalars['String']['input']>;
};

export type ChangeOutcome =
  | 'DONE'
  /** With hosted Stream: Stream refused it or was unavailable, and nothing was changed. */
  | 'FAILED'
  /** The caller isn't allowed to make it. */
  | 'REFUSED'
  /** With hosted Stream: it is being made, or it can't be determined whether it was made. */
  | 'UNKNOWN';

/** A selection of channels: either `cids`, or the channels that match all other given fields, or `all`. */
export type ChannelSelectionInput = {
  /** All channels; required if nothing else is given. */
  all?: InputMaybe<Scalars['Boolean']['input']>;
  /** 1 to 1,000 cids; in a plan up to 10,000. */
  cids?: InputMaybe<Array<Scalars['String']['input']>>;
  /** No message since then. */
  inactiveSince?: InputMaybe<Scalars['Time']['input']>;
  /** Part of the name or id. */
  search?: InputMaybe<Scalars['String']['input']>;
  type?: InputMaybe<ChatStreamChannelType>;
  /** Replaces `type`: the name of a channel type, built-in or custom. */
  typeName?: InputMaybe<Scalars['String']['input']>;
};

export type ChatRole =
  | 'ADMIN'
  | 'MODERATOR'
  | 'USER';

export type ChatStreamChannelType =
  | 'Commerce'
  | 'Gaming'
  | 'Livestream'
  | 'Messaging'
  | 'Team';

export type ChatUserInput = {
  /** 1 to 255 characters of A-Z a-z 0-9 _ - @ . + | : = ~ # ! ' * $ & */
  id: Scalars['String']['input'];
  /** The version that the user must have, otherwise CONFLICT; "" if no user may have that id. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 255 characters, trimmed. */
  name: Scalars['String']['input'];
  /** If omitted, the role stays; a new user gets USER. */
  role?: InputMaybe<ChatRole>;
};

export type CreateAnnouncementInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  channels: ChannelSelectionInput;
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type CreateOrUpdateStreamChatChanelInput = {
  /** The bare name of an uploaded png or jpg; null removes the avatar; if omitted, it stays. */
  avatarFilename?: InputMaybe<Scalars['String']['input']>;
  /** The id of the channel to update or create. If omitted, a channel is created with an id derived from the name. */
  id?: InputMaybe<Scalars['String']['input']>;
  /** The version that the channel must have, otherwise CONFLICT; "" if no channel may have that id. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 255 characters, trimmed. */
  name: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** Selects the channel together with the id; it never changes a channel's type. */
  type?: InputMaybe<ChatStreamChannelType>;
  /** Replaces `type`: the name of a channel type, built-in or custom. */
  typeName?: InputMaybe<Scalars['String']['input']>;
};

export type CreateUserTokenInput = {
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** The lifetime, 60 to 2,592,000 seconds, but no longer than the server's --jwt-max-lifetime: see expiresAt. */
  seconds?: InputMaybe<Scalars['Int']['input']>;
  userId: Scalars['String']['input'];
};

export type CreateWebhookInput = {
  /** At most 255 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** Types of events, as docs/webhooks.md lists them; none for all. */
  events?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** An https:// address in the public internet. */
  url: Scalars['String']['input'];
};

export type DeleteMessageInput = {
  cid: Scalars['String']['input'];
  /** The version that the message must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  messageId: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type DeleteStreamChatChanelInput = {
  /** 1 to 10,000 cids, e.g. livestream:announcements. Unknown cids are ignored. */
  cids: Array<Scalars['String']['input']>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type EditAnnouncementInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  id: Scalars['String']['input'];
  /** The version that the announcement must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type EditMessageInput = {
  /**
   * The new attachments. If omitted, they stay; null removes them. An attachment whose `assetUrl` the message already has
   * is kept unchanged, whatever its file type. Attachments that aren't shown in `attachments` always stay.
   */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  cid: Scalars['String']['input'];
  /** The version that the message must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** The mentioned users. If omitted, they stay; null removes them. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  messageId: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  text: Scalars['String']['input'];
};

export type EraseNowInput = {
  /** The id of the entry, as `bin` shows it. */
  id: Scalars['String']['input'];
  /** The channel's name, so that no other channel is erased by mistake. */
  name: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type FreezeChannelInput = {
  cid: Scalars['String']['input'];
  frozen: Scalars['Boolean']['input'];
  /** The version that the channel must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

/** The state of a target. */
export type JobRowState =
  /** Hosted Stream may have done it. */
  | 'BEGUN'
  | 'DONE'
  | 'FAILED'
  | 'WAITING';

/** The state of a job. */
export type JobState =
  | 'DONE'
  /** It has ended, and some targets failed: see `jobRows` and `retryJob`. */
  | 'DONE_WITH_FAILURES'
  | 'DRAFT'
  /** It was due more than an hour before it could begin. A person must decide whether it is sent. */
  | 'MISSED'
  | 'PAUSED'
  | 'RUNNING'
  | 'SCHEDULED'
  /** Somebody stopped it before its end: see `retryJob`. */
  | 'STOPPED';

export type MarkReadInput = {
  cid: Scalars['String']['input'];
  /** The seq of the last message read. If omitted, all messages are marked as read. */
  seq?: InputMaybe<Scalars['Seq']['input']>;
};

export type MembersInput = {
  cid: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 1,000 chat users. */
  userIds: Array<Scalars['String']['input']>;
};

export type MoveJobInput = {
  id: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type PinMessageInput = {
  cid: Scalars['String']['input'];
  /** The version that the message must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  messageId: Scalars['String']['input'];
  pinned: Scalars['Boolean']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type PlanInput = {
  /** For an operation on channels. */
  channels?: InputMaybe<ChannelSelectionInput>;
  /** The channel of a ban or mute. If omitted, all channels. */
  cid?: InputMaybe<Scalars['String']['input']>;
  operation: BulkOperation;
  /** For SET_ROLES. */
  role?: InputMaybe<ChatRole>;
  /** When a ban or mute ends. If omitted, it is permanent. */
  until?: InputMaybe<Scalars['Time']['input']>;
  /** The members to add or remove: 1 to 1,000 chat users. */
  userIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** For an operation on users. */
  users?: InputMaybe<UserSelectionInput>;
};

/** A feature that not all chats have. */
export type ProviderFeature =
  /** `backofficeEvents` */
  | 'BACKOFFICE_EVENTS'
  /** `bin`: deleted channels can be restored */
  | 'BIN'
  /** `channelEvents` */
  | 'CHANNEL_EVENTS'
  /** The numbers of messages in `overview` */
  | 'MESSAGE_FIGURES'
  /** `muteUser`: may read but not write */
  | 'MUTES'
  /** Who is online, in `channelEvents` */
  | 'PRESENCE'
  /** `sendTyping`, and typing in `channelEvents` */
  | 'TYPING'
  /** `userEvents` */
  | 'USER_EVENTS';

export type ReactionInput = {
  cid: Scalars['String']['input'];
  messageId: Scalars['String']['input'];
  /** A word of 1 to 30 characters of A-Z a-z 0-9 _ - +, e.g. like. */
  type: Scalars['String']['input'];
};

export type ReplayWebhookInput = {
  id: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** In the last 30 days. */
  since: Scalars['Time']['input'];
};

export type RestrictUserInput = {
  /** The channel. If omitted, all channels. */
  cid?: InputMaybe<Scalars['String']['input']>;
  /** The version that the ban or mute must have, otherwise CONFLICT; "" if there must be none. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** The reason, for the record of the change and for those who see a ban; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** When it ends. If omitted, it is permanent. */
  until?: InputMaybe<Scalars['Time']['input']>;
  userId: Scalars['String']['input'];
};

export type RestrictionKind =
  /** May neither read nor write. */
  | 'BAN'
  /** May read but not write. */
  | 'MUTE';

export type RetryWebhookDeliveryInput = {
  /** The id of the delivery. */
  delivery: Scalars['String']['input'];
  /** The id of the webhook. */
  id: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type RevokeUserTokensInput = {
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  userId: Scalars['String']['input'];
};

export type RotateWebhookSecretInput = {
  id: Scalars['String']['input'];
  /** How many hours the old secrets sign too, 0 to 168. */
  overlapHours?: InputMaybe<Scalars['Int']['input']>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type SendAnnouncementInput = {
  id: Scalars['String']['input'];
  /** The version that the announcement must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /**
   * The local time in the zone, e.g. 2026-12-01T08:00; now if omitted. A time skipped by a clock change means the first
   * valid time after it; a time that occurs twice means the first occurrence.
   */
  localTime?: InputMaybe<Scalars['String']['input']>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** An IANA time zone, e.g. Europe/Berlin; required with localTime. */
  zone?: InputMaybe<Scalars['String']['input']>;
};

export type SendMessageInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  cid: Scalars['String']['input'];
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type SendMessageToChannelChanelInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  /** The id of the channel within its type. */
  channelId: Scalars['String']['input'];
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
  type?: InputMaybe<ChatStreamChannelType>;
  /** Replaces `type`: the name of a channel type, built-in or custom. */
  typeName?: InputMaybe<Scalars['String']['input']>;
};

export type SendTypingInput = {
  cid: Scalars['String']['input'];
  typing: Scalars['Boolean']['input'];
};

export type SetRolesInput = {
  /** The versions that the users must have, in the order of userIds, otherwise CONFLICT. */
  ifVersions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  role: ChatRole;
  /** 1 to 1,000 chat users, without repeats. */
  userIds: Array<Scalars['String']['input']>;
};

export type UndoConflict =
  /** Change nothing. */
  | 'FAIL'
  /** Restore the channel with -2, -3 … appended to its id. */
  | 'RENAME';

export type UndoInput = {
  /** The id of the change. */
  change: Scalars['String']['input'];
  /** For a deletion: restore only these channels, 1 to 10,000 cids. All if omitted. */
  cids?: InputMaybe<Array<Scalars['String']['input']>>;
  /** What to do if another channel has a cid now. */
  onConflict?: InputMaybe<UndoConflict>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type UnrestrictUserInput = {
  /** The channel. If omitted, all channels. */
  cid?: InputMaybe<Scalars['String']['input']>;
  /** The version that the ban or mute must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  userId: Scalars['String']['input'];
};

export type UpdateAnnouncementInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  channels: ChannelSelectionInput;
  id: Scalars['String']['input'];
  /** The version that the announcement must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type UpdateUsersChatRoleInput = {
  /** The version that the user must have, otherwise CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  role: ChatRole;
  userId: Scalars['String']['input'];
};

/** Omitted fields don't change. */
export type UpdateWebhookInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
  events?: InputMaybe<Array<Scalars['String']['input']>>;
  id: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  url?: InputMaybe<Scalars['String']['input']>;
};

export type UpsertChatUsersInput = {
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 1,000 users, without repeated ids. */
  users: Array<ChatUserInput>;
};

/** A selection of chat users: either `ids`, or the users who match all other given fields, or `all`. */
export type UserSelectionInput = {
  /** All chat users; required if nothing else is given. */
  all?: InputMaybe<Scalars['Boolean']['input']>;
  /** 1 to 10,000 user ids. */
  ids?: InputMaybe<Array<Scalars['String']['input']>>;
  role?: InputMaybe<ChatRole>;
  /** Part of the name or id. */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type WebhookDeliveryState =
  /** It was given up. Later events of the same channel were delivered. */
  | 'DEAD'
  | 'DELIVERED'
  /** It failed and will be retried. */
  | 'RETRYING';

export type WebhookInput = {
  /** The id of the webhook. */
  id: Scalars['String']['input'];
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};
