// @ts-nocheck
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type * as Types from '../graphql/types.generated';

import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type ApplyPlanInput = {
  /** The digest that `plan` returned. */
  digest: string;
  /** The input of `plan`. */
  plan: PlanInput;
  /** The reason, for the record of the change and for those who see a ban; at most 500 characters. */
  reason?: string | null | undefined;
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

/** A selection of channels: either `cids`, or the channels that match all other given fields, or `all`. */
export type ChannelSelectionInput = {
  /** All channels; required if nothing else is given. */
  all?: boolean | null | undefined;
  /** 1 to 1,000 cids; in a plan up to 10,000. */
  cids?: Array<string> | null | undefined;
  /** No message since then. */
  inactiveSince?: string | null | undefined;
  /** Part of the name or id. */
  search?: string | null | undefined;
  type?: ChatStreamChannelType | null | undefined;
  /** Replaces `type`: the name of a channel type, built-in or custom. */
  typeName?: string | null | undefined;
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

export type PlanInput = {
  /** For an operation on channels. */
  channels?: ChannelSelectionInput | null | undefined;
  /** The channel of a ban or mute. If omitted, all channels. */
  cid?: string | null | undefined;
  operation: BulkOperation;
  /** For SET_ROLES. */
  role?: ChatRole | null | undefined;
  /** When a ban or mute ends. If omitted, it is permanent. */
  until?: string | null | undefined;
  /** The members to add or remove: 1 to 1,000 chat users. */
  userIds?: Array<string> | null | undefined;
  /** For an operation on users. */
  users?: UserSelectionInput | null | undefined;
};

/** A selection of chat users: either `ids`, or the users who match all other given fields, or `all`. */
export type UserSelectionInput = {
  /** All chat users; required if nothing else is given. */
  all?: boolean | null | undefined;
  /** 1 to 10,000 user ids. */
  ids?: Array<string> | null | undefined;
  role?: ChatRole | null | undefined;
  /** Part of the name or id. */
  search?: string | null | undefined;
};

export type PlanQueryVariables = Exact<{
  input: Types.PlanInput;
}>;


export type PlanQuery = { plan: { digest: string, targets: number, members: number, messages: number, refusalCount: number, canUndo: boolean, undoableUntil: string | null, sample: Array<{ target: string, name: string | null }>, refusals: Array<{ target: string, message: string }> } };

export type ApplyPlanMutationVariables = Exact<{
  input: Types.ApplyPlanInput;
}>;


export type ApplyPlanMutation = { applyPlan: { job: { id: string, operation: string, state: Types.JobState, by: string, change: string | null, announcement: string | null, localTime: string | null, zone: string | null, dueAt: string | null, total: number, done: number, failed: number, createdAt: string, begunAt: string | null, endedAt: string | null, seq: number } } | null };

export type FollowedJobQueryVariables = Exact<{
  id: string;
}>;


export type FollowedJobQuery = { job: { id: string, operation: string, state: Types.JobState, by: string, change: string | null, announcement: string | null, localTime: string | null, zone: string | null, dueAt: string | null, total: number, done: number, failed: number, createdAt: string, begunAt: string | null, endedAt: string | null, seq: number } | null };


export const PlanDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Plan"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PlanInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plan"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"digest"}},{"kind":"Field","name":{"kind":"Name","value":"targets"}},{"kind":"Field","name":{"kind":"Name","value":"members"}},{"kind":"Field","name":{"kind":"Name","value":"messages"}},{"kind":"Field","name":{"kind":"Name","value":"sample"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"target"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"target"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusalCount"}},{"kind":"Field","name":{"kind":"Name","value":"canUndo"}},{"kind":"Field","name":{"kind":"Name","value":"undoableUntil"}}]}}]}}]} as unknown as DocumentNode<PlanQuery, PlanQueryVariables>;
export const ApplyPlanDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ApplyPlan"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ApplyPlanInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"applyPlan"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ShownJob"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ShownJob"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"change"}},{"kind":"Field","name":{"kind":"Name","value":"announcement"}},{"kind":"Field","name":{"kind":"Name","value":"localTime"}},{"kind":"Field","name":{"kind":"Name","value":"zone"}},{"kind":"Field","name":{"kind":"Name","value":"dueAt"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"done"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"begunAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}}]}}]} as unknown as DocumentNode<ApplyPlanMutation, ApplyPlanMutationVariables>;
export const FollowedJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FollowedJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ShownJob"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ShownJob"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"change"}},{"kind":"Field","name":{"kind":"Name","value":"announcement"}},{"kind":"Field","name":{"kind":"Name","value":"localTime"}},{"kind":"Field","name":{"kind":"Name","value":"zone"}},{"kind":"Field","name":{"kind":"Name","value":"dueAt"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"done"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"begunAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}}]}}]} as unknown as DocumentNode<FollowedJobQuery, FollowedJobQueryVariables>;