// @ts-nocheck
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type * as Types from './types.generated';

import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
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

export type ProviderQueryVariables = Exact<{ [key: string]: never; }>;


export type ProviderQuery = { provider: { name: string, supports: Array<Types.ProviderFeature>, listStaleness: number } };


export const ProviderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"supports"}},{"kind":"Field","name":{"kind":"Name","value":"listStaleness"}}]}}]}}]} as unknown as DocumentNode<ProviderQuery, ProviderQueryVariables>;