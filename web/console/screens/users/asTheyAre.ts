import type { ApolloClient } from '@apollo/client';

import { PeopleOfChangesDocument, type PeopleOfChangesQuery } from '../../changes/changes.generated.ts';

const AT_ONCE = 200; // what one page of chatUsers has

type Person = PeopleOfChangesQuery['chatUsers']['nodes'][number];

/** Asks anew who users are and what is in force for them; the lists show it. Those that could not be asked for are left out. */
export async function showAsTheyAre(client: ApolloClient, ids: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  const people = new Map<string, Person>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const answer = await client.query({ query: PeopleOfChangesDocument, variables: { ids: ids.slice(from, from + AT_ONCE) }, fetchPolicy: 'network-only' }).catch(() => undefined);
    for (const person of answer?.data?.chatUsers.nodes ?? []) people.set(person.id, person);
  }
  return people;
}
