import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import styles from './Channel.module.css';
import type { Head } from './useConversation.ts';

/** Beside the title: which channel it is, and how much is in it. */
export function Note({ head }: { head: Head }) {
  const { t } = useTranslation('channel');
  return (
    <span className={styles.note}>
      {head.frozen && (
        <Badge component="div" size="sm" variant="outline" color="gray">
          {t('frozen')}
        </Badge>
      )}
      <bdi dir="ltr">{visible(head.cid)}</bdi>
      <span>{t('memberCount', { count: head.memberCount })}</span>
      <span>{t('messageCount', { count: head.messageCount })}</span>
    </span>
  );
}
