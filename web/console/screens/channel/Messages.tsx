import { Alert, Button } from '@mantine/core';
import { MessageSquareText } from 'lucide-react';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { useLive, useOnline } from '../../graphql/connection.ts';
import { nameOf } from '../../people.ts';
import { Empty } from '../../shell/Empty.tsx';
import styles from './Channel.module.css';
import type { Conversation, View } from './conversation.ts';
import type { Draft } from './draft.ts';
import type { MessageActions } from './messageActions.ts';
import type { Outbox, Outgoing } from './outbox.ts';
import { Timeline, type TimelineHandle } from './Timeline.tsx';

interface Props {
  conversation: Conversation;
  view: View;
  outbox: Outbox;
  outgoing: readonly Outgoing[];
  actions: MessageActions;
  /** Takes a message that failed back to the composer. */
  onTake(draft: Draft): void;
  field: RefObject<HTMLTextAreaElement | null>;
  timeline: RefObject<TimelineHandle | null>;
}

/** The messages, or that there are none, with what is to be said of the live connection. */
export function Messages({ conversation, view, outbox, outgoing, actions, onTake, field, timeline }: Props) {
  const { t } = useTranslation('channel');
  return (
    <>
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
            onTake(entry.draft);
            outbox.discard(entry.key);
            field.current?.focus();
          }}
          handle={timeline}
        />
      )}
      <Pulse names={view.typing.map(nameOf)} />
    </>
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
  const live = useLive();
  const online = useOnline();
  return (
    <div className={styles.pulse}>
      {online && !live && <span className={styles.late} data-late>{t('notLive')}</span>}
      {names.length > 0 && <span>{names.length > 3 ? t('manyType') : t('type', { count: names.length, names })}</span>}
    </div>
  );
}
