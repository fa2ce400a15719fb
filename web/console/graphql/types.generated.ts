export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A number in a log: a whole number up to 2^53. */
  Seq: { input: number; output: number; }
  /** A moment in RFC 3339, in UTC. */
  Time: { input: string; output: string; }
};

export type AnnouncementInput = {
  id: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type ApplyPlanInput = {
  /** What `plan` answered. */
  digest: Scalars['String']['input'];
  /** As it was planned. */
  plan: PlanInput;
  /** Why, for the record of the change; at most 500 characters. Of a ban also for whoever sees the ban. */
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

/** What is done with each of many channels or users. */
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
  /** A server, through Stream's API. by is the user whom it named, or empty. */
  | 'STREAM_API';

/** Which changes to list. What is left out matches all. */
export type ChangeFilter = {
  /** The id of the user who did it. */
  by?: InputMaybe<Scalars['String']['input']>;
  /** About this channel, or something in it. */
  cid?: InputMaybe<Scalars['String']['input']>;
  /** E.g. deleteChannels. */
  operation?: InputMaybe<Scalars['String']['input']>;
  outcome?: InputMaybe<ChangeOutcome>;
  since?: InputMaybe<Scalars['Time']['input']>;
  /** Before this time. */
  until?: InputMaybe<Scalars['Time']['input']>;
  /** About this user. */
  userId?: InputMaybe<Scalars['String']['input']>;
};

export type ChangeOutcome =
  | 'DONE'
  /** With hosted Stream: Stream refused it or was away, and nothing was changed. */
  | 'FAILED'
  /** The caller may not do it. */
  | 'REFUSED'
  /** With hosted Stream: it is being made, or it can't be told whether it was made. */
  | 'UNKNOWN';

/** Which channels: either `cids`, or all that match each of the other fields that are given, or `all`. */
export type ChannelSelectionInput = {
  /** All channels; needed if nothing else is given. */
  all?: InputMaybe<Scalars['Boolean']['input']>;
  /** 1 to 1,000 cids; in a plan up to 10,000. */
  cids?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Without a message since then. */
  inactiveSince?: InputMaybe<Scalars['Time']['input']>;
  /** Part of the name or id. */
  search?: InputMaybe<Scalars['String']['input']>;
  type?: InputMaybe<ChatStreamChannelType>;
  /** Replaces `type`: a channel type by its name, which may be one of the chat's own. */
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
  /** The version that the user must have, else CONFLICT; "" if there must be none of that id. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 255 characters, trimmed. */
  name: Scalars['String']['input'];
  /** If left out, the role stays; a new user becomes a USER. */
  role?: InputMaybe<ChatRole>;
};

export type CreateAnnouncementInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  channels: ChannelSelectionInput;
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type CreateOrUpdateStreamChatChanelInput = {
  /** The bare name of an uploaded png or jpg; null removes the avatar; if left out, it stays. */
  avatarFilename?: InputMaybe<Scalars['String']['input']>;
  /** The channel to update, or the id to create it under; without one the id is made from the name. */
  id?: InputMaybe<Scalars['String']['input']>;
  /** The version that the channel must have, else CONFLICT; "" if there must be none of that id. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 255 characters, trimmed. */
  name: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** Selects the channel together with the id; it never changes a channel's type. */
  type?: InputMaybe<ChatStreamChannelType>;
  /** Replaces `type`: a channel type by its name, which may be one of the chat's own. */
  typeName?: InputMaybe<Scalars['String']['input']>;
};

export type CreateUserTokenInput = {
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** How long it is valid, 60 to 2,592,000 seconds, and no longer than the server's --jwt-max-lifetime: see expiresAt. */
  seconds?: InputMaybe<Scalars['Int']['input']>;
  userId: Scalars['String']['input'];
};

export type CreateWebhookInput = {
  /** At most 255 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** Types of events, as docs/webhooks.md lists them; none for all. */
  events?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** Begins with https://, and leads to the public internet. */
  url: Scalars['String']['input'];
};

export type DeleteMessageInput = {
  cid: Scalars['String']['input'];
  /** The version that the message must have, else CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  messageId: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type DeleteStreamChatChanelInput = {
  /** 1 to 10,000 cids, e.g. livestream:announcements. A channel that is gone already is no error. */
  cids: Array<Scalars['String']['input']>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type EditAnnouncementInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  id: Scalars['String']['input'];
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type EditMessageInput = {
  /**
   * The new attachments. If left out, they stay; null removes them. An attachment that the message has, by its
   * `assetUrl`, stays as it is, of any file type. What isn't shown in `attachments` always stays.
   */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  cid: Scalars['String']['input'];
  /** The version that the message must have, else CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** The users who are mentioned. If left out, they stay; null removes them. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  messageId: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  text: Scalars['String']['input'];
};

export type EraseNowInput = {
  /** The id of the entry, as `bin` shows it. */
  id: Scalars['String']['input'];
  /** The channel's name, so that nobody erases another. */
  name: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type FreezeChannelInput = {
  cid: Scalars['String']['input'];
  frozen: Scalars['Boolean']['input'];
  /** The version that the channel must have, else CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

/** What became of a target. */
export type JobRowState =
  /** Hosted Stream may have done it. */
  | 'BEGUN'
  | 'DONE'
  | 'FAILED'
  | 'WAITING';

/** How far a job has come. */
export type JobState =
  | 'DONE'
  /** It is over, and targets failed: see `jobRows` and `retryJob`. */
  | 'DONE_WITH_FAILURES'
  | 'DRAFT'
  /** It was due more than an hour before it could begin. Somebody decides whether it is sent now. */
  | 'MISSED'
  | 'PAUSED'
  | 'RUNNING'
  | 'SCHEDULED'
  | 'STOPPED';

export type MarkReadInput = {
  cid: Scalars['String']['input'];
  /** The seq of the last message read. If left out, all are read. */
  seq?: InputMaybe<Scalars['Seq']['input']>;
};

export type MembersInput = {
  cid: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 1,000 chat users. */
  userIds: Array<Scalars['String']['input']>;
};

export type MoveJobInput = {
  id: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type PinMessageInput = {
  cid: Scalars['String']['input'];
  /** The version that the message must have, else CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  messageId: Scalars['String']['input'];
  pinned: Scalars['Boolean']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type PlanInput = {
  /** Of an operation on channels. */
  channels?: InputMaybe<ChannelSelectionInput>;
  /** The channel of a ban or mute. If left out, all of them. */
  cid?: InputMaybe<Scalars['String']['input']>;
  operation: BulkOperation;
  /** For SET_ROLES. */
  role?: InputMaybe<ChatRole>;
  /** When a ban or mute ends by itself. If left out, never. */
  until?: InputMaybe<Scalars['Time']['input']>;
  /** Who becomes a member, or is none any longer: 1 to 1,000 chat users. */
  userIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Of an operation on users. */
  users?: InputMaybe<UserSelectionInput>;
};

/** What only some chats can do. */
export type ProviderFeature =
  /** `backofficeEvents` */
  | 'BACKOFFICE_EVENTS'
  /** `bin`: deleted channels can come back */
  | 'BIN'
  /** `channelEvents` */
  | 'CHANNEL_EVENTS'
  /** The messages in `overview` */
  | 'MESSAGE_FIGURES'
  /** `muteUser`: may read and not write */
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
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** In the last 30 days. */
  since: Scalars['Time']['input'];
};

export type RestrictUserInput = {
  /** The channel. If left out, all of them. */
  cid?: InputMaybe<Scalars['String']['input']>;
  /** The version that the ban or mute must have, else CONFLICT; "" if there must be none. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** Why: for the record of the change, and of a ban for whoever sees the ban; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** When it ends by itself. If left out, never. */
  until?: InputMaybe<Scalars['Time']['input']>;
  userId: Scalars['String']['input'];
};

export type RestrictionKind =
  /** May neither read nor write. */
  | 'BAN'
  /** May read and not write. */
  | 'MUTE';

export type RetryWebhookDeliveryInput = {
  /** The id of the delivery. */
  delivery: Scalars['String']['input'];
  /** The id of the webhook. */
  id: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type RevokeUserTokensInput = {
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  userId: Scalars['String']['input'];
};

export type RotateWebhookSecretInput = {
  id: Scalars['String']['input'];
  /** For how many hours the old secrets sign too, 0 to 168. */
  overlapHours?: InputMaybe<Scalars['Int']['input']>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type SendAnnouncementInput = {
  id: Scalars['String']['input'];
  /**
   * When, on the clock in the zone, e.g. 2026-12-01T08:00; now if left out. A time that a change of the clock skips
   * means the first one after it; of a time that occurs twice it is the first.
   */
  localTime?: InputMaybe<Scalars['String']['input']>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** An IANA time zone, e.g. Europe/Berlin; needed with localTime. */
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
  /** Replaces `type`: a channel type by its name, which may be one of the chat's own. */
  typeName?: InputMaybe<Scalars['String']['input']>;
};

export type SendTypingInput = {
  cid: Scalars['String']['input'];
  typing: Scalars['Boolean']['input'];
};

export type SetRolesInput = {
  /** The versions that the users must have, in the order of userIds, else CONFLICT. */
  ifVersions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  role: ChatRole;
  /** 1 to 1,000 chat users, each once. */
  userIds: Array<Scalars['String']['input']>;
};

export type UndoConflict =
  /** Change nothing. */
  | 'FAIL'
  /** Bring the channel back under its id with -2, -3 … added. */
  | 'RENAME';

export type UndoInput = {
  /** The id of the change. */
  change: Scalars['String']['input'];
  /** Of a deletion, only these channels: 1 to 10,000 cids. All if left out. */
  cids?: InputMaybe<Array<Scalars['String']['input']>>;
  /** What to do if another channel has a cid now. */
  onConflict?: InputMaybe<UndoConflict>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

export type UnrestrictUserInput = {
  /** The channel. If left out, all of them. */
  cid?: InputMaybe<Scalars['String']['input']>;
  /** The version that the ban or mute must have, else CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  userId: Scalars['String']['input'];
};

export type UpdateAnnouncementInput = {
  /** At most 30. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  channels: ChannelSelectionInput;
  id: Scalars['String']['input'];
  /** At most 25 chat users. */
  mentionedUsersIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** At most 5,000 characters; it may be empty only with attachments. */
  text: Scalars['String']['input'];
};

export type UpdateUsersChatRoleInput = {
  /** The version that the user must have, else CONFLICT. */
  ifVersion?: InputMaybe<Scalars['String']['input']>;
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  role: ChatRole;
  userId: Scalars['String']['input'];
};

/** What is left out stays. */
export type UpdateWebhookInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
  events?: InputMaybe<Array<Scalars['String']['input']>>;
  id: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  url?: InputMaybe<Scalars['String']['input']>;
};

export type UpsertChatUsersInput = {
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 1,000 users, each id once. */
  users: Array<ChatUserInput>;
};

/** Which chat users: either `ids`, or all that match each of the other fields that are given, or `all`. */
export type UserSelectionInput = {
  /** All chat users; needed if nothing else is given. */
  all?: InputMaybe<Scalars['Boolean']['input']>;
  /** 1 to 10,000 user ids. */
  ids?: InputMaybe<Array<Scalars['String']['input']>>;
  role?: InputMaybe<ChatRole>;
  /** Part of the name or id. */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type WebhookDeliveryState =
  /** It was given up. Later events of the same channel were told. */
  | 'DEAD'
  | 'DELIVERED'
  /** It failed, and is tried again. */
  | 'RETRYING';

export type WebhookInput = {
  /** The id of the webhook. */
  id: Scalars['String']['input'];
  /** Why, for the record of the change; at most 500 characters. */
  reason?: InputMaybe<Scalars['String']['input']>;
};
