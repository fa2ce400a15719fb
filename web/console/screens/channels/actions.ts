import { useApolloClient } from '@apollo/client/react';
import { useMemo, useRef } from 'react';

import { changesIn } from '../../changes/answer.ts';
import { once } from '../../graphql/key.ts';
import type { CreateOrUpdateStreamChatChanelInput } from '../../graphql/types.generated.ts';
import {
  ChannelsDocument,
  CreateOrUpdateChannelDocument,
  DeleteChannelsDocument,
  FreezeChannelDocument,
  ListedChannelDocument,
  type ChatStreamChannelType,
  type ListedChannelFragment,
} from './channels.generated.ts';
import type { Channels } from './useChannels.ts';

/** A channel as somebody saw it. */
export type Seen = Pick<ListedChannelFragment, 'cid' | 'version'>;

/** More than these, or all that match, are a plan's business, which says before what it would do. */
export const FEW = 100;
const AT_ONCE = 8;

/** A channel as it is after it was saved, and the change that undo takes. */
export interface Saved {
  now: ListedChannelFragment | undefined;
  changes: readonly string[];
}

/** What can be done to channels. Each shows its effect in the list before it is over. */
export function useActions({ rows, patch }: Pick<Channels, 'rows' | 'patch'>) {
  const client = useApolloClient();
  const shown = useRef(rows);
  shown.current = rows;

  return useMemo(() => {
    const fetchOne = async (cid: string): Promise<ListedChannelFragment | undefined> => {
      const { data } = await client.query({ query: ListedChannelDocument, variables: { cid }, fetchPolicy: 'no-cache' });
      return data?.channel ?? undefined;
    };

    /** The channel just created, whose id the server made: one by that name that was not there before. */
    const findNew = async (name: string, type: ChatStreamChannelType, before: ReadonlySet<string>) => {
      const { data } = await client.query({
        query: ChannelsDocument,
        variables: { search: name, type, first: 1000 },
        fetchPolicy: 'no-cache',
      });
      return data?.channels.nodes.find((each) => each.name === name && !before.has(each.cid));
    };

    return {
      /** A channel as it is now, which the list shows too; undefined if it is gone. */
      async look(cid: string): Promise<ListedChannelFragment | undefined> {
        const channel = await fetchOne(cid);
        if (channel !== undefined) patch([channel], []);
        return channel;
      },

      /** Creates or changes a channel, and answers with it as it is now, and with what undo takes. */
      async save(input: CreateOrUpdateStreamChatChanelInput, key: string): Promise<Saved> {
        const before = new Set(shown.current?.map(({ cid }) => cid));
        const changes = changesIn(await client.mutate({ mutation: CreateOrUpdateChannelDocument, variables: { input }, context: once(key) }));
        const type = input.type ?? 'Livestream';
        const channel =
          typeof input.id === 'string'
            ? await fetchOne(`${input.typeName ?? type.toLowerCase()}:${input.id}`)
            : await findNew(input.name.trim(), type, before);
        if (channel !== undefined) patch([channel], []);
        return { now: channel, changes };
      },

      /** Freezes these, or thaws them, under a key of the whole; answers with those that it did as they are then, also where one failed, and with what undo takes. */
      async freeze(of: readonly Seen[], frozen: boolean, key: string): Promise<{ done: Seen[]; changes: string[]; error: unknown }> {
        const waiting = [...of];
        const done: Seen[] = [];
        const changes: string[] = [];
        let error: unknown;
        const work = async () => {
          for (let next = waiting.shift(); next !== undefined && error === undefined; next = waiting.shift()) {
            const { cid, version } = next;
            try {
              const answer = await client.mutate({
                mutation: FreezeChannelDocument,
                variables: { input: { cid, frozen, ifVersion: version } },
                context: once(`${key}:${cid}`),
              });
              changes.push(...changesIn(answer));
              const channel = answer.data?.freezeChannel?.channel;
              if (channel) patch([channel], []);
              done.push(channel ?? next);
            } catch (failure) {
              error ??= failure;
            }
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        return { done, changes, error };
      },

      /** Deletes these, all or none; answers with what undo takes. */
      async delete(cids: readonly string[], key: string, reason: { reason?: string }): Promise<string[]> {
        return changesIn(
          await client.mutate({
            mutation: DeleteChannelsDocument,
            variables: { input: { cids: [...cids], ...reason } },
            context: once(key),
          }),
        );
      },
    };
  }, [client, patch]);
}

export type Actions = ReturnType<typeof useActions>;
