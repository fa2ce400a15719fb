import { useApolloClient, useQuery } from '@apollo/client/react';
import { Alert, Badge, Button } from '@mantine/core';
import { useHotkeys, useThrottledCallback } from '@mantine/hooks';
import { Hash, MessageSquareText, PencilLine, Snowflake, Sun, Users } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'wouter';

import { useSession } from '../../auth/session.ts';
import { useLive, useOnline } from '../../graphql/connection.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { Empty } from '../../shell/Empty.tsx';
import { ChannelAvatar } from '../../media/ChannelAvatar.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { useCommands } from '../../shell/palette.ts';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { cidOf } from '../channels/address.ts';
import { ChannelRestrictionsDocument } from '../users/users.generated.ts';
import styles from './Channel.module.css';
import {
  ChannelEventsDocument,
  ChannelHeadDocument,
  ChannelMembersDocument,
  ChannelMessagesDocument,
  SendMessageToChannelDocument,
  type ChannelHeadQuery,
  type PostFragment,
} from './channel.generated.ts';
import { useCopyText, useFreeze, usePin } from './actions.ts';
import { Composer } from './Composer.tsx';
import { Conversation } from './conversation.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { nameOf } from './draft.ts';
import { EditDialog } from './EditDialog.tsx';
import { Members } from './Members.tsx';
import { Outbox, outboxOf } from './outbox.ts';
import { Timeline, type TimelineHandle } from './Timeline.tsx';
import { useDraft } from './useDraft.ts';

const HEAD_PAUSE = 1_000;

/** A channel: its messages as they come, and where one writes. */
export default function Channel() {
  const cid = cidOf(useParams<{ cid: string }>().cid ?? '');
  const { holder } = useSession();
  if (holder === undefined) return null;
  return <OfUser key={`${holder.id} ${cid}`} cid={cid} user={holder} />;
}

type Head = NonNullable<ChannelHeadQuery['channel']>;

function OfUser({ cid, user }: { cid: string; user: { id: string; name: string } }) {
  const { t } = useTranslation('channel');
  const client = useApolloClient();
  const conversation = useMemo(() => new Conversation(client, cid), [client, cid]);
  const outbox = useMemo(() => outboxOf(client, user.id, cid), [client, user.id, cid]);
  const view = useSyncExternalStore(conversation.subscribe, () => conversation.view);
  const outgoing = useSyncExternalStore(outbox.subscribe, () => outbox.all);
  const { data, refetch } = useQuery(ChannelHeadDocument, { variables: { cid }, fetchPolicy: 'cache-first' });
  const head = (data?.channel ?? undefined) as Head | undefined;
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

  const { draft, change, take } = useDraft(user.id, cid);
  const [edited, setEdited] = useState<PostFragment>();
  const [removed, setRemoved] = useState<PostFragment>();
  const field = useRef<HTMLTextAreaElement>(null);
  const timeline = useRef<TimelineHandle>(null);
  const pin = usePin();
  const copyText = useCopyText();
  const actions = useMemo(() => ({ edit: setEdited, remove: setRemoved, pin, copy: copyText }), [pin, copyText]);
  const [params, setParams] = useSearchParams();
  const showMembers = (shown: boolean) => setParams(shown ? { members: '' } : {}, { replace: true });
  const { freeze, freezing } = useFreeze(head);
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

  const operations = [
    { document: SendMessageToChannelDocument, variables: { input: Outbox.inputOf(cid, draft) } },
    { document: ChannelEventsDocument, variables: { cid, after: head?.seq } },
    { document: ChannelMessagesDocument, variables: { cid, last: 50 } },
    { document: ChannelMembersDocument, variables: { cid } },
  ];
  const ready = view.state === 'ready';

  return (
    <Screen
      title={visible(head?.name ?? head?.id ?? cid)}
      icon={head !== undefined && <ChannelAvatar src={head.avatar} name={head.name ?? head.id} />}
      note={head !== undefined && <Note head={head} />}
      operations={operations}
      actions={
        ready && (
          <>
            <Button size="compact-sm" variant="default" leftSection={<Users size={16} aria-hidden />} onClick={() => showMembers(true)}>
              {t('members')}
            </Button>
            {head !== undefined && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={head.frozen ? <Sun size={16} aria-hidden /> : <Snowflake size={16} aria-hidden />}
                loading={freezing}
                onClick={() => void freeze(!head.frozen)}
              >
                {head.frozen ? t('unfreeze') : t('freeze')}
              </Button>
            )}
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
          {view.ended !== undefined && <Ended onRetry={() => void conversation.start()} />}
          {view.posts.length === 0 && outgoing.length === 0 ? (
            <Empty icon={MessageSquareText} title={t('empty')} lead={t('emptyLead')}>
              <Button onClick={() => field.current?.focus()}>{t('writeFirst')}</Button>
            </Empty>
          ) : (
            <Timeline
              conversation={conversation}
              view={view}
              outbox={outbox}
              outgoing={outgoing}
              actions={actions}
              onTake={(entry) => {
                take(entry.draft);
                outbox.discard(entry.key);
                field.current?.focus();
              }}
              handle={timeline}
            />
          )}
          <Pulse names={view.typing.map(nameOf)} />
        </Composer>
      )}
      {edited !== undefined && (
        <EditDialog
          post={edited}
          onClose={() => {
            setEdited(undefined);
            timeline.current?.focusPost(edited.id);
          }}
        />
      )}
      {removed !== undefined && (
        <DeleteDialog
          post={removed}
          onClose={() => {
            setRemoved(undefined);
            timeline.current?.focusPost(removed.id);
          }}
        />
      )}
      <Members cid={cid} opened={ready && params.has('members')} onClose={() => showMembers(false)} presence={view.presence} />
    </Screen>
  );
}

function Note({ head }: { head: Head }) {
  const { t } = useTranslation('channel');
  return (
    <span className={styles.note}>
      {head.frozen && (
        <Badge component="div" size="sm" variant="outline" color="gray">
          {t('frozen')}
        </Badge>
      )}
      <bdi>{visible(head.cid)}</bdi>
      <span>{t('memberCount', { count: head.memberCount })}</span>
      <span>{t('messageCount', { count: head.messageCount })}</span>
    </span>
  );
}

function Missing({ deleted = false }: { deleted?: boolean }) {
  const { t } = useTranslation('channel');
  return (
    <Empty icon={Hash} title={deleted ? t('deletedChannel') : t('noChannel')} lead={deleted ? t('deletedChannelLead') : t('noChannelLead')}>
      <Button component={Link} href="/channels">
        {t('toChannels')}
      </Button>
    </Empty>
  );
}

function Ended({ onRetry }: { onRetry(): void }) {
  const { t } = useTranslation('channel');
  const { t: tError } = useTranslation('errors');
  return (
    <Alert color="yellow" variant="light" title={t('ended')}>
      {t('endedLead')}{' '}
      <Button size="compact-sm" variant="default" onClick={onRetry}>
        {tError('retry')}
      </Button>
    </Alert>
  );
}

/** Between the messages and the composer: who types, or that nothing comes in just now. */
function Pulse({ names }: { names: readonly string[] }) {
  const { t } = useTranslation('channel');
  const { list } = useFormats();
  const live = useLive();
  const online = useOnline();
  return (
    <div className={styles.pulse}>
      {online && !live && <span className={styles.late} data-late>{t('notLive')}</span>}
      {names.length > 0 && <span>{names.length > 3 ? t('manyType') : t('type', { count: names.length, names: list.format(names) })}</span>}
    </div>
  );
}
