import { useApolloClient, useSubscription } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { useLive, useOnline } from '../../graphql/connection.ts';
import {
  ChannelChangesDocument,
  ChannelsDocument,
  ListedChannelDocument,
  type ChannelsQuery,
  type ListedChannelFragment,
} from './channels.generated.ts';
import { place } from './place.ts';
import { patched, reused, rowOf, type Row } from './rows.ts';

/** Events come in bursts, e.g. of a hundred deletions. */
const GATHER = 100;
/** Above this many the whole list is asked for again. */
const ONE_BY_ONE = 10;
/** How long the list waits for events to come in. */
const PATIENCE = 300;
/** Messages make no event here: their numbers are fetched now and then. */
const FRESH = 60_000;

export interface Channels {
  /** By name; undefined until they are there. */
  rows: readonly Row[] | undefined;
  /** Why they could not be fetched; older ones may be there all the same. */
  error: unknown;
  reload(): Promise<void>;
  /** Shows what is known to have changed, before the server's event says so. */
  patch(changed: readonly ListedChannelFragment[], gone: readonly string[]): void;
}

/**
 * All channels, kept up to date. They don't go through Apollo's cache: to put
 * 10,000 objects into it takes longer than to fetch them.
 */
export function useChannels(): Channels {
  const client = useApolloClient();
  const online = useOnline();
  const live = useLive();
  const [rows, setRows] = useState(place.rows);
  useEffect(() => void (place.rows = rows), [rows]);
  const [error, setError] = useState<unknown>();
  const asked = useRef(0);
  const changes = useRef(0);

  const patch = useCallback((changed: readonly ListedChannelFragment[], gone: readonly string[]) => {
    changes.current++;
    setRows((before) => before && patched(before, changed.map(rowOf), new Set(gone)));
  }, []);

  const reload = useCallback(async (): Promise<void> => {
    const call = ++asked.current;
    const before = changes.current;
    try {
      const now: Row[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { data }: { data?: ChannelsQuery | undefined } = await client.query({
          query: ChannelsDocument,
          variables: { after },
          fetchPolicy: 'no-cache',
        });
        if (data === undefined) throw new Error('no answer');
        for (const channel of data.channels.nodes) now.push(rowOf(channel));
        ({ hasNextPage: more, endCursor: after } = data.channels.pageInfo);
      }
      if (call !== asked.current) return; // A newer one is under way.
      if (before !== changes.current) return await reload(); // It may be older than what is shown.
      setRows((before) => (before === undefined ? now : reused(before, now)));
      setError(undefined);
    } catch (failure) {
      if (call === asked.current) setError(failure);
    }
  }, [client]);

  // First the events, then the list: what happens between the two is in both. A
  // loss of events has the list fetched anew, since no event tells what was missed.
  useEffect(() => {
    if (!online) return;
    const timer = setTimeout(() => void reload(), live ? 0 : PATIENCE);
    return () => clearTimeout(timer);
  }, [online, live, reload]);

  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') requestIdleCallback(() => void reload());
    };
    const timer = setInterval(refresh, FRESH);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [reload]);

  useChanges(patch, reload);
  return useMemo(() => ({ rows, error, reload, patch }), [rows, error, reload, patch]);
}

function useChanges(patch: Channels['patch'], reload: Channels['reload']): void {
  const client = useApolloClient();
  const gathered = useRef({ seq: -1, changed: new Set<string>(), gone: new Set<string>(), timer: 0 });

  const apply = useCallback(async () => {
    const { changed, gone } = gathered.current;
    const cids = [...changed];
    const left = [...gone];
    changed.clear();
    gone.clear();
    if (left.length > 0) patch([], left);
    if (cids.length > ONE_BY_ONE) return reload();
    try {
      const answers = await Promise.all(
        cids.map((cid) => client.query({ query: ListedChannelDocument, variables: { cid }, fetchPolicy: 'no-cache' })),
      );
      const found = answers.flatMap(({ data }) => data?.channel ?? []);
      if (found.length > 0) patch(found, []);
    } catch {
      // The list is asked for again when the server is back.
    }
  }, [client, patch, reload]);

  useSubscription(ChannelChangesDocument, {
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      const event = data?.backofficeEvents;
      const all = gathered.current;
      if (event === undefined || event.cid === null || event.seq <= all.seq) return;
      all.seq = event.seq;
      if (event.type === 'channel.deleted') {
        all.gone.add(event.cid);
        all.changed.delete(event.cid);
      } else if (event.type === 'channel.created' || event.type === 'channel.updated') {
        all.changed.add(event.cid);
        all.gone.delete(event.cid);
      } else return;
      clearTimeout(all.timer);
      all.timer = window.setTimeout(() => void apply(), GATHER);
    },
  });
  useEffect(() => () => clearTimeout(gathered.current.timer), []);
}
