import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';

import type { Person } from '../people.ts';
import { PeopleOfChangesDocument } from './changes.generated.ts';
import type { People } from './Entry.tsx';
import type { Change } from './words.ts';

const MOST = 200;

/** Those who made changes, and whom they were about. */
export const idsIn = (changes: readonly Change[]): string[] => changes.flatMap(({ by, targets }) => [by, ...targets.flatMap(({ userId }) => userId ?? [])]);

/** People by their ids, as far as the chat knows them. */
export function usePeople(ids: readonly string[]): People {
  const asked = [...new Set(ids)].filter((id) => id !== '').slice(0, MOST);
  const { data, previousData } = useQuery(PeopleOfChangesDocument, { variables: { ids: asked }, skip: asked.length === 0, fetchPolicy: 'cache-first' });
  return useMemo(() => new Map<string, Person>((data ?? previousData)?.chatUsers.nodes.map((user) => [user.id, user])), [data, previousData]);
}
