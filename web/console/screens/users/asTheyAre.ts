import type { ApolloClient } from '@apollo/client';

import { PeopleOfChangesDocument } from '../../changes/changes.generated.ts';

const AT_ONCE = 200; // what one page of chatUsers has

/** Asks anew who users are and what is in force for them; the lists show it. */
export async function showAsTheyAre(client: ApolloClient, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    await client.query({ query: PeopleOfChangesDocument, variables: { ids: ids.slice(from, from + AT_ONCE) }, fetchPolicy: 'network-only' }).catch(() => undefined);
  }
}
