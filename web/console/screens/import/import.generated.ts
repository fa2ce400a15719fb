// @ts-nocheck
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type * as Types from '../../graphql/types.generated';

import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type ChatRole =
  | 'ADMIN'
  | 'MODERATOR'
  | 'USER';

export type ChatUserInput = {
  /** 1 to 255 characters of A-Z a-z 0-9 _ - @ . + | : = ~ # ! ' * $ & */
  id: string;
  /** The version that the user must have, otherwise CONFLICT; "" if no user may have that id. */
  ifVersion?: string | null | undefined;
  /** 1 to 255 characters, trimmed. */
  name: string;
  /** If omitted, the role stays; a new user gets USER. */
  role?: ChatRole | null | undefined;
};

export type UpsertChatUsersInput = {
  /** The reason, for the record of the change; at most 500 characters. */
  reason?: string | null | undefined;
  /** 1 to 1,000 users, without repeated ids. */
  users: Array<ChatUserInput>;
};

export type ImportUsersMutationVariables = Exact<{
  input: Types.UpsertChatUsersInput;
}>;


export type ImportUsersMutation = { upsertChatUsers: { users: Array<{ id: string, name: string | null, role: Types.ChatRole }> } | null };


export const ImportUsersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ImportUsers"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpsertChatUsersInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"upsertChatUsers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"users"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"role"}}]}}]}}]}}]} as unknown as DocumentNode<ImportUsersMutation, ImportUsersMutationVariables>;