import { NetworkStatus } from '@apollo/client';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { useCallback, useState } from 'react';

import { OneChangeDocument } from '../../changes/changes.generated.ts';
import { useChangeEvents } from '../../changes/useChangeEvents.ts';
import type { ChangeFilter } from '../../graphql/types.generated.ts';
import { ChangesDocument, type ChangesQuery } from './activity.generated.ts';

/** The changes that match, the newest first, page after page, with those that are made meanwhile. */
export function useActivity(filter: ChangeFilter) {
  const client = useApolloClient();
  const { data, previousData, error, networkStatus, refetch, fetchMore, updateQuery } = useQuery(ChangesDocument, { variables: { filter } });
  const [moreError, setMoreError] = useState<unknown>();
  const [loading, setLoading] = useState(false);
  const list = (data ?? (networkStatus === NetworkStatus.setVariables ? previousData : undefined))?.changes as ChangesQuery['changes'] | undefined;

  const more = async () => {
    setMoreError(undefined);
    setLoading(true);
    await fetchMore({ variables: { filter, after: list?.pageInfo.endCursor ?? null }, updateQuery: older }).catch(setMoreError);
    setLoading(false);
  };
  const renew = useCallback(async () => {
    const { data: now } = await client.query({ query: ChangesDocument, variables: { filter }, fetchPolicy: 'no-cache' });
    if (now === undefined) return;
    updateQuery((before) => (before.changes === undefined ? now : newer(before as ChangesQuery, now)));
    // An undone change shows that itself, also far down in the list.
    for (const { undoes } of now.changes.nodes.slice(0, 5)) {
      if (undoes !== null) await client.query({ query: OneChangeDocument, variables: { id: undoes }, fetchPolicy: 'network-only' });
    }
  }, [client, filter, updateQuery]);
  useChangeEvents(() => void renew().catch(() => undefined));
  return { list, error, stale: data === undefined, refetch, more, moreError, loading, renew };
}

function older(before: ChangesQuery, { fetchMoreResult: { changes } }: { fetchMoreResult: ChangesQuery }): ChangesQuery {
  const known = new Set(before.changes.nodes.map(({ id }) => id));
  return { changes: { ...changes, nodes: [...before.changes.nodes, ...changes.nodes.filter(({ id }) => !known.has(id))] } };
}

/** The list with the newest page before it; that page alone if it does not reach the list. */
function newer(before: ChangesQuery, now: ChangesQuery): ChangesQuery {
  const fresh = new Map(now.changes.nodes.map((each) => [each.id, each]));
  const old = before.changes.nodes.filter(({ id }) => !fresh.has(id));
  const reaches = old.length < before.changes.nodes.length || before.changes.nodes.length === 0;
  return reaches && old.length > 0 ? { changes: { ...before.changes, nodes: [...now.changes.nodes, ...old] } } : now;
}
