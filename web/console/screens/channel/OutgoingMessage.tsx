import { Alert, Button, Group, Loader, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useErrorInWords } from '../../graphql/errors.ts';
import { isPicture, mentionedIn } from './draft.ts';
import { MessageBody } from './MessageBody.tsx';
import type { Outbox, Outgoing } from './outbox.ts';
import styles from './OutgoingMessage.module.css';

/** A message that is not there yet: on its way, or with the reason why it isn't. */
export function OutgoingMessage({ entry, outbox, onTake }: { entry: Outgoing; outbox: Outbox; onTake(entry: Outgoing): void }) {
  const { t } = useTranslation('channel');
  const { t: tError } = useTranslation('errors');
  const inWords = useErrorInWords();
  const failed = entry.state === 'failed';
  const why = entry.error === undefined ? { text: t('sendInterrupted'), requestId: undefined } : inWords(entry.error);
  return (
    <div className={styles.outgoing} data-outgoing={entry.state}>
      <div className={`${styles.body} ${failed ? '' : styles.pale}`}>
        <MessageBody text={entry.draft.text} people={mentionedIn(entry.draft)} attachments={shownOf(entry.draft)} />
      </div>
      {failed ? (
        <Alert mt={6} p="xs" color="red" variant="light" icon={<TriangleAlert size={16} aria-hidden />} title={t('notSent')}>
          <Text fz="sm">{why.text}</Text>
          {why.requestId !== undefined && (
            <Text fz="xs" c="dimmed">
              {tError('requestId', { id: why.requestId })}
            </Text>
          )}
          <Group gap="xs" mt="xs">
            <Button size="compact-sm" onClick={() => outbox.retry(entry.key)}>
              {t('sendAgain')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => onTake(entry)}>
              {t('backToComposer')}
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" c="inherit" onClick={() => outbox.discard(entry.key)}>
              {t('discard')}
            </Button>
          </Group>
        </Alert>
      ) : (
        <Group gap={6} className={styles.state ?? ''}>
          {entry.state === 'sending' && <Loader size={12} color="gray" aria-hidden />}
          {entry.state === 'sending' ? t('sending') : t('sent')}
        </Group>
      )}
    </div>
  );
}

/** A draft's attachments as the server will show them. */
export function shownOf({ attachments }: Outgoing['draft']) {
  return attachments.map(({ assetUrl, title, titleLink, thumbUrl = null, width = null, height = null }) => ({
    type: isPicture(assetUrl) ? 'image' : 'video',
    assetUrl,
    title,
    titleLink: titleLink === '' ? null : titleLink,
    thumbUrl,
    width,
    height,
  }));
}
