import { Alert, Button, Group, Loader, Text, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorInWords } from '../../graphql/errors.ts';
import { visible } from '../../i18n/visible.ts';
import { nameOf } from '../../people.ts';
import type { PostFragment } from './channel.generated.ts';
import type { View } from './conversation.ts';
import styles from './Timeline.module.css';

const READ_ALOUD = 300;

/** What stands above the first message: that it is the first, or that older ones are coming. */
export function Top({ view: { hasOlder } }: { view: View }) {
  const { t } = useTranslation('channel');
  return (
    <div className={styles.top}>
      {hasOlder ? (
        <Loader size="xs" color="gray" aria-hidden />
      ) : (
        <Text c="dimmed" fz="xs">
          {t('begins')}
        </Text>
      )}
    </div>
  );
}

/** Why older messages did not come; above the feed, which may hold nothing but messages. */
export function OlderFailed({ error, onRetry }: { error: unknown; onRetry(): void }) {
  const { t } = useTranslation('channel');
  const inWords = useErrorInWords();
  return (
    <Alert className={styles.failed ?? ''} color="red" variant="light" p="xs">
      <Group gap="xs" justify="center">
        {inWords(error).text}
        <Button size="compact-xs" variant="default" onClick={onRetry}>
          {t('loadOlder')}
        </Button>
      </Group>
    </Alert>
  );
}

/** Lets screen readers hear what arrives. */
export function ReadAloud({ post }: { post: PostFragment | undefined }) {
  const heard = useRef(post?.seq ?? 0);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (post === undefined || post.seq <= heard.current) return;
    heard.current = post.seq;
    setWords(`${visible(nameOf(post.sender))}: ${post.text.slice(0, READ_ALOUD)}`);
  }, [post]);
  return <VisuallyHidden role="status">{words}</VisuallyHidden>;
}

/** The day and the author of what is at the top, where both have scrolled away. */
export function InSight({ name, id, alike, day }: { name: string; id: string; alike: boolean; day: string }) {
  return (
    <div className={styles.inSight} aria-hidden>
      <bdi className={styles.inSightName} title={id}>
        {visible(name)}
      </bdi>
      {alike && <bdi>{id}</bdi>}
      <span>{day}</span>
    </div>
  );
}
