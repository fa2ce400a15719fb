import { Button, Menu } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { History, MessageSquareText, Pencil, PencilLine, Snowflake, Sun, Trash2, Users } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'wouter';

import { useSession } from '../../auth/session.ts';
import { visible } from '../../i18n/visible.ts';
import { ChannelAvatar } from '../../media/ChannelAvatar.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { useCommands } from '../../shell/palette.ts';
import { placeOf } from '../../shell/place.ts';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { cidOf } from '../channels/address.ts';
import { useFreeze } from './actions.ts';
import { ChannelEventsDocument, ChannelMembersDocument, ChannelMessagesDocument, SendMessageToChannelDocument } from './channel.generated.ts';
import { Composer } from './Composer.tsx';
import { Dialogs, useDialogs } from './Dialogs.tsx';
import { Messages } from './Messages.tsx';
import { Missing } from './Missing.tsx';
import { Note } from './Note.tsx';
import { Outbox } from './outbox.ts';
import type { TimelineHandle } from './Timeline.tsx';
import { useConversation } from './useConversation.ts';
import { useDraft } from './useDraft.ts';

/** A channel: its messages as they come, and where one writes. */
export default function Channel() {
  const cid = cidOf(useParams<{ cid: string }>().cid ?? '');
  const { holder } = useSession();
  if (holder === undefined) return null;
  return <OfUser key={`${holder.id} ${cid}`} cid={cid} user={holder} />;
}

function OfUser({ cid, user }: { cid: string; user: { id: string; name: string } }) {
  const { t } = useTranslation('channel');
  const { conversation, outbox, view, outgoing, head, again } = useConversation(cid, user.id);
  const { draft, change, take } = useDraft(user.id, cid);
  const field = useRef<HTMLTextAreaElement>(null);
  const timeline = useRef<TimelineHandle>(null);
  const dialogs = useDialogs(timeline);
  const [params, setParams] = useSearchParams();
  const showMembers = (shown: boolean) => setParams(shown ? { members: '' } : {}, { replace: true });
  const { freeze, freezing } = useFreeze(head, again);
  useHotkeys([['c', () => field.current?.focus()]]);
  useCommands(
    useMemo(
      () => [
        { id: 'channel-write', label: t('commandWrite'), icon: PencilLine, run: () => requestAnimationFrame(() => field.current?.focus()) },
        { id: 'channel-latest', label: t('latest'), icon: MessageSquareText, run: () => timeline.current?.toEnd() },
      ],
      [t],
    ),
  );

  const ready = view.state === 'ready';
  return (
    <Screen
      title={visible(head?.name ?? head?.id ?? cid)}
      back={{ href: placeOf('/channels'), label: t('back') }}
      icon={head !== undefined && <ChannelAvatar src={head.avatar} name={head.name ?? head.id} />}
      note={head !== undefined && <Note head={head} />}
      operations={[
        { document: SendMessageToChannelDocument, variables: { input: Outbox.inputOf(cid, draft) } },
        { document: ChannelEventsDocument, variables: { cid, after: head?.seq } },
        { document: ChannelMessagesDocument, variables: { cid, last: 50 } },
        { document: ChannelMembersDocument, variables: { cid } },
      ]}
      actions={
        ready && (
          <>
            <Button size="compact-sm" variant="default" leftSection={<Users size={16} aria-hidden />} onClick={() => showMembers(true)}>
              {t('members')}
            </Button>
            {head !== undefined && (
              <Button size="compact-sm" variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={() => dialogs.set({ what: 'channel' })}>
                {t('editChannel')}
              </Button>
            )}
          </>
        )
      }
      menu={
        ready &&
        head !== undefined && (
          <>
            <Menu.Item disabled={freezing} leftSection={head.frozen ? <Sun size={16} aria-hidden /> : <Snowflake size={16} aria-hidden />} onClick={() => void freeze(!head.frozen)}>
              {head.frozen ? t('unfreeze') : t('freeze')}
            </Menu.Item>
            <Menu.Item component={Link} href={`/activity?cid=${encodeURIComponent(cid)}`} leftSection={<History size={16} aria-hidden />}>
              {t('activity')}
            </Menu.Item>
            <Menu.Item c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => dialogs.set({ what: 'deletion' })}>
              {t('deleteChannel')}
            </Menu.Item>
          </>
        )
      }
      fill
      reading
    >
      {view.state === 'loading' && <LoadingRows />}
      {view.state === 'failed' && <Failure error={view.error} onRetry={() => void conversation.start()} />}
      {view.state === 'missing' && <Missing />}
      {ready && view.ended === 'NOT_FOUND' && <Missing deleted />}
      {ready && view.ended !== 'NOT_FOUND' && (
        <Composer
          draft={draft}
          onChange={change}
          onSend={(draft) => outbox.send(draft)}
          sender={{ id: user.id, name: user.name }}
          frozen={head?.frozen === true}
          place={`${user.id}:${cid}`}
          field={field}
        >
          <Messages conversation={conversation} view={view} outbox={outbox} outgoing={outgoing} actions={dialogs.actions} onTake={take} field={field} timeline={timeline} />
        </Composer>
      )}
      <Dialogs dialogs={dialogs} cid={cid} head={head} posts={view.posts} onChanged={again} members={ready && params.has('members')} onMembersClosed={() => showMembers(false)} presence={view.presence} />
    </Screen>
  );
}
