import { CombinedGraphQLErrors, type ApolloClient } from '@apollo/client';

import { codeOf } from '../graphql/errors.ts';
import { OneChangeDocument, type ShownChangeFragment } from './changes.generated.ts';

/** Why a change can't be undone now. */
export type InTheWay =
  /** Another channel has the cid. */
  | { what: 'cid' }
  /** It was undone already. */
  | { what: 'already'; change: ShownChangeFragment }
  /** Somebody changed the same since; without a change if that left no record. */
  | { what: 'since'; change: ShownChangeFragment | undefined };

/** Why it can't be undone, if the error is a CONFLICT; undefined for any other error. */
export async function inTheWay(client: ApolloClient, error: unknown, undoing: string): Promise<InTheWay | undefined> {
  if (codeOf(error) !== 'CONFLICT' || !CombinedGraphQLErrors.is(error)) return undefined;
  const { field } = error.errors[0]?.extensions ?? {};
  if (field === 'input.onConflict') return { what: 'cid' };
  const change = await changeNamed(client, error);
  return change?.undoes === undoing ? { what: 'already', change } : { what: 'since', change };
}

/** Whether something was changed after the version that was sent with `ifVersion`; nothing of the request was done then. */
export function isOvertaken(error: unknown): boolean {
  if (codeOf(error) !== 'CONFLICT' || !CombinedGraphQLErrors.is(error)) return false;
  return /\bifVersions?\b/.test(String(error.errors[0]?.extensions?.['field'] ?? ''));
}

/** The id of the change that a CONFLICT names: the one that is in the way. */
export function idInTheWay(error: unknown): string | undefined {
  const id = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.['change'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** The change that an error names. */
export async function changeNamed(client: ApolloClient, error: unknown): Promise<ShownChangeFragment | undefined> {
  const id = idInTheWay(error);
  if (id === undefined) return undefined;
  const answer = await client.query({ query: OneChangeDocument, variables: { id }, fetchPolicy: 'network-only' }).catch(() => undefined);
  return answer?.data?.change ?? undefined;
}
