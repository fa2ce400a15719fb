import { useApolloClient, useQuery } from '@apollo/client/react';
import { useThrottledCallback } from '@mantine/hooks';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { useOnline } from '../../graphql/connection.ts';
import { ChannelRestrictionsDocument } from '../users/users.generated.ts';
import { ChannelHeadDocument, ChannelMembersDocument, type ChannelHeadQuery } from './channel.generated.ts';
import { Conversation } from './conversation.ts';
import { outboxOf } from './outbox.ts';

const HEAD_PAUSE = 1_000;

export type Head = NonNullable<ChannelHeadQuery['channel']>;

/** A channel with its messages and what the user sends, followed as long as it is shown. */
export function useConversation(cid: string, user: string) {
  const client = useApolloClient();
  const conversation = useMemo(() => new Conversation(client, cid), [client, cid]);
  const outbox = useMemo(() => outboxOf(client, user, cid), [client, user, cid]);
  const view = useSyncExternalStore(conversation.subscribe, () => conversation.view);
  const outgoing = useSyncExternalStore(outbox.subscribe, () => outbox.all);
  const { data, refetch } = useQuery(ChannelHeadDocument, { variables: { cid }, fetchPolicy: 'cache-first' });
  const again = useThrottledCallback(() => void refetch().catch(() => undefined), HEAD_PAUSE);

  useEffect(() => {
    void conversation.start();
    outbox.onLate = () => conversation.catchUp();
    const deaf = conversation.hear(({ type, message }) => {
      if (type === 'message.new' && message !== null) outbox.echo(message);
      again();
      if (type.startsWith('member.')) void client.refetchQueries({ include: [ChannelMembersDocument] });
      if (type.startsWith('user.')) void client.refetchQueries({ include: [ChannelRestrictionsDocument] });
    });
    return () => {
      deaf();
      conversation.stop();
    };
  }, [conversation, outbox, client, again]);

  // What failed for want of a server is tried again when it is back.
  const online = useOnline();
  useEffect(() => {
    if (!online) return;
    if (conversation.view.state === 'failed') void conversation.start();
    else if (conversation.view.error !== undefined) void conversation.loadOlder();
  }, [online, conversation]);

  const head: Head | undefined = data?.channel ?? undefined;
  return { conversation, outbox, view, outgoing, head, again };
}
