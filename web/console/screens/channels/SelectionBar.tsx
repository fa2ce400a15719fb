import { Button, CloseButton, Text } from '@mantine/core';
import { Snowflake, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './Channels.module.css';
import type { Row } from './rows.ts';
import type { Ticks } from './ticks.ts';

interface Props {
  ticked: readonly Row[];
  /** How many of those the search and filter hide. */
  hidden: number;
  /** Those that match. */
  rows: readonly Row[];
  ticks: Ticks;
  onFreeze(rows: readonly Row[], frozen: boolean): Promise<void>;
  onDelete(): void;
}

/** What can be done with the ticked channels. */
export function SelectionBar({ ticked, hidden, rows, ticks, onFreeze, onDelete }: Props) {
  const { t } = useTranslation('channels');
  const [busy, setBusy] = useState(false);
  const thaw = ticked.every(({ frozen }) => frozen);
  const freeze = async () => {
    setBusy(true);
    await onFreeze(ticked, !thaw);
    setBusy(false);
  };
  return (
    <section className={styles.selection} aria-label={t('selection')}>
      <CloseButton aria-label={t('clearTicks')} onClick={ticks.clear} />
      <Text component="span" role="status" fw={600}>
        {t('ticked', { count: ticked.length })}
        {hidden > 0 && ` (${t('tickedHidden', { count: hidden })})`}
      </Text>
      {ticked.length - hidden < rows.length && (
        <Button size="compact-sm" variant="subtle" onClick={() => ticks.set(rows, true)}>
          {t('tickAll', { count: rows.length })}
        </Button>
      )}
      <span className={styles.gap} />
      <Button size="compact-sm" variant="default" loading={busy} leftSection={<Snowflake size={16} aria-hidden />} onClick={() => void freeze()}>
        {thaw ? t('thaw') : t('freeze')}
      </Button>
      <Button size="compact-sm" color="red" leftSection={<Trash2 size={16} aria-hidden />} onClick={onDelete}>
        {t('delete')}
      </Button>
    </section>
  );
}
