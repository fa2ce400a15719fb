import { NetworkStatus } from '@apollo/client';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { useMemo, useState } from 'react';

import type { Wanted } from '../../changes/undo.ts';
import { useChangeEvents } from '../../changes/useChangeEvents.ts';
import { useToast } from '../../shell/toast.tsx';
import { BinDocument, type BinQuery } from './bin.generated.ts';

export type Binned = BinQuery['bin']['nodes'][number];

/** The deleted channels that match, page after page, and as they are when somebody deletes or brings back. */
export function useBin(search: string) {
  const variables = useMemo(() => (search === '' ? {} : { search }), [search]);
  const { data, previousData, error, networkStatus, refetch, fetchMore } = useQuery(BinDocument, { variables });
  const list = (data ?? (networkStatus === NetworkStatus.setVariables ? previousData : undefined))?.bin as BinQuery['bin'] | undefined;
  const [moreError, setMoreError] = useState<unknown>();
  const more = async () => {
    const after = list?.pageInfo.endCursor;
    if (data === undefined || !list?.pageInfo.hasNextPage || after == null) return;
    setMoreError(undefined);
    await fetchMore({ variables: { ...variables, after }, updateQuery: joined }).catch(setMoreError);
  };
  useChangeEvents(() => void refetch().catch(() => undefined));
  return { variables, list, error, stale: data === undefined, refetch, more, moreError };
}

/** Selects all that match, also those that are not listed yet. */
export function useChooseRest(variables: { search?: string }, onChosen: (all: ReadonlyMap<string, Binned>) => void) {
  const client = useApolloClient();
  const toast = useToast();
  const [choosing, setChoosing] = useState(false);
  const chooseRest = async () => {
    setChoosing(true);
    try {
      const all = new Map<string, Binned>();
      for (let after: string | null = null, next = true; next; ) {
        const page: { data?: BinQuery | undefined } = await client.query({ query: BinDocument, variables: { ...variables, after }, fetchPolicy: 'no-cache' });
        for (const channel of page.data?.bin.nodes ?? []) all.set(channel.id, channel);
        ({ endCursor: after = null, hasNextPage: next = false } = page.data?.bin.pageInfo ?? {});
      }
      onChosen(all);
    } catch (failure) {
      toast.failed(failure);
    }
    setChoosing(false);
  };
  return { choosing, chooseRest };
}

/** What brings these channels back: of each deletion its part. */
export function wantedOf(channels: readonly Binned[]): Wanted[] {
  const parts = new Map<string, string[]>();
  for (const { change, cid } of channels) if (change !== null) parts.set(change, [...(parts.get(change) ?? []), cid]);
  return [...parts].map(([change, cids]) => ({ change, cids }));
}

function joined(before: BinQuery, { fetchMoreResult: { bin } }: { fetchMoreResult: BinQuery }): BinQuery {
  const known = new Set(before.bin.nodes.map(({ id }) => id));
  return { bin: { ...bin, nodes: [...before.bin.nodes, ...bin.nodes.filter(({ id }) => !known.has(id))] } };
}
