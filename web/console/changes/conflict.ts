import { CombinedGraphQLErrors, type ApolloClient } from '@apollo/client';

import { codeOf } from '../graphql/errors.ts';
import { OneChangeDocument, type ShownChangeFragment } from './changes.generated.ts';

/** Why a change can't be taken back just now. */
export type InTheWay =
  /** Another channel has the cid. */
  | { what: 'cid' }
  /** It was taken back already. */
  | { what: 'already'; change: ShownChangeFragment }
  /** Somebody changed the same since; without a change, by what leaves no record. */
  | { what: 'since'; change: ShownChangeFragment | undefined };

/** What stands in the way, where the error is a CONFLICT; undefined for any other. */
export async function inTheWay(client: ApolloClient, error: unknown, undoing: string): Promise<InTheWay | undefined> {
  if (codeOf(error) !== 'CONFLICT' || !CombinedGraphQLErrors.is(error)) return undefined;
  const { field } = error.errors[0]?.extensions ?? {};
  if (field === 'input.onConflict') return { what: 'cid' };
  const change = await changeNamed(client, error);
  return change?.undoes === undoing ? { what: 'already', change } : { what: 'since', change };
}

/** How the words of a CONFLICT end: with the change that is in the way. */
const NAMED = /\bthe change ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/;

/** The change that an error names. */
export async function changeNamed(client: ApolloClient, error: unknown): Promise<ShownChangeFragment | undefined> {
  const id = CombinedGraphQLErrors.is(error) ? NAMED.exec(error.errors[0]?.message ?? '')?.[1] : undefined;
  if (id === undefined) return undefined;
  const answer = await client.query({ query: OneChangeDocument, variables: { id }, fetchPolicy: 'network-only' }).catch(() => undefined);
  return answer?.data?.change ?? undefined;
}
